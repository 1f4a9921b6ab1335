import { parseUtf8 } from '@tacit/base'

const MAX_BYTES = 4_000_000

/**
 * The names of a JSON object's fields, or of the first item's of a list; none where the text is no
 * JSON. Only to tell forms apart: their own readers decide whether the text is well formed.
 */
export function readFieldNames(text: Uint8Array): ReadonlySet<string> {
  try {
    const value: unknown = JSON.parse((text.length > MAX_BYTES ? undefined : parseUtf8(text)) ?? '')
    const first: unknown = Array.isArray(value) ? value[0] : value
    return new Set(typeof first === 'object' && first !== null ? Object.keys(first) : [])
  } catch {
    return new Set()
  }
}
