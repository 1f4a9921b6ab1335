import { concatBytes, encode, InvariantError, u128, Writer, type TypeInfo } from '@tacit/base'

/** Numbers from 0 up to 1. */
export type Random = () => number

/** What random values are drawn from, so that calls now and then mean something. */
export type RandomSource = {
  readonly random: Random
  /** 32 bytes each: what stands where an account belongs. */
  readonly accounts: readonly Uint8Array[]
}

/** Values on which arithmetic breaks, and an existential deposit, a fee, some PHA. */
const NUMBERS: readonly bigint[] = [
  0n,
  1n,
  2n,
  10n ** 9n,
  10n ** 12n,
  10n ** 15n,
  2n ** 64n,
  2n ** 127n,
  2n ** 128n - 1n,
]
const BITS = { u8: 8, u16: 16, u32: 32, u64: 64, u128: 128 } as const
/** Deeper than any argument that means something; calls within calls stop here. */
const MAX_DEPTH = 12
const MAX_ITEMS = 3
const ACCOUNT = 'AccountId32'
const ADDRESS = 'MultiAddress'

/** SCALE of a random value of a type: for calls that nobody thought of. */
export function randomEncoding(type: TypeInfo, source: RandomSource, depth = 0): Uint8Array {
  const inner = (one: TypeInfo): Uint8Array => randomEncoding(one, source, depth + 1)
  switch (type.kind) {
    case 'lazy':
      return randomEncoding(type.resolve(), source, depth)
    case 'primitive':
      return randomPrimitive(type.name, source)
    case 'compact':
      return compact(randomNumber(bitsOf(type.item), source))
    case 'sequence': {
      const length = depth >= MAX_DEPTH ? 0 : draw(source, MAX_ITEMS + 1)
      return concatBytes(compact(BigInt(length)), ...times(length, () => inner(type.item)))
    }
    case 'array':
      return concatBytes(...times(type.length, () => inner(type.item)))
    case 'tuple':
      return concatBytes(...type.items.map(inner))
    case 'composite':
      return type.path.at(-1) === ACCOUNT
        ? pick(source, source.accounts)
        : concatBytes(...type.fields.map((field) => inner(field.type)))
    case 'variant':
      return type.path.at(-1) === ADDRESS && source.random() < 0.9
        ? concatBytes(Uint8Array.of(0), pick(source, source.accounts))
        : randomVariant(type, source, depth)
  }
}

type Variant = Extract<TypeInfo, { kind: 'variant' }>

/** At the bottom the variant with the fewest fields, so that what contains itself ends. */
function randomVariant({ variants }: Variant, source: RandomSource, depth: number): Uint8Array {
  const shortest = variants.toSorted((a, b) => a.fields.length - b.fields.length)
  const chosen = depth >= MAX_DEPTH ? shortest[0] : pick(source, variants)
  const fields = (chosen?.fields ?? []).map(({ type }) => randomEncoding(type, source, depth + 1))
  return concatBytes(Uint8Array.of(chosen?.index ?? 0), ...fields)
}

function randomPrimitive(
  name: Extract<TypeInfo, { kind: 'primitive' }>['name'],
  source: RandomSource,
): Uint8Array {
  if (name === 'bool') return Uint8Array.of(draw(source, 2))
  if (name === 'str') return concatBytes(compact(2n), Uint8Array.of(0x6f, 0x6b))
  const bits = BITS[name]
  return encode(u128, randomNumber(bits, source)).subarray(0, bits / 8)
}

function randomNumber(bits: number, source: RandomSource): bigint {
  const small = BigInt(draw(source, 64))
  const chosen = source.random() < 0.5 ? small : pick(source, NUMBERS)
  return chosen % 2n ** BigInt(bits)
}

function bitsOf(type: TypeInfo): number {
  if (type.kind === 'primitive' && type.name in BITS) return BITS[type.name as keyof typeof BITS]
  if (type.kind === 'composite' && type.fields[0]) return bitsOf(type.fields[0].type)
  throw new InvariantError(`compact ${type.kind}`)
}

function compact(value: bigint): Uint8Array {
  const out = new Writer()
  out.compact(value)
  return out.finish()
}

function times<T>(count: number, make: () => T): T[] {
  return Array.from({ length: count }, make)
}

function draw({ random }: RandomSource, bound: number): number {
  return Math.floor(random() * bound)
}

function pick<T>(source: RandomSource, items: readonly T[]): T {
  const item = items[draw(source, items.length)]
  if (item === undefined) throw new InvariantError('nothing to pick from')
  return item
}
