import { concatBytes, utf8, Writer, type PrimitiveName, type TypeInfo } from '@tacit/base'
import * as fc from 'fast-check'

/** Values of some types, by the type's path, that mean something on the chain under test. */
export type Known = { readonly [path: string]: readonly Uint8Array[] }

type Bytes = fc.Arbitrary<Uint8Array>

/** Items of a list, mostly; now and then one is longer than any bound. */
const FEW = 3
const MANY = 130

/**
 * Encodings of a type, made from its description alone: edges of numbers, short lists, every
 * variant. Where a type contains itself it is followed so many levels deep.
 */
export function arbitraryBytes(type: TypeInfo, known: Known, levels: number): Bytes {
  const made = new Map<TypeInfo, Bytes>()
  const of = (part: TypeInfo): Bytes => {
    const cached = made.get(part)
    if (cached) return cached
    const arbitrary = build(part)
    made.set(part, arbitrary)
    return arbitrary
  }

  const build = (part: TypeInfo): Bytes => {
    switch (part.kind) {
      case 'primitive':
        return primitive(part.name)
      case 'compact':
        return compact(part.item)
      case 'sequence':
        return sequence(part.item)
      case 'array':
        return fixed(part)
      case 'tuple':
        return concatenated(part.items.map(of))
      case 'composite':
        return knownOr(part.path, concatenated(part.fields.map((field) => of(field.type))))
      case 'variant':
        return knownOr(part.path, anyCase(part))
      case 'lazy':
        return levels > 0
          ? fc.constant(undefined).chain(() => arbitraryBytes(part.resolve(), known, levels - 1))
          : fc.constantFrom(...(known['leaf'] ?? []))
    }
  }

  const anyCase = ({ variants }: Extract<TypeInfo, { kind: 'variant' }>): Bytes =>
    fc.oneof(
      ...variants.map(({ index, fields }) =>
        concatenated([fc.constant(Uint8Array.of(index)), ...fields.map((field) => of(field.type))]),
      ),
    )

  const knownOr = (path: readonly string[], any: Bytes): Bytes => {
    const values = known[path.join('::')]
    if (!values) return any
    const familiar = fc.constantFrom(...values)
    return fc.oneof({ weight: 9, arbitrary: familiar }, { weight: 1, arbitrary: any })
  }

  const fixed = ({ item, length }: Extract<TypeInfo, { kind: 'array' }>): Bytes => {
    const bytes = fc.uint8Array({ minLength: length, maxLength: length })
    if (item.kind !== 'primitive' || item.name !== 'u8') return repeated(of(item), length)
    const hashes = length === 32 ? known['hash'] : undefined
    return hashes ? fc.oneof(bytes, fc.constantFrom(...hashes)) : bytes
  }

  const sequence = (item: TypeInfo): Bytes => {
    const length = fc.oneof(
      { weight: 40, arbitrary: fc.nat({ max: FEW }) },
      { weight: 1, arbitrary: fc.nat({ max: item.kind === 'lazy' ? FEW : MANY }) },
    )
    return length.chain((count) =>
      repeated(of(item), count).map((items) => concatBytes(compactBytes(BigInt(count)), items)),
    )
  }

  return of(type)
}

function concatenated(parts: readonly Bytes[]): Bytes {
  return fc.tuple(...parts).map((values) => concatBytes(...values))
}

function repeated(item: Bytes, count: number): Bytes {
  return fc
    .array(item, { minLength: count, maxLength: count })
    .map((values) => concatBytes(...values))
}

const BITS = { u8: 8, u16: 16, u32: 32, u64: 64, u128: 128 } as const

function primitive(name: PrimitiveName): Bytes {
  if (name === 'bool') return fc.constantFrom(Uint8Array.of(0), Uint8Array.of(1))
  if (name === 'str')
    return fc
      .string({ maxLength: FEW })
      .map((text) => concatBytes(compactBytes(BigInt(utf8(text).length)), utf8(text)))
  const bits = BITS[name]
  return number(bits).map((value) => littleEndian(value, bits / 8))
}

function compact(item: TypeInfo): Bytes {
  if (item.kind !== 'primitive' || !(item.name in BITS)) return fc.constant(new Uint8Array())
  return number(BITS[item.name as keyof typeof BITS]).map(compactBytes)
}

/** Zero, one, amounts about the existential deposit, some coins, the most; else anything. */
function number(bits: number): fc.Arbitrary<bigint> {
  const most = 2n ** BigInt(bits) - 1n
  const edges = [0n, 1n, 2n, 3n, 5n, 10n ** 9n - 1n, 10n ** 9n, 10n ** 9n + 1n, 10n ** 13n]
  const fitting = [...edges.filter((edge) => edge <= most), most]
  return fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...fitting) },
    { weight: 1, arbitrary: fc.bigInt({ min: 0n, max: most }) },
  )
}

function compactBytes(value: bigint): Uint8Array {
  const out = new Writer()
  out.compact(value)
  return out.finish()
}

function littleEndian(value: bigint, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => Number((value >> BigInt(8 * at)) & 0xffn))
}
