import { parseHex } from '@tacit/base'

const MAX_CHARACTERS = 512 * 1024

/**
 * Reads a report from the text form that NVIDIA's tools write: hex, either case, with or without 0x, with white space
 * between, at most 512 KiB. Undefined for everything else.
 */
export function parseHexReport(text: Uint8Array): Uint8Array | undefined {
  if (text.length > MAX_CHARACTERS) return undefined
  const digits = text.filter((byte) => !isBlank(byte))
  const hex = parseHex(new TextDecoder().decode(digits))
  return hex.ok && hex.value.length > 0 ? hex.value : undefined
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}
