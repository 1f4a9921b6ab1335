import {
  bytes,
  compactU32,
  hash256,
  struct,
  u32,
  u8,
  vec,
  type Codec,
  type Hash,
} from '@tacit/base'

/** Rises when the layout of the database changes; another version is refused. */
export const DATABASE_VERSION = 1

/** What a database says of itself. */
export type Metadata = {
  readonly version: number
  readonly genesisHash: Hash
  readonly bestNumber: number
  readonly bestHash: Hash
}

export const metadataCodec: Codec<Metadata> = struct({
  version: u8,
  genesisHash: hash256,
  bestNumber: u32,
  bestHash: hash256,
})

/** The highest header that this node's authority key may have signed. */
export type LastSigned = { readonly number: number; readonly hash: Hash }

export const lastSignedCodec: Codec<LastSigned> = struct({ number: compactU32, hash: hash256 })

/** Extrinsics with their length prefixes, or nodes of a proof. */
export const bytesListCodec: Codec<readonly Uint8Array[]> = vec(bytes)

/** Key of a block: big-endian, so that blocks lie in order. */
export function numberKey(number: number): Uint8Array {
  const key = new Uint8Array(4)
  new DataView(key.buffer).setUint32(0, number)
  return key
}
