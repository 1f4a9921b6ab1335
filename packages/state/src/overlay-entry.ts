import type { ValueForm } from './key-value.ts'

/** A value in bytes, decoded, or both; neither of a key that holds nothing. */
export type Entry = {
  readonly key: Uint8Array
  bytes: Uint8Array | undefined
  form: ValueForm<unknown> | undefined
  /** By that form. */
  decoded: unknown
}

export function plainEntry(key: Uint8Array, bytes: Uint8Array | undefined): Entry {
  return { key, bytes, form: undefined, decoded: undefined }
}

export function isRemoved({ bytes, form }: Entry): boolean {
  return bytes === undefined && form === undefined
}

/** The value's bytes, which are made when they are first asked for. */
export function bytesOf(entry: Entry): Uint8Array | undefined {
  if (entry.form && !entry.bytes) entry.bytes = entry.form.encode(entry.decoded)
  return entry.bytes
}

/** The value in a form, decoded unless it was held in it already. */
export function decodedOf<T>(entry: Entry, form: ValueForm<T>): T | undefined {
  if (entry.form === form) return entry.decoded as T
  const bytes = bytesOf(entry)
  if (!bytes) return undefined
  const decoded = form.decode(bytes)
  entry.form = form
  entry.decoded = decoded
  return decoded
}
