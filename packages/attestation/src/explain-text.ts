import { bytesToHex } from '@tacit/base'

/** What evidence is of, in a few words, and what its vendor's verdict says, line by line. */
export interface Explanation {
  readonly what: string
  readonly lines: readonly string[]
}

/** `2026-01-31T10:20:30Z`. */
export function formatTime(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toISOString().replace('.000Z', 'Z')
}

/** The first 8 bytes, which are enough to tell things apart. */
export function shortHex(bytes: Uint8Array): string {
  return bytesToHex(bytes.subarray(0, 8))
}

export function debugLine(debug: boolean): string {
  return `debug      ${debug ? 'YES: its memory is open to its host' : 'no'}`
}

/**
 * A line with what strangers wrote in it: nothing that ends a line, moves a terminal's cursor or
 * turns the direction of reading can make one line look like another.
 */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]+/gu, '\u{fffd}')
}
