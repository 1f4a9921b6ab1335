import { err, ok, type Result } from '../result.ts'
import { Reader, ScaleFault, Writer, type ScaleReason } from './cursor.ts'
import type { TypeInfo } from './type-info.ts'

/**
 * Both directions of one SCALE type, with its description.
 * Spec: https://docs.polkadot.com/polkadot-protocol/basics/data-encoding/
 */
export interface Codec<T> {
  readonly type: TypeInfo
  /** The value must be of the type; its ranges are the caller's promise. */
  encode(value: T, out: Writer): void
  /** Leaves through the reader's fail(); call decode() instead, which turns that into an error. */
  decode(input: Reader): T
}

/** The value type of a codec. */
export type ValueOf<C> = C extends Codec<infer T> ? T : never

/** Bytes are not the canonical encoding; `at` is the offset where that showed. */
export type DecodeError = {
  readonly code: 'scale_malformed'
  readonly reason: ScaleReason
  readonly at: number
}

export function encode<T>(codec: Codec<T>, value: T): Uint8Array {
  const out = new Writer()
  codec.encode(value, out)
  return out.finish()
}

/** Decodes a whole input: bytes that are left over are an error. */
export function decode<T>(codec: Codec<T>, bytes: Uint8Array): Result<T, DecodeError> {
  return decodeWith(bytes, (input) => {
    const value = codec.decode(input)
    if (input.remaining > 0) input.fail('trailing_bytes')
    return value
  })
}

/** Decodes a value from the front of the input and says how many bytes it took. */
export function decodePrefix<T>(
  codec: Codec<T>,
  bytes: Uint8Array,
): Result<{ value: T; length: number }, DecodeError> {
  return decodeWith(bytes, (input) => ({ value: codec.decode(input), length: input.at }))
}

function decodeWith<T>(bytes: Uint8Array, read: (input: Reader) => T): Result<T, DecodeError> {
  try {
    return ok(read(new Reader(bytes)))
  } catch (fault) {
    if (!(fault instanceof ScaleFault)) throw fault
    return err({ code: 'scale_malformed', reason: fault.reason, at: fault.at })
  }
}
