const MAX_BYTES = 32
const SLOTS = 256

interface KnownOid {
  readonly content: Uint8Array
  readonly text: string
}

/** Certificates name the same few identifiers again and again: the latest of each hash. */
const known: (KnownOid | undefined)[] = Array.from({ length: SLOTS }, () => undefined)

/**
 * The dotted form of an object identifier that stands in bytes from start to end; undefined where
 * it is empty, longer than 32 bytes, not in its shortest form, or has an arc of 2^31 or more.
 * Source: ITU-T X.690 (2021), section 8.19.
 */
export function oidAt(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (end - start > MAX_BYTES) return undefined
  let hash = 0
  for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + (bytes[at] ?? 0)) | 0
  const slot = hash & (SLOTS - 1)
  const found = known[slot]
  if (found !== undefined && isAt(found.content, bytes, start, end)) return found.text
  const text = decodeOid(bytes, start, end)
  if (text !== undefined) {
    known[slot] = { content: new Uint8Array(bytes.subarray(start, end)), text }
  }
  return text
}

function isAt(content: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (content.length !== end - start) return false
  for (let at = start; at < end; at++) if (content[at - start] !== bytes[at]) return false
  return true
}

function decodeOid(bytes: Uint8Array, start: number, end: number): string | undefined {
  let dotted = ''
  let arc = 0
  let isFresh = true
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0
    if ((isFresh && byte === 0x80) || arc >= 2 ** 24) return undefined
    arc = arc * 128 + (byte & 0x7f)
    isFresh = byte < 0x80
    if (!isFresh) continue
    dotted += dotted === '' ? firstArcs(arc) : `.${arc}`
    arc = 0
  }
  return isFresh && dotted !== '' ? dotted : undefined
}

function firstArcs(value: number): string {
  const root = Math.min(2, Math.floor(value / 40))
  return `${root}.${value - 40 * root}`
}
