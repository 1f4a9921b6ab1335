import { concatBytes, encode, type Hash } from '@tacit/base'
import { keypairFromSeed, type Keypair } from '@tacit/crypto'
import { native } from '@tacit/crypto/native'
import { proveKeys, updateTrie } from '@tacit/state'
import {
  AUTHORITIES_KEY,
  storedAuthorities,
  type Authority,
  type AuthoritySet,
} from '../authorities.ts'
import { headerHash, type DigestItem, type Header } from '../header.ts'
import {
  precommitMessage,
  type GrandpaJustification,
  type Precommit,
  type SignedPrecommit,
} from '../justification.ts'
import { checkpointKeys, type Checkpoint } from '../light-state.ts'

/** Keys with their weights, and the set that they are. */
export type TestSet = { readonly keys: readonly Keypair[]; readonly set: AuthoritySet }

/** A set with one key for each weight; other names give other keys. */
export function testSet(weights: readonly number[], name = 1, setId = 0n): TestSet {
  const keys = weights.map((_, at) =>
    keypairFromSeed('ed25519', new Uint8Array(32).fill(name).fill(at, 31)),
  )
  const authorities = keys.map((key, at): Authority => ({
    id: key.publicKey,
    weight: BigInt(weights[at] ?? 0),
  }))
  return { keys, set: { setId, authorities } }
}

export const ZERO_HASH = new Uint8Array(32) as Hash

export function hashOf(header: Header): Hash {
  return headerHash(native.hashes, header)
}

export function childOf(parent: Header, logs: readonly DigestItem[] = [], skip = 0): Header {
  return {
    parentHash: hashOf(parent),
    number: parent.number + 1 + skip,
    stateRoot: ZERO_HASH,
    extrinsicsRoot: ZERO_HASH,
    digest: { logs },
  }
}

export function targetOf(header: Header): Precommit {
  return { targetHash: hashOf(header), targetNumber: header.number }
}

/** A vote of a key; without a target of its own it is for the header that is to be final. */
export type TestVote = { readonly key: Keypair; readonly precommit: Precommit }

export function signVote(
  { key, precommit }: TestVote,
  round: bigint,
  setId: bigint,
): SignedPrecommit {
  const signature = key.sign(precommitMessage(precommit, round, setId))
  return { precommit, signature, id: key.publicKey }
}

/** Justifies a header by the keys of a set, all or those at the given places. */
export function justify(
  header: Header,
  { keys, set }: TestSet,
  places: readonly number[] = keys.keys().toArray(),
): GrandpaJustification {
  const precommit = targetOf(header)
  const votes = places.flatMap((place) => keys[place] ?? [])
  return {
    round: 7n,
    commit: {
      ...precommit,
      precommits: votes.map((key) => signVote({ key, precommit }, 7n, set.setId)),
    },
    votesAncestries: [],
  }
}

/** A genesis whose state holds a value for the authorities, and one for the set's number. */
export function genesisWith(
  authorities: Uint8Array | undefined,
  setId?: Uint8Array,
): Checkpoint & { readonly hash: Hash } {
  const [, setIdKey = ZERO_HASH] = checkpointKeys(native.hashes)
  const hash = native.hashes.blake2b256
  const entries = [
    { key: AUTHORITIES_KEY, value: authorities },
    { key: setIdKey, value: setId },
    { key: concatBytes(setIdKey, Uint8Array.of(1)), value: new Uint8Array(100) },
  ].filter(({ value }) => value !== undefined)
  const { root, nodeChanges } = updateTrie(new Map(), entries, { hash, layout: 'v1' })
  const nodes = { get: (path: string) => nodeChanges.get(path) }
  const values = { get: (key: Uint8Array) => entries.find((one) => one.key === key)?.value }
  const header: Header = {
    parentHash: ZERO_HASH,
    number: 0,
    stateRoot: root,
    extrinsicsRoot: ZERO_HASH,
    digest: { logs: [] },
  }
  const proof = proveKeys({ nodes, values, hash }, checkpointKeys(native.hashes))
  return { header, proof, hash: hashOf(header) }
}

/** A genesis of a set as the runtime stores it. */
export function genesisOf(set: AuthoritySet): Checkpoint & { readonly hash: Hash } {
  const setId = new Uint8Array(8)
  new DataView(setId.buffer).setBigUint64(0, set.setId, true)
  return genesisWith(encode(storedAuthorities, set.authorities), setId)
}
