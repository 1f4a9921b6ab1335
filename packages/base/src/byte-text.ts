/** Bytes as text: one way for wherever JavaScript runs, and Node's own, which is several times faster. */

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Lower-case hex. */
export function hexAnywhere(bytes: Uint8Array): string {
  let hex = ''
  for (const byte of bytes) hex += HEX[byte]
  return hex
}

/** One character per byte. Eight at a time are made three times as fast as all at once. */
export function latin1Anywhere(bytes: Uint8Array): string {
  let text = ''
  let at = 0
  for (; at + 8 <= bytes.length; at += 8) text += eightAt(bytes, at)
  for (; at < bytes.length; at++) text += String.fromCharCode(bytes[at] ?? 0)
  return text
}

function eightAt(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(
    bytes[at] ?? 0,
    bytes[at + 1] ?? 0,
    bytes[at + 2] ?? 0,
    bytes[at + 3] ?? 0,
    bytes[at + 4] ?? 0,
    bytes[at + 5] ?? 0,
    bytes[at + 6] ?? 0,
    bytes[at + 7] ?? 0,
  )
}

/** Methods of Node's Buffer that take any Uint8Array; they give a flat string, not one of pieces. */
type Slice = (this: Uint8Array, start: number, end: number) => string
type NodeBuffer = {
  readonly prototype: { readonly hexSlice?: Slice; readonly latin1Slice?: Slice }
}

const { hexSlice, latin1Slice } =
  (globalThis as { readonly Buffer?: NodeBuffer }).Buffer?.prototype ?? {}

export const hexOf: (bytes: Uint8Array) => string = hexSlice
  ? (bytes) => hexSlice.call(bytes, 0, bytes.length)
  : hexAnywhere
export const latin1Of: (bytes: Uint8Array) => string = latin1Slice
  ? (bytes) => latin1Slice.call(bytes, 0, bytes.length)
  : latin1Anywhere
