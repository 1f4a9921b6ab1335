import { parseHex, unwrap } from '@tacit/base'

/** Bytes of a vector that is written in hex, spaces allowed. */
export function hex(text: string): Uint8Array {
  return unwrap(parseHex(text.replaceAll(/\s/g, '')), 'hex')
}

/** A number as so many bytes, big-endian. */
export function be(size: number, value: bigint): Uint8Array {
  return hex(value.toString(16).padStart(2 * size, '0'))
}

/** A number as 32 bytes, big-endian. */
export function be32(value: bigint): Uint8Array {
  return be(32, value)
}

/** A number as 32 bytes, little-endian. */
export function le32(value: bigint): Uint8Array {
  return be32(value).reverse()
}

export function fromBe(bytes: Uint8Array): bigint {
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  return value
}

export function fromLe(bytes: Uint8Array): bigint {
  return fromBe(Uint8Array.from(bytes).reverse())
}

/** The same bytes as a view into the middle of a larger buffer. */
export function asView(bytes: Uint8Array): Uint8Array {
  const room = new Uint8Array(bytes.length + 11).fill(0xa5)
  room.set(bytes, 5)
  return room.subarray(5, 5 + bytes.length)
}
