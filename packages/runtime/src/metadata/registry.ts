import type { v14 } from '@polkadot-api/substrate-bindings'
import type { FieldInfo, TypeInfo } from '@tacit/base'

/** scale-info's portable registry, as substrate-bindings encodes it. */
export type Lookup = Parameters<typeof v14.enc>[0]['lookup']
type Entry = Lookup[number]
type Body = Pick<Entry, 'path' | 'params' | 'def'>
type Field = Extract<Entry['def'], { tag: 'composite' }>['value'][number]

/** Collects types into a registry in which equal types have one number. */
export interface TypeRegistry {
  /** Number of a type; what it is made of is added with it. */
  id(type: TypeInfo): number
  /** The types added so far. */
  lookup(): Lookup
}

export function createTypeRegistry(): TypeRegistry {
  const entries: Entry[] = []
  const numbers = new Map<TypeInfo, number>()
  const byShape = new Map<string, number>()
  /** Types whose parts are being added, with the number if one of the parts needed it. */
  const open = new Map<TypeInfo, number | undefined>()

  const reserve = (): number =>
    entries.push({ id: entries.length, path: [], params: [], def: tuple([]), docs: [] }) - 1

  const id = (type: TypeInfo): number => {
    if (type.kind === 'lazy') return id(type.resolve())
    const known = numbers.get(type) ?? open.get(type)
    if (known !== undefined) return known
    if (open.has(type)) {
      const reserved = reserve()
      open.set(type, reserved)
      return reserved
    }
    open.set(type, undefined)
    const number = store(bodyOf(type, id), () => open.get(type))
    open.delete(type)
    numbers.set(type, number)
    return number
  }

  const store = (body: Body, reserved: () => number | undefined): number => {
    const shape = JSON.stringify(body)
    const equal = byShape.get(shape)
    if (equal !== undefined && reserved() === undefined) return equal
    const number = reserved() ?? reserve()
    entries[number] = { id: number, ...body, docs: [] }
    byShape.set(shape, number)
    return number
  }

  return { id, lookup: () => entries }
}

type Id = (type: TypeInfo) => number
type Plain = Exclude<TypeInfo, { kind: 'lazy' }>

function bodyOf(type: Plain, id: Id): Body {
  const named = type.kind === 'composite' || type.kind === 'variant'
  const params = named
    ? type.params.map((param) => ({ name: param.name, type: id(param.type) }))
    : []
  return { path: named ? [...type.path] : [], params, def: definitionOf(type, id) }
}

function definitionOf(type: Plain, id: Id): Entry['def'] {
  switch (type.kind) {
    case 'primitive':
      return { tag: 'primitive', value: { tag: type.name, value: undefined } }
    case 'sequence':
      return { tag: 'sequence', value: id(type.item) }
    case 'array':
      return { tag: 'array', value: { len: type.length, type: id(type.item) } }
    case 'tuple':
      return tuple(type.items.map(id))
    case 'compact':
      return { tag: 'compact', value: id(type.item) }
    case 'composite':
      return { tag: 'composite', value: fieldsOf(type.fields, id) }
    case 'variant':
      return {
        tag: 'variant',
        value: type.variants.map(({ name, index, fields, docs }) => ({
          name,
          index,
          fields: fieldsOf(fields, id),
          docs: [...docs],
        })),
      }
  }
}

function tuple(items: number[]): Entry['def'] {
  return { tag: 'tuple', value: items }
}

function fieldsOf(fields: readonly FieldInfo[], id: Id): Field[] {
  return fields.map(({ name, type, typeName }) => ({ name, type: id(type), typeName, docs: [] }))
}
