import type { Prng } from '../prng.ts'

/** A mutant that keeps the form for the most part; undefined where the bytes have no such form. */
type StructureMutation = (bytes: Uint8Array, random: Prng) => Uint8Array | undefined

const PEM_BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----([^-]+)-----END \1-----\n?/g
const JSON_FIELD = /"[^"\\]{1,64}" ?: ?(?:"[^"\\]*"|-?\d+|true|false|null)/g
const NUMBER = /(?<=[:[,"] ?)-?\d{1,10}(?=[\],}"])/g
const XML_ATTRIBUTE = / [\w:]{1,64}="[^"<]*"/g
const XML_ELEMENT = /<([\w:]{1,64})(?: [^<>]*)?(?:\/>|>[^<]*<\/\1>)/g
const NUMBERS = [
  '0',
  '-1',
  '1',
  '255',
  '256',
  '65536',
  '4294967296',
  '9007199254740993',
  '1e3',
  '1.5',
]
/** Universal and context tags of certificates, revocation lists and responses. */
const DER_TAGS = [
  0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0a, 0x0c, 0x13, 0x17, 0x18, 0x30, 0x31, 0x80, 0x82, 0xa0,
  0xa1, 0xa3,
]
const SEARCHED = 64

const MUTATIONS: readonly StructureMutation[] = [
  dropOrDoublePem,
  swapPem,
  editInsidePem,
  editInsidePem,
  editDer,
  editDer,
  doubleJsonField,
  changeJsonNumber,
  doubleXml(XML_ATTRIBUTE),
  doubleXml(XML_ELEMENT),
  stepNumber,
]

/** One change that PEM, DER, JSON or XML would survive as such, or a length off by one. */
export function mutateStructure(bytes: Uint8Array, random: Prng): Uint8Array | undefined {
  return random.pick(MUTATIONS)(bytes, random)
}

function dropOrDoublePem(bytes: Uint8Array, random: Prng): Uint8Array | undefined {
  return replaceOne(bytes, PEM_BLOCK, random, ([block]) =>
    random.below(2) === 0 ? '' : block + block,
  )
}

/** A block and the one that follows it. */
function swapPem(bytes: Uint8Array, random: Prng): Uint8Array | undefined {
  const pair = /(-----BEGIN [A-Z0-9 ]+-----[^-]+-----END [^-]+-----\n?){2}/g
  return replaceOne(bytes, pair, random, ([both, second = '']) => {
    return second + both.slice(0, both.length - second.length)
  })
}

/** The DER of a block is changed, and the text around it is as it must be. */
function editInsidePem(bytes: Uint8Array, random: Prng): Uint8Array | undefined {
  return replaceOne(bytes, PEM_BLOCK, random, ([block, label = '', body = '']) => {
    const der = new Uint8Array(Buffer.from(body, 'base64'))
    const edited = editDer(der, random) ?? der
    const end = block.endsWith('\n') ? '\n' : ''
    const base64 = Buffer.from(edited).toString('base64')
    return `-----BEGIN ${label}-----\n${base64}\n-----END ${label}-----${end}`
  })
}

/** Another tag, a length one off, or one bit of the content, at an element near a random place. */
function editDer(bytes: Uint8Array, random: Prng): Uint8Array | undefined {
  const start = random.below(bytes.length + 1)
  for (let at = start; at < Math.min(start + SEARCHED, bytes.length - 1); at++) {
    const length = bytes[at + 1] ?? 0
    if (!DER_TAGS.includes(bytes[at] ?? 0) || length === 0) continue
    if (length < 0x80 ? at + 2 + length > bytes.length : length > 0x83) continue
    const copy = bytes.slice()
    const edit = random.below(3)
    if (edit === 0) copy[at] = random.pick(DER_TAGS)
    else if (edit === 1) copy[at + 1] = length + (random.below(2) === 0 ? 1 : -1)
    else copy[at + 2] = (copy[at + 2] ?? 0) ^ (1 << random.below(8))
    return copy
  }
  return undefined
}

function doubleJsonField(bytes: Uint8Array, random: Prng): Uint8Array | undefined {
  return replaceOne(bytes, JSON_FIELD, random, ([field]) => `${field},${field}`)
}

function changeJsonNumber(bytes: Uint8Array, random: Prng): Uint8Array | undefined {
  return replaceOne(bytes, NUMBER, random, () => random.pick(NUMBERS))
}

function doubleXml(pattern: RegExp): StructureMutation {
  return (bytes, random) => {
    if (bytes[0] !== 0x3c) return undefined
    return replaceOne(bytes, pattern, random, ([whole]) => whole + whole)
  }
}

/** A little-endian number of two or four bytes, one more or less. */
function stepNumber(bytes: Uint8Array, random: Prng): Uint8Array | undefined {
  const width = random.pick([2, 4])
  if (bytes.length < width) return undefined
  const copy = bytes.slice()
  const view = new DataView(copy.buffer)
  const at = random.below(bytes.length - width + 1)
  const step = random.below(2) === 0 ? 1 : -1
  if (width === 2) view.setUint16(at, view.getUint16(at, true) + step, true)
  else view.setUint32(at, view.getUint32(at, true) + step, true)
  return copy
}

/** The first match behind a random place, or else from the beginning, is replaced. */
function replaceOne(
  bytes: Uint8Array,
  pattern: RegExp,
  random: Prng,
  replace: (match: RegExpExecArray) => string,
): Uint8Array | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
  const match = execFrom(pattern, text, random.below(text.length + 1)) ?? execFrom(pattern, text, 0)
  if (match === null) return undefined
  const { index } = match
  const end = index + match[0].length
  const changed = text.slice(0, index) + replace(match) + text.slice(end)
  return new Uint8Array(Buffer.from(changed, 'latin1'))
}

function execFrom(pattern: RegExp, text: string, from: number): RegExpExecArray | null {
  pattern.lastIndex = from
  return pattern.exec(text)
}
