import { mutateStructure } from './mutate-structure.ts'
import type { Prng } from '../prng.ts'

type Mutation = (bytes: Uint8Array, random: Prng) => Uint8Array

/** Values at which length and count fields tend to break. */
const EDGES = [0, 1, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff, 0xffff_ffff]
/** Bytes that mean something in text, DER, JSON and XML. */
const TOKENS = ['"', '\\', '{', '}', '[', ']', ',', ':', '<', '>', '&', '=', '-', '\0', '\n', '0']
const MAX_GROWTH = 4096

const MUTATIONS: readonly Mutation[] = [
  flipBit,
  flipBit,
  flipBit,
  setByte,
  setByte,
  setNumber,
  truncate,
  removeRange,
  repeatRange,
  swapRanges,
  fillRange,
  insertToken,
  changeDigit,
  append,
]

/** Changes bytes or their structure in one to three random ways; the input is never written to. */
export function mutate(bytes: Uint8Array, random: Prng): Uint8Array {
  let mutant = bytes
  for (let times = random.below(8) === 0 ? 3 : 1; times > 0; times--) {
    const structured = random.below(3) === 0 ? mutateStructure(mutant, random) : undefined
    mutant = structured ?? random.pick(MUTATIONS)(mutant, random)
  }
  return mutant
}

/** Puts a piece of other bytes over a piece of these. */
export function splice(bytes: Uint8Array, other: Uint8Array, random: Prng): Uint8Array {
  const [from, to] = range(bytes, random)
  const [start, end] = range(other, random)
  return join(bytes.subarray(0, from), other.subarray(start, end), bytes.subarray(to))
}

function flipBit(bytes: Uint8Array, random: Prng): Uint8Array {
  return edit(bytes, random, (copy, at) => {
    copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8))
  })
}

function setByte(bytes: Uint8Array, random: Prng): Uint8Array {
  return edit(bytes, random, (copy, at) => {
    copy[at] = random.below(256)
  })
}

/** An edge value of one, two or four bytes, in either order of bytes. */
function setNumber(bytes: Uint8Array, random: Prng): Uint8Array {
  return edit(bytes, random, (copy, at) => {
    const width = random.pick([1, 2, 3, 4])
    const value = random.pick(EDGES)
    const isLittle = random.below(2) === 0
    for (let index = 0; index < width && at + index < copy.length; index++) {
      copy[at + index] = value >>> (8 * (isLittle ? index : width - 1 - index))
    }
  })
}

function truncate(bytes: Uint8Array, random: Prng): Uint8Array {
  return bytes.subarray(0, random.below(bytes.length + 1))
}

function removeRange(bytes: Uint8Array, random: Prng): Uint8Array {
  const [from, to] = range(bytes, random)
  return join(bytes.subarray(0, from), bytes.subarray(to))
}

function repeatRange(bytes: Uint8Array, random: Prng): Uint8Array {
  const [from, to] = range(bytes, random)
  return join(bytes.subarray(0, to), bytes.subarray(from))
}

function swapRanges(bytes: Uint8Array, random: Prng): Uint8Array {
  const [from, to] = range(bytes, random)
  const middle = from + random.below(to - from + 1)
  return join(
    bytes.subarray(0, from),
    bytes.subarray(middle, to),
    bytes.subarray(from, middle),
    bytes.subarray(to),
  )
}

function fillRange(bytes: Uint8Array, random: Prng): Uint8Array {
  const [from, to] = range(bytes, random)
  return bytes.slice().fill(random.pick([0, 0x20, 0xff]), from, to)
}

function insertToken(bytes: Uint8Array, random: Prng): Uint8Array {
  const at = random.below(bytes.length + 1)
  const token = random.pick(TOKENS).charCodeAt(0)
  const times = random.below(16) === 0 ? random.below(MAX_GROWTH) : 1
  return join(bytes.subarray(0, at), new Uint8Array(times).fill(token), bytes.subarray(at))
}

/** Another digit or letter where text has one: keeps hex, base64 and JSON well formed. */
function changeDigit(bytes: Uint8Array, random: Prng): Uint8Array {
  return edit(bytes, random, (copy, at) => {
    for (let index = at; index < Math.min(at + 64, copy.length); index++) {
      const byte = copy[index] ?? 0
      const isDigit = byte >= 0x30 && byte <= 0x39
      const isLetter = byte >= 0x61 && byte <= 0x66
      if (!isDigit && !isLetter) continue
      copy[index] = isDigit ? 0x30 + random.below(10) : 0x61 + random.below(6)
      return
    }
  })
}

function append(bytes: Uint8Array, random: Prng): Uint8Array {
  return join(bytes, new Uint8Array(1 + random.below(64)).fill(random.below(256)))
}

function edit(
  bytes: Uint8Array,
  random: Prng,
  change: (copy: Uint8Array, at: number) => void,
): Uint8Array {
  const copy = bytes.slice()
  if (copy.length > 0) change(copy, random.below(copy.length))
  return copy
}

/** At most 4 KiB of the bytes. */
function range(bytes: Uint8Array, random: Prng): [from: number, to: number] {
  const from = random.below(bytes.length + 1)
  const longest = Math.min(MAX_GROWTH, bytes.length - from)
  return [from, from + random.below((random.below(2) === 0 ? Math.min(longest, 8) : longest) + 1)]
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
