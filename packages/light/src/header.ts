import {
  boundedBytes,
  compactU32,
  encode,
  fixedBytes,
  hash256,
  struct,
  tuple,
  variant,
  vec,
  type CaseOf,
  type Codec,
  type Hash,
} from '@tacit/base'
import type { Hashes } from '@tacit/crypto'

/** Bytes of one digest item, and how many a header may have. */
export const MAX_DIGEST_BYTES = 65_536
export const MAX_DIGEST_ITEMS = 64

type Engine = readonly [engine: Uint8Array, payload: Uint8Array]

/** sp_runtime::generic::DigestItem; an engine id is four bytes of ASCII. */
export type DigestItem =
  | CaseOf<'Other', Uint8Array>
  | CaseOf<'Consensus', Engine>
  | CaseOf<'Seal', Engine>
  | CaseOf<'PreRuntime', Engine>
  | CaseOf<'RuntimeEnvironmentUpdated'>
export type Digest = { readonly logs: readonly DigestItem[] }

const engine = tuple(fixedBytes(4), boundedBytes(MAX_DIGEST_BYTES))

export const digestItem: Codec<DigestItem> = variant(
  {
    Other: [0, boundedBytes(MAX_DIGEST_BYTES)],
    Consensus: [4, engine],
    Seal: [5, engine],
    PreRuntime: [6, engine],
    RuntimeEnvironmentUpdated: [8],
  },
  { path: ['sp_runtime', 'generic', 'digest', 'DigestItem'] },
)

export const digest: Codec<Digest> = struct(
  { logs: vec(digestItem, MAX_DIGEST_ITEMS) },
  { path: ['sp_runtime', 'generic', 'digest', 'Digest'] },
)

/** sp_runtime::generic::Header; its BLAKE2b-256 is the block's hash. */
export type Header = {
  readonly parentHash: Hash
  readonly number: number
  readonly stateRoot: Hash
  readonly extrinsicsRoot: Hash
  readonly digest: Digest
}

export const headerCodec: Codec<Header> = struct({
  parentHash: hash256,
  number: compactU32,
  stateRoot: hash256,
  extrinsicsRoot: hash256,
  digest,
})

/** The hash that names a block. */
export function headerHash(hashes: Pick<Hashes, 'blake2b256'>, header: Header): Hash {
  return hashes.blake2b256(encode(headerCodec, header)) as Hash
}
