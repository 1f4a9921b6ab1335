import { bytesToHex, decode, encode } from '@tacit/base'
import type { CryptoProvider } from '@tacit/crypto'
import { native } from '@tacit/crypto/native'
import { portable } from '@tacit/crypto/portable'
import { describe, expect, test } from 'vitest'
import type { Header } from './header.ts'
import {
  finalityThreshold,
  grandpaJustification,
  precommitMessage,
  verifyJustification,
  type GrandpaJustification,
  type JustificationInput,
  type Precommit,
  type SignedPrecommit,
} from './justification.ts'
import {
  childOf,
  genesisOf,
  hashOf,
  justify,
  signVote,
  targetOf,
  testSet,
  type TestSet,
} from './testing/kit.ts'

const four = testSet([1, 1, 1, 1])
const genesis = genesisOf(four.set).header
const header = childOf(genesis)

function input(
  justification: GrandpaJustification,
  { set }: TestSet = four,
  provider: CryptoProvider = native,
): JustificationInput {
  const target = { hash: hashOf(header), number: header.number }
  return {
    justification,
    target,
    set,
    hashes: provider.hashes,
    verify: (check) => provider.verify(check),
  }
}

function codeOf(justification: GrandpaJustification, set?: TestSet): string {
  const result = verifyJustification(input(justification, set))
  return result.ok ? 'ok' : result.error.code
}

function withVotes(
  precommits: readonly SignedPrecommit[],
  votesAncestries: readonly Header[] = [],
): GrandpaJustification {
  return { round: 7n, commit: { ...targetOf(header), precommits }, votesAncestries }
}

describe('weights', () => {
  test.each([
    [[1], 1n],
    [[1, 1], 2n],
    [[1, 1, 1], 3n],
    [[1, 1, 1, 1], 3n],
    [[1, 1, 1, 1, 1, 1, 1], 5n],
    [[10, 20, 30, 40], 67n],
    [[100], 67n],
    [[99], 67n],
  ])('%j needs %s', (weights, needed) => {
    const { set } = testSet(weights)
    expect(finalityThreshold(set.authorities)).toBe(needed)
    const total = BigInt(weights.reduce((sum, one) => sum + one))
    // More than two thirds, and nothing less would be.
    expect(3n * needed > 2n * total && 3n * (needed - 1n) <= 2n * total).toBe(true)
  })

  test('one key', () => {
    const one = testSet([5])
    expect(codeOf(justify(header, one), one)).toBe('ok')
    expect(codeOf(justify(header, one, []), one)).toBe('justification_below_threshold')
  })

  test('four unequal keys: exactly the threshold, and one below', () => {
    const set = testSet([10, 20, 37, 33])
    expect(codeOf(justify(header, set, [0, 1, 2]), set)).toBe('ok')
    const below = testSet([10, 20, 36, 34])
    expect(verifyJustification(input(justify(header, below, [2, 1, 0]), below))).toEqual({
      ok: false,
      error: { code: 'justification_below_threshold', weight: 66n, needed: 67n },
    })
  })

  test('seven keys: any five of equal weight', () => {
    const seven = testSet([1, 1, 1, 1, 1, 1, 1])
    expect(codeOf(justify(header, seven, [6, 0, 3, 1, 5]), seven)).toBe('ok')
    expect(codeOf(justify(header, seven, [6, 0, 3, 1]), seven)).toBe(
      'justification_below_threshold',
    )
  })

  test('keys of the largest weight: nothing overflows', () => {
    const { keys, set } = testSet([1, 1, 1])
    const weight = 2n ** 64n - 1n
    const huge = {
      keys,
      set: { ...set, authorities: set.authorities.map((one) => ({ ...one, weight })) },
    }
    expect(codeOf(justify(header, huge), huge)).toBe('ok')
    expect(codeOf(justify(header, huge, [0, 1]), huge)).toBe('justification_below_threshold')
  })

  test('a key of no weight votes without effect', () => {
    const set = testSet([1, 1, 1, 0])
    expect(codeOf(justify(header, set), set)).toBe('ok')
    expect(codeOf(justify(header, set, [0, 1, 3]), set)).toBe('justification_below_threshold')
  })

  test('a key that is listed twice votes once, with both weights', () => {
    const { keys, set } = testSet([3, 1])
    const [first, second] = set.authorities
    if (!first || !second) throw new Error('no keys')
    const authorities = [first, second, { ...first, weight: 4n }]
    const twice = { keys, set: { ...set, authorities } }
    expect(codeOf(justify(header, twice, [0]), twice)).toBe('ok')
    expect(codeOf(justify(header, twice, [1]), twice)).toBe('justification_below_threshold')
    expect(codeOf(justify(header, twice, [0, 0]), twice)).toBe('vote_duplicate')
  })

  test('empty sets and sets without weight', () => {
    for (const weights of [[], [0, 0]]) {
      const set = testSet(weights)
      expect(codeOf(justify(header, set), set)).toBe('authorities_empty')
    }
  })
})

