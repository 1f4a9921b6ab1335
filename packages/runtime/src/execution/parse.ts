import { decode, err, type DecodeError, type Result } from '@tacit/base'
import type { Extrinsic } from '../extrinsic.ts'
import type { Composition } from '../framework/composition.ts'

/** The bytes are not an extrinsic of this chain. */
export type ExtrinsicMalformed = {
  readonly code: 'extrinsic_malformed'
  readonly reason: DecodeError['reason']
  /** Offset at which that showed. */
  readonly at: number
}

/** Reads untrusted bytes, length prefix included: bounded, exact, canonical. */
export function parseExtrinsic(
  { extrinsic }: Composition,
  bytes: Uint8Array,
): Result<Extrinsic, ExtrinsicMalformed> {
  const parsed = decode(extrinsic, bytes)
  if (parsed.ok) return parsed
  return err({ ...parsed.error, code: 'extrinsic_malformed' })
}
