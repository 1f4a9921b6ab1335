import { bytesToHex, decode, encode, parseHex, unwrap } from '@tacit/base'
import { native } from '@tacit/crypto/native'
import { portable } from '@tacit/crypto/portable'
import { describe, expect, it } from 'vitest'
import type { AuthoritySet } from './authorities.ts'
import {
  grandpaJustification,
  verifyJustification,
  type GrandpaJustification,
  type JustificationInput,
} from './justification.ts'
import document from './substrate-justification.json' with { type: 'json' }

const bytes = unwrap(parseHex(document.justification))
const justification = unwrap(decode(grandpaJustification, bytes))
const { commit } = justification
/** The set's size is not on record: it is taken to be those who voted, each with one vote. */
const set: AuthoritySet = {
  setId: BigInt(document.setId),
  authorities: commit.precommits.map(({ id }) => ({ id, weight: 1n })),
}
const input = (change: Partial<JustificationInput> = {}): JustificationInput => ({
  justification,
  target: { hash: commit.targetHash, number: commit.targetNumber },
  set,
  ...native,
  ...change,
})
const codeOf = (change: Partial<JustificationInput>): string | undefined => {
  const result = verifyJustification(input(change))
  return result.ok ? undefined : result.error.code
}

/** Signatures of validators that ran Parity's client: message, codec and rule as theirs. */
describe("a justification that Parity's client made", () => {
  it('is the one on record', () => {
    expect(bytesToHex(native.hashes.sha256(bytes))).toBe(document.sha256)
    expect(commit.precommits).toHaveLength(document.count)
    expect(commit.targetNumber).toBe(302_592)
  })

  it('encodes to the same bytes', () => {
    expect(encode(grandpaJustification, justification)).toEqual(bytes)
  })

  it('verifies with either provider', () => {
    expect(verifyJustification(input())).toEqual({ ok: true })
    expect(codeOf(portable)).toBeUndefined()
  })

  it('does not verify for another set, round or block', () => {
    const { targetNumber } = commit
    expect(codeOf({ set: { ...set, setId: 1n } })).toBe('vote_signature_invalid')
    const round = justification.round + 1n
    expect(codeOf({ justification: { ...justification, round } })).toBe('vote_signature_invalid')
    const moved: GrandpaJustification = {
      ...justification,
      commit: {
        ...commit,
        targetNumber: targetNumber + 1,
        precommits: commit.precommits.map((vote) => ({
          ...vote,
          precommit: { ...vote.precommit, targetNumber: targetNumber + 1 },
        })),
      },
    }
    const target = { hash: commit.targetHash, number: targetNumber + 1 }
    expect(codeOf({ justification: moved, target })).toBe('vote_signature_invalid')
  })
})
