import {
  bytesToHex,
  encode,
  equalBytes,
  err,
  fixedBytes,
  hash256,
  ok,
  struct,
  u32,
  u64,
  u8,
  vec,
  type Codec,
  type Hash,
  type Result,
} from '@tacit/base'
import type { Hashes, SignatureCheck } from '@tacit/crypto'
import { MAX_AUTHORITIES, type Authority, type AuthoritySet } from './authorities.ts'
import { headerCodec, headerHash, type Header } from './header.ts'

/** A vote for a block and all before it. */
export type Precommit = { readonly targetHash: Hash; readonly targetNumber: number }
export type SignedPrecommit = {
  readonly precommit: Precommit
  readonly signature: Uint8Array
  readonly id: Uint8Array
}

/** sp_consensus_grandpa::GrandpaJustification. */
export type GrandpaJustification = {
  readonly round: bigint
  readonly commit: Precommit & { readonly precommits: readonly SignedPrecommit[] }
  /** Headers between the target and later blocks that were voted for. */
  readonly votesAncestries: readonly Header[]
}

const MAX_ANCESTRIES = 1_024
const vote = { targetHash: hash256, targetNumber: u32 }
const signedPrecommit: Codec<SignedPrecommit> = struct({
  precommit: struct(vote),
  signature: fixedBytes(64),
  id: fixedBytes(32),
})

export const grandpaJustification: Codec<GrandpaJustification> = struct({
  round: u64,
  commit: struct({ ...vote, precommits: vec(signedPrecommit, MAX_AUTHORITIES) }),
  votesAncestries: vec(headerCodec, MAX_ANCESTRIES),
})

/** Why a justification does not make a header final. */
export type JustificationError =
  /** It is for another block. */
  | { readonly code: 'justification_wrong_target' }
  /** The set is empty or weighs nothing. */
  | { readonly code: 'authorities_empty' }
  | { readonly code: 'vote_unknown_authority' }
  /** An authority votes twice. */
  | { readonly code: 'vote_duplicate' }
  /** A vote is for a block that is not shown to descend from the target. */
  | { readonly code: 'vote_unrelated' }
  | { readonly code: 'vote_signature_invalid' }
  /** More headers than the votes need, which strict verifiers refuse. */
  | { readonly code: 'ancestry_unused' }
  | {
      readonly code: 'justification_below_threshold'
      readonly weight: bigint
      readonly needed: bigint
    }

const PRECOMMIT = 1
const signedMessage = struct({ message: u8, ...vote, round: u64, setId: u64 })

/** The 53 bytes that an authority signs. */
export function precommitMessage(precommit: Precommit, round: bigint, setId: bigint): Uint8Array {
  return encode(signedMessage, { message: PRECOMMIT, ...precommit, round, setId })
}

/** Weight that makes a block final: more than two thirds. */
export function finalityThreshold(authorities: readonly Authority[]): bigint {
  const total = totalWeight(authorities)
  return total - (total - 1n) / 3n
}

export function totalWeight(authorities: readonly Authority[]): bigint {
  return authorities.reduce((sum, { weight }) => sum + weight, 0n)
}

export type JustificationInput = {
  readonly justification: GrandpaJustification
  readonly target: { readonly hash: Hash; readonly number: number }
  readonly set: AuthoritySet
  readonly hashes: Pick<Hashes, 'blake2b256'>
  readonly verify: (check: SignatureCheck) => boolean
}

/**
 * Decides whether a set made a header final. Strict as bridges are: no vote and no ancestry more
 * than needed to be understood, no authority twice.
 * Source: GRANDPA (Stewart, Kokoris-Kogia 2020); bridges/primitives/header-chain of polkadot-sdk.
 */
export function verifyJustification(input: JustificationInput): Result<void, JustificationError> {
  const { justification, target, set } = input
  const { commit } = justification
  if (!equalBytes(commit.targetHash, target.hash) || commit.targetNumber !== target.number) {
    return err({ code: 'justification_wrong_target' })
  }
  if (totalWeight(set.authorities) === 0n) return err({ code: 'authorities_empty' })
  const weight = countVotes(input)
  if (!weight.ok) return weight
  const needed = finalityThreshold(set.authorities)
  if (weight.value >= needed) return ok()
  return err({ code: 'justification_below_threshold', weight: weight.value, needed })
}

function countVotes(input: JustificationInput): Result<bigint, JustificationError> {
  const { justification, set, verify } = input
  const weights = weightsById(set.authorities)
  const ancestry = createAncestry(input)
  let sum = 0n
  const seen = new Set<string>()
  for (const { precommit, signature, id } of justification.commit.precommits) {
    const name = bytesToHex(id)
    const weight = weights.get(name)
    if (weight === undefined) return err({ code: 'vote_unknown_authority' })
    if (seen.has(name)) return err({ code: 'vote_duplicate' })
    seen.add(name)
    if (!ancestry.reaches(precommit)) return err({ code: 'vote_unrelated' })
    const message = precommitMessage(precommit, justification.round, set.setId)
    if (!verify({ scheme: 'ed25519', publicKey: id, message, signature })) {
      return err({ code: 'vote_signature_invalid' })
    }
    sum += weight
  }
  return ancestry.isUsedUp() ? ok(sum) : err({ code: 'ancestry_unused' })
}

/** A key that stands in the list twice votes once, with both weights, as in GRANDPA's VoterSet. */
function weightsById(authorities: readonly Authority[]): ReadonlyMap<string, bigint> {
  const weights = new Map<string, bigint>()
  for (const { id, weight } of authorities) {
    const name = bytesToHex(id)
    weights.set(name, (weights.get(name) ?? 0n) + weight)
  }
  return weights
}

function createAncestry({ justification, hashes }: JustificationInput): {
  reaches(vote: Precommit): boolean
  isUsedUp(): boolean
} {
  const { commit, votesAncestries } = justification
  const headers = new Map(votesAncestries.map((one) => [bytesToHex(headerHash(hashes, one)), one]))
  const used = new Set<string>()
  return {
    reaches({ targetHash, targetNumber }) {
      let hash: Uint8Array = targetHash
      for (let number = targetNumber; number > commit.targetNumber; number--) {
        const name = bytesToHex(hash)
        const header = headers.get(name)
        if (header?.number !== number) return false
        // An earlier vote came this way and arrived: long ancestries cost their length once.
        if (used.has(name)) return true
        used.add(name)
        hash = header.parentHash
      }
      return targetNumber >= commit.targetNumber && equalBytes(hash, commit.targetHash)
    },
    isUsedUp: () => used.size === votesAncestries.length,
  }
}
