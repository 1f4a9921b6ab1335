import { parseUtf8, utf8 } from '../bytes.ts'
import type { AccountId, Hash } from '../brand.ts'
import type { Codec } from './codec.ts'
import type { Reader, Writer } from './cursor.ts'
import type { PrimitiveName, TypeInfo } from './type-info.ts'

/** No bound but the bytes that are there. */
const UNBOUNDED = 0xffff_ffff

/** A codec from its three parts. */
export function codec<T>(
  type: TypeInfo,
  write: (value: T, out: Writer) => void,
  read: (input: Reader) => T,
): Codec<T> {
  return { type, encode: write, decode: read }
}

export const u8: Codec<number> = codec(
  primitive('u8'),
  (value, out) => out.u8(value),
  (input) => input.u8(),
)
export const u16: Codec<number> = codec(
  primitive('u16'),
  (value, out) => out.u16(value),
  (input) => input.u16(),
)
export const u32: Codec<number> = codec(
  primitive('u32'),
  (value, out) => out.u32(value),
  (input) => input.u32(),
)
export const u64: Codec<bigint> = codec(
  primitive('u64'),
  (value, out) => out.u64(value),
  (input) => input.u64(),
)
export const u128: Codec<bigint> = codec(
  primitive('u128'),
  (value, out) => out.u128(value),
  (input) => input.u128(),
)
export const bool: Codec<boolean> = codec(
  primitive('bool'),
  (value, out) => out.u8(value ? 1 : 0),
  (input) => {
    const byte = input.u8()
    return byte > 1 ? input.fail('bool_invalid') : byte === 1
  },
)
export const unit: Codec<undefined> = codec(
  { kind: 'tuple', items: [] },
  () => {},
  () => undefined,
)
/** Compact<u32>: 0 to 2^32 - 1. */
export const compactU32: Codec<number> = codec(
  { kind: 'compact', item: u32.type },
  (value, out) => out.compact(value),
  (input) => Number(input.compact(4)),
)
/** Compact<u64>. */
export const compactU64: Codec<bigint> = codec(
  { kind: 'compact', item: u64.type },
  (value, out) => out.compact(value),
  (input) => input.compact(8),
)
/** Compact<u128>, the usual form of an amount in planck. */
export const compactU128: Codec<bigint> = codec(
  { kind: 'compact', item: u128.type },
  (value, out) => out.compact(value),
  (input) => input.compact(16),
)
/** UTF-8 text, any length that is there. */
export const str: Codec<string> = boundedStr(UNBOUNDED)
/** Vec<u8>, any length that is there; a decoded value is a view of the input. */
export const bytes: Codec<Uint8Array> = boundedBytes(UNBOUNDED)

/** Text of at most max bytes of UTF-8. */
export function boundedStr(max: number): Codec<string> {
  return codec(
    primitive('str'),
    (value, out) => {
      const encoded = utf8(value)
      out.compact(encoded.length)
      out.put(encoded)
    },
    (input) => parseUtf8(input.take(input.length(max))) ?? input.fail('text_not_utf8'),
  )
}

/** Vec<u8> of at most max bytes; a decoded value is a view of the input. */
export function boundedBytes(max: number): Codec<Uint8Array> {
  return codec(
    { kind: 'sequence', item: u8.type },
    (value, out) => {
      out.compact(value.length)
      out.put(value)
    },
    (input) => input.take(input.length(max)),
  )
}

/** [u8; length]; a decoded value is a view of the input. */
export function fixedBytes(length: number): Codec<Uint8Array> {
  return codec(
    { kind: 'array', length, item: u8.type },
    (value, out) => out.put(value),
    (input) => input.take(length),
  )
}

/** sp_core::crypto::AccountId32. */
export const accountId: Codec<AccountId> = newtype32<AccountId>([
  'sp_core',
  'crypto',
  'AccountId32',
])
/** primitive_types::H256. */
export const hash256: Codec<Hash> = newtype32<Hash>(['primitive_types', 'H256'])

function newtype32<T extends Uint8Array>(path: readonly string[]): Codec<T> {
  const inner = fixedBytes(32)
  const field = { type: inner.type, typeName: '[u8; 32]' }
  return codec<T>(
    { kind: 'composite', path, params: [], fields: [field] },
    (value, out) => out.put(value),
    (input) => input.take(32) as T,
  )
}

function primitive(name: PrimitiveName): TypeInfo {
  return { kind: 'primitive', name }
}
