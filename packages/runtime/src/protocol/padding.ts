import { err, ok, type Result } from '@tacit/base'

/** Sizes that a padded message may have, in bytes; an observer learns the class alone. */
export const SIZE_CLASSES: readonly number[] = [256, 1_024, 4_096, 16_384, 65_536]

export type PaddingError = { readonly code: 'padding_invalid' } | { readonly code: 'too_large' }

/** Length (u32 LE), content, zeros up to the next size class. */
export function pad(content: Uint8Array): Result<Uint8Array, PaddingError> {
  const size = SIZE_CLASSES.find((one) => one >= content.length + 4)
  if (size === undefined) return err({ code: 'too_large' })
  const padded = new Uint8Array(size)
  new DataView(padded.buffer).setUint32(0, content.length, true)
  padded.set(content, 4)
  return ok(padded)
}

/** The content of a padded message; the padding must be zeros up to exactly its class. */
export function unpad(padded: Uint8Array): Result<Uint8Array, PaddingError> {
  if (!SIZE_CLASSES.includes(padded.length)) return err({ code: 'padding_invalid' })
  const view = new DataView(padded.buffer, padded.byteOffset, padded.byteLength)
  const end = 4 + view.getUint32(0, true)
  const isSmallest = SIZE_CLASSES.find((one) => one >= end) === padded.length
  if (!isSmallest || padded.subarray(end).some((byte) => byte !== 0)) {
    return err({ code: 'padding_invalid' })
  }
  return ok(padded.subarray(4, end))
}
