import {
  boundedBytes,
  bytes,
  compactU64,
  concatBytes,
  hash256,
  struct,
  tuple,
  u32,
  u8,
  utf8,
  vec,
  type Codec,
  type Hash,
} from '@tacit/base'

/**
 * A state in a file; docs/storage.md describes it. Head: the magic, a version, how the rest is
 * compressed. Then records: u8 kind, u32 length, payload in SCALE.
 */
export const MAGIC: Uint8Array = utf8('tacit-state')
export const FORMAT_VERSION = 1
export const HEAD_BYTES: number = MAGIC.length + 2

/** How what follows the head is written; the index is the head's last byte. */
export const COMPRESSIONS = ['none', 'zstd', 'gzip'] as const
export type Compression = (typeof COMPRESSIONS)[number]

export const RECORD_HEAD_BYTES = 5
/** Bytes of one record's payload: a value is smaller than a block. */
export const MAX_RECORD_BYTES: number = 16 * 1024 * 1024

/** In the order of the file: one genesis, handovers, one block, entries, one end. */
export const KIND = { genesis: 1, handover: 2, block: 3, entries: 4, end: 5 } as const
export type Kind = (typeof KIND)[keyof typeof KIND]

/** Headers before the block's own, so that clients find the hashes that recent extrinsics name. */
export const MAX_ANCESTORS = 256

export type GenesisRecord = {
  readonly header: Uint8Array
  /** Proof of light's checkpointKeys. */
  readonly proof: readonly Uint8Array[]
}
export const genesisRecord: Codec<GenesisRecord> = struct({ header: bytes, proof: vec(bytes) })

/** A header and what made it final. */
export type JustifiedRecord = { readonly header: Uint8Array; readonly justification: Uint8Array }
export const handoverRecord: Codec<JustifiedRecord> = struct({
  header: bytes,
  justification: bytes,
})

/** The block whose state follows. */
export type StateBlockRecord = JustifiedRecord & {
  /** Headers of the blocks before it, the newest last. */
  readonly ancestors: readonly Uint8Array[]
}
export const blockRecord: Codec<StateBlockRecord> = struct({
  header: bytes,
  justification: bytes,
  ancestors: vec(bytes, MAX_ANCESTORS),
})

export type EntriesRecord = readonly (readonly [key: Uint8Array, value: Uint8Array])[]
export const entriesRecord: Codec<EntriesRecord> = vec(tuple(boundedBytes(2_048), bytes))

/** Ends the file: how many entries, and SHA-256 over all records before, their heads included. */
export type EndRecord = { readonly entries: bigint; readonly checksum: Hash }
export const endRecord: Codec<EndRecord> = struct({ entries: compactU64, checksum: hash256 })

export const recordHead: Codec<{ readonly kind: number; readonly length: number }> = struct({
  kind: u8,
  length: u32,
})

export function encodeHead(compression: Compression): Uint8Array {
  return concatBytes(MAGIC, Uint8Array.of(FORMAT_VERSION, COMPRESSIONS.indexOf(compression)))
}
