/**
 * All forms in which a number could leak: decimal and hex text, little- and big-endian bytes of
 * 4 and 8 bytes, base64 of all of these at any alignment, UTF-16, and hex of the bytes.
 */
export function formsOf(
  secret: bigint,
): readonly { readonly form: string; readonly bytes: Buffer }[] {
  const decimal = secret.toString()
  const hex = secret.toString(16)
  const le8 = Buffer.alloc(8)
  le8.writeBigUInt64LE(secret)
  const be8 = Buffer.alloc(8)
  be8.writeBigUInt64BE(secret)
  const double = Buffer.alloc(8)
  double.writeDoubleLE(Number(secret))
  const plain: [string, Buffer][] = [
    ['decimal', Buffer.from(decimal)],
    ['hex', Buffer.from(hex)],
    ['UTF-16LE', Buffer.from(decimal, 'utf16le')],
    ['UTF-16BE', Buffer.from(decimal, 'utf16le').swap16()],
    ['LE64', trimEnd(le8)],
    ['BE64', trimStart(be8)],
    ['float64', double],
  ]
  return plain.flatMap(([form, bytes]) => [
    { form, bytes },
    { form: `hex of ${form}`, bytes: Buffer.from(bytes.toString('hex')) },
    ...[0, 1, 2].map((shift) => ({ form: `base64 of ${form}`, bytes: base64At(bytes, shift) })),
  ])
}

function trimEnd(bytes: Buffer): Buffer {
  let end = bytes.length
  while (end > 1 && bytes[end - 1] === 0) end--
  return bytes.subarray(0, end)
}

function trimStart(bytes: Buffer): Buffer {
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start++
  return bytes.subarray(start)
}

/** The characters of base64 that depend on these bytes alone, wherever they stand in a message. */
function base64At(bytes: Buffer, shift: number): Buffer {
  const text = Buffer.concat([Buffer.alloc(shift), bytes])
    .toString('base64')
    .replace(/=+$/, '')
  const first = Math.ceil((shift * 8) / 6)
  const last = Math.floor(((shift + bytes.length) * 8) / 6)
  return Buffer.from(text.slice(first, last))
}

/** In which forms a secret occurs in recorded bytes; hex text is searched as its bytes too. */
export function findSecret(recorded: readonly Buffer[], secret: bigint): readonly string[] {
  const forms = formsOf(secret)
  const found = new Set<string>()
  for (const one of recorded) {
    for (const seen of [one, ...unhex(one)]) {
      for (const { form, bytes } of forms) if (seen.includes(bytes)) found.add(form)
    }
  }
  return [...found]
}

/** Frames and RPC carry bytes as hex text; what stands in those bytes counts as seen. */
function unhex(text: Buffer): readonly Buffer[] {
  const runs = text.toString('latin1').match(/0x(?:[0-9a-fA-F]{2}){4,}/g) ?? []
  return runs.map((run) => Buffer.from(run.slice(2), 'hex'))
}