describe('refused', () => {
  test('another target: hash or number', () => {
    const good = justify(header, four)
    const { commit } = good
    const other = hashOf(childOf(header))
    expect(codeOf({ ...good, commit: { ...commit, targetHash: other } })).toBe(
      'justification_wrong_target',
    )
    expect(codeOf({ ...good, commit: { ...commit, targetNumber: 2 } })).toBe(
      'justification_wrong_target',
    )
  })

  test('a vote of a stranger', () => {
    const stranger = testSet([1], 9).keys.map((key) =>
      signVote({ key, precommit: targetOf(header) }, 7n, 0n),
    )
    const votes = [...justify(header, four).commit.precommits, ...stranger]
    expect(codeOf(withVotes(votes))).toBe('vote_unknown_authority')
  })

  test('an authority twice, for the same or for two blocks', () => {
    const child = childOf(header)
    const [key] = four.keys
    if (!key) throw new Error('no key')
    const again = signVote({ key, precommit: targetOf(child) }, 7n, 0n)
    const votes = justify(header, four).commit.precommits
    expect(codeOf(withVotes([...votes, ...votes.slice(0, 1)]))).toBe('vote_duplicate')
    expect(codeOf(withVotes([...votes, again], [child]))).toBe('vote_duplicate')
  })

  test('signatures: changed, of another round, set, target or key', () => {
    const good = justify(header, four)
    const [vote, ...rest] = good.commit.precommits
    const [, second] = four.keys
    const [first] = four.keys
    if (!vote || !first || !second) throw new Error('no key')
    const precommit = targetOf(header)
    const signature = Uint8Array.from(vote.signature)
    signature[0] = (signature[0] ?? 0) ^ 1
    const bad: SignedPrecommit[] = [
      { ...vote, signature },
      { ...vote, signature: signVote({ key: first, precommit }, 8n, 0n).signature },
      { ...vote, signature: signVote({ key: first, precommit }, 7n, 1n).signature },
      { ...vote, signature: signVote({ key: second, precommit }, 7n, 0n).signature },
      {
        ...vote,
        signature: signVote({ key: first, precommit: targetOf(childOf(header)) }, 7n, 0n).signature,
      },
      { ...vote, signature: first.sign(new Uint8Array(53)) },
    ]
    for (const one of bad) expect(codeOf(withVotes([one, ...rest]))).toBe('vote_signature_invalid')
    expect(codeOf({ ...good, round: 8n })).toBe('vote_signature_invalid')
    const laterSet = { ...four, set: { ...four.set, setId: 1n } }
    expect(codeOf(good, laterSet)).toBe('vote_signature_invalid')
  })

  test('one bad vote is enough, also where the others would do', () => {
    const votes = [...justify(header, four).commit.precommits]
    const last = votes.pop()
    if (!last) throw new Error('no vote')
    expect(codeOf(withVotes(votes))).toBe('ok')
    const bad = { ...last, signature: new Uint8Array(64) }
    expect(codeOf(withVotes([...votes, bad]))).toBe('vote_signature_invalid')
  })
})

