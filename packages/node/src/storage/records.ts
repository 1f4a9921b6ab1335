import {
  bytes,
  compactU32,
  decode,
  encode,
  hash256,
  option,
  struct,
  u32,
  u8,
  unwrap,
  utf8,
  vec,
  type Codec,
  type Hash,
} from '@tacit/base'
import { NodeError } from '../errors.ts'
import { read, write, type Columns } from './columns.ts'

/** Rises when the layout of the database changes; another version is refused. */
export const DATABASE_VERSION = 2

/** What a database says of itself; one transaction with the block that changes it. */
export type Metadata = {
  readonly version: number
  readonly genesisHash: Hash
  readonly bestNumber: number
  readonly bestHash: Hash
  /** The first block whose state was here: 0, or the one that was imported. */
  readonly firstNumber: number
  /** The oldest block whose state can be read. */
  readonly oldestState: number
  /** The oldest block whose body can be read, genesis aside. */
  readonly oldestBody: number
  /** Of an archive: the newest block whose changes are in the history; absent elsewhere. */
  readonly indexed: number | undefined
}

const metadataCodec: Codec<Metadata> = struct({
  version: u8,
  genesisHash: hash256,
  bestNumber: u32,
  bestHash: hash256,
  firstNumber: u32,
  oldestState: u32,
  oldestBody: u32,
  indexed: option(u32),
})

/** The highest header that this node's authority key may have signed. */
export type LastSigned = { readonly number: number; readonly hash: Hash }

export const lastSignedCodec: Codec<LastSigned> = struct({ number: compactU32, hash: hash256 })

/** Extrinsics with their length prefixes, or nodes of a proof. */
export const bytesListCodec: Codec<readonly Uint8Array[]> = vec(bytes)

const METADATA_KEY = utf8('metadata')
export const LAST_SIGNED_KEY: Uint8Array = utf8('last-signed')
export const CHECKPOINT_KEY: Uint8Array = utf8('checkpoint')

/** Key of a block: big-endian, so that blocks lie in order. */
export function numberKey(number: number): Uint8Array {
  const key = new Uint8Array(4)
  new DataView(key.buffer).setUint32(0, number)
  return key
}

export function keyToNumber(key: Uint8Array): number {
  return new DataView(key.buffer, key.byteOffset, key.byteLength).getUint32(0)
}

/** What a database says of itself; absent before genesis. Throws `database_version`. */
export function readMetadata({ meta }: Pick<Columns, 'meta'>): Metadata | undefined {
  const stored = read(meta, METADATA_KEY)
  if (!stored) return undefined
  const [version = 0] = stored
  if (version !== DATABASE_VERSION)
    throw new NodeError({ code: 'database_version', stored: version, expected: DATABASE_VERSION })
  return unwrap(decode(metadataCodec, stored), 'stored metadata')
}

export function writeMetadata({ meta }: Pick<Columns, 'meta'>, metadata: Metadata): void {
  write(meta, METADATA_KEY, encode(metadataCodec, metadata))
}

/** A record of the meta column. */
export function readRecord<T>(
  { meta }: Pick<Columns, 'meta'>,
  key: Uint8Array,
  codec: Codec<T>,
): T | undefined {
  const stored = read(meta, key)
  return stored && unwrap(decode(codec, stored), 'stored record')
}
