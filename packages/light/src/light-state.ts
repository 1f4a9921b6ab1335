import {
  bytesToHex,
  decode,
  equalBytes,
  err,
  ok,
  u64,
  utf8,
  type Hash,
  type Result,
} from '@tacit/base'
import type { Hashes, SignatureCheck } from '@tacit/crypto'
import { verifyProof, type ProofError } from '@tacit/state'
import { AUTHORITIES_KEY, nextSet, storedAuthorities, type AuthoritySet } from './authorities.ts'
import { headerHash, type Header } from './header.ts'
import {
  verifyJustification,
  type GrandpaJustification,
  type JustificationError,
} from './justification.ts'

/** A header that a set of authorities made final. */
export type JustifiedHead = {
  readonly number: number
  readonly hash: Hash
  readonly header: Header
}

/** What a light client believes: where it began, its newest justified head, and who signs next. */
export type LightState = {
  readonly genesisHash: Hash
  readonly head: JustifiedHead
  readonly set: AuthoritySet
}

/** Where trust starts: a genesis header, with a proof of the first set of authorities. */
export type Checkpoint = {
  readonly header: Header
  /** Trie nodes that prove the values of checkpointKeys() under the header's state root. */
  readonly proof: readonly Uint8Array[]
}

export type CheckpointError =
  /** The header is not the one that the caller trusts. */
  { readonly code: 'checkpoint_mismatch' } | { readonly code: 'checkpoint_malformed' } | ProofError

export type AdvanceError =
  | JustificationError
  /** The header is not above the newest justified one. */
  | { readonly code: 'header_not_newer' }
  /** The set also justified another header of the newest one's height: it has betrayed. */
  | { readonly code: 'header_conflicting' }

/** Hashes and signatures, as a crypto provider gives them. */
export type LightCrypto = {
  readonly hashes: Hashes
  readonly verify: (check: SignatureCheck) => boolean
}

/** The storage keys that a checkpoint proves: the authorities and their set's number. */
export function checkpointKeys(hashes: Pick<Hashes, 'twox128'>): readonly Uint8Array[] {
  const setId = [utf8('Consensus'), utf8('CurrentSetId')].map(hashes.twox128)
  return [AUTHORITIES_KEY, Uint8Array.from(setId.flatMap((part) => [...part]))]
}

/**
 * Starts from a genesis header whose hash the caller trusts.
 * @param trusted the genesis hash, from a person or a measured program.
 */
export function startFromCheckpoint(
  trusted: Hash,
  { header, proof }: Checkpoint,
  { hashes }: Pick<LightCrypto, 'hashes'>,
): Result<LightState, CheckpointError> {
  const hash = headerHash(hashes, header)
  if (!equalBytes(hash, trusted)) return err({ code: 'checkpoint_mismatch' })
  const keys = checkpointKeys(hashes)
  const values = verifyProof({ root: header.stateRoot, proof, keys, hash: hashes.blake2b256 })
  if (!values.ok) return values
  const [authoritiesRaw, setIdRaw] = keys.map((key) => values.value.get(bytesToHex(key)))
  const authorities = authoritiesRaw && decode(storedAuthorities, authoritiesRaw)
  const setId = setIdRaw ? decode(u64, setIdRaw) : ok(0n)
  if (!authorities?.ok || !setId.ok) return err({ code: 'checkpoint_malformed' })
  return ok({
    genesisHash: hash,
    head: { number: header.number, hash, header },
    set: { setId: setId.value, authorities: authorities.value },
  })
}

/**
 * Follows a justified header. Headers in between may be left out unless they schedule a new set:
 * those hand over, and come one by one.
 */
export function advance(
  light: LightState,
  header: Header,
  justification: GrandpaJustification,
  { hashes, verify }: LightCrypto,
): Result<LightState, AdvanceError> {
  const hash = headerHash(hashes, header)
  if (header.number < light.head.number || equalBytes(hash, light.head.hash)) {
    return err({ code: 'header_not_newer' })
  }
  const target = { hash, number: header.number }
  const justified = verifyJustification({ justification, target, set: light.set, hashes, verify })
  if (!justified.ok) return justified
  if (header.number === light.head.number) return err({ code: 'header_conflicting' })
  const head = { number: header.number, hash, header }
  return ok({ ...light, head, set: nextSet(light.set, header) })
}