describe('votes for later blocks', () => {
  const child = childOf(header)
  const grandchild = childOf(child)
  const sibling = childOf(header, [{ type: 'Other', value: Uint8Array.of(1) }])

  function votesFor(...targets: readonly Header[]): readonly SignedPrecommit[] {
    return targets.flatMap((target, at) => {
      const key = four.keys[at]
      return key ? [signVote({ key, precommit: targetOf(target) }, 7n, 0n)] : []
    })
  }

  test('count for the target where the headers between are shown, in any order', () => {
    const votes = votesFor(grandchild, header, sibling, child)
    expect(codeOf(withVotes(votes, [grandchild, sibling, child]))).toBe('ok')
    expect(codeOf(withVotes(votes, [child, grandchild, sibling]))).toBe('ok')
  })

  test('several votes share a way', () => {
    const votes = votesFor(child, grandchild, grandchild, grandchild)
    expect(codeOf(withVotes(votes, [child, grandchild]))).toBe('ok')
  })

  test('are unrelated where a header is missing', () => {
    const votes = votesFor(grandchild, header, header)
    expect(codeOf(withVotes(votes, [grandchild]))).toBe('vote_unrelated')
    expect(codeOf(withVotes(votes, [child]))).toBe('vote_unrelated')
    expect(codeOf(withVotes(votes, []))).toBe('vote_unrelated')
  })

  test('are unrelated on another branch, below the target, and with a wrong number', () => {
    const other = childOf(genesis, [{ type: 'Other', value: Uint8Array.of(2) }])
    const onOther = childOf(other)
    expect(codeOf(withVotes(votesFor(onOther, header, header), [onOther]))).toBe('vote_unrelated')
    expect(codeOf(withVotes(votesFor(other, header, header)))).toBe('vote_unrelated')
    expect(codeOf(withVotes(votesFor(genesis, header, header)))).toBe('vote_unrelated')
    const skipping = childOf(header, [], 1)
    expect(codeOf(withVotes(votesFor(skipping, header, header), [skipping]))).toBe('vote_unrelated')
    const wrong: readonly (readonly [Precommit, Header[]])[] = [
      [{ ...targetOf(child), targetNumber: 3 }, [child]],
      [{ ...targetOf(skipping), targetNumber: 2 }, [skipping]],
      [{ ...targetOf(header), targetNumber: 0 }, []],
      [{ ...targetOf(header), targetNumber: 2 }, [header]],
    ]
    for (const [precommit, ancestry] of wrong) {
      const votes = four.keys.map((key) => signVote({ key, precommit }, 7n, 0n))
      expect(codeOf(withVotes(votes, ancestry))).toBe('vote_unrelated')
    }
  })

  test('a vote for the largest number costs nothing', () => {
    const farAway = { ...targetOf(child), targetNumber: 2 ** 32 - 1 }
    const votes = four.keys.map((key) => signVote({ key, precommit: farAway }, 7n, 0n))
    expect(codeOf(withVotes(votes, [child]))).toBe('vote_unrelated')
  })

  test('headers that no vote needs are refused: strange, twice, the target itself', () => {
    const votes = votesFor(child, header, header)
    expect(codeOf(withVotes(votes, [child]))).toBe('ok')
    for (const unused of [
      [child, sibling],
      [child, child],
      [child, header],
      [child, grandchild],
    ]) {
      expect(codeOf(withVotes(votes, unused))).toBe('ancestry_unused')
    }
  })
})

describe('on the wire', () => {
  test('the signed message, byte for byte', () => {
    const precommit = { targetHash: hashOf(header), targetNumber: 0x01020304 }
    const message = precommitMessage(precommit, 5n, 6n)
    const expected = `01${bytesToHex(precommit.targetHash)}0403020105000000000000000600000000000000`
    expect(bytesToHex(message)).toBe(expected)
    expect(message).toHaveLength(53)
  })

  test('a justification survives, cut or longer it is malformed', () => {
    const child = childOf(header)
    const good = { ...justify(header, four), votesAncestries: [child] }
    const bytes = encode(grandpaJustification, good)
    expect(decode(grandpaJustification, bytes)).toEqual({ ok: true, value: good })
    // round, target, count and four votes, then the ancestries.
    expect(bytes).toHaveLength(8 + 36 + 1 + 4 * (36 + 64 + 32) + 1 + 98)
    const malformed = { ok: false, error: { code: 'scale_malformed' } }
    for (const length of [0, 7, 8, 44, 45, 100, bytes.length - 1]) {
      expect(decode(grandpaJustification, bytes.subarray(0, length))).toMatchObject(malformed)
    }
    expect(decode(grandpaJustification, Uint8Array.of(...bytes, 0))).toMatchObject(malformed)
  })

  test('portable cryptography decides the same', () => {
    const good = justify(header, four)
    expect(verifyJustification(input(good, four, portable))).toEqual({ ok: true })
    expect(verifyJustification(input({ ...good, round: 8n }, four, portable))).toEqual({
      ok: false,
      error: { code: 'vote_signature_invalid' },
    })
  })
})
