import { InvariantError } from '@tacit/base'
import type { Lookup } from './registry.ts'
import type { BasicType, LeafDefinition, LeafField, TypeLeaf, TypeRef } from './type-leaf.ts'

type Entry = Lookup[number]
type Definition = Entry['def']
type Field = Extract<Definition, { tag: 'composite' }>['value'][number]
type PrimitiveName = Extract<Definition, { tag: 'primitive' }>['value']['tag']

/** The types that some types are made of, as signers' devices read them. */
export type TypeTree = {
  /** In order: by type, cases of an enum by index. */
  readonly leaves: readonly TypeLeaf[]
  /** How extrinsics refer to a type of the registry that is among the leaves. */
  readonly refer: (id: number) => TypeRef
}

/**
 * Collects what is reachable from the roots and numbers it anew.
 * Source: RFC-78, sections "Prune unrelated Types" and "Generating TypeRef".
 */
export function createTypeTree(lookup: Lookup, roots: readonly number[]): TypeTree {
  const ids = reachable(lookup, roots).sort((left, right) => left - right)
  const numbers = new Map(ids.map((id, at) => [id, at]))
  const refer = (id: number): TypeRef => {
    const basic = basicType(lookup, id)
    if (basic) return { type: basic }
    const value = numbers.get(id)
    if (value === undefined) throw new InvariantError(`type ${id} is not in the tree`)
    return { type: 'PerId', value }
  }
  const leaves = ids.flatMap((id, at) => {
    const { path, def } = entryOf(lookup, id)
    return definitionsOf(def, refer).map((definition) => ({ path, definition, id: at }))
  })
  return { leaves, refer }
}

function entryOf(lookup: Lookup, id: number): Entry {
  const entry = lookup[id]
  if (entry?.id !== id) throw new InvariantError(`type ${id} is not at its place`)
  return entry
}

function reachable(lookup: Lookup, roots: readonly number[]): number[] {
  const found = new Set<number>()
  const waiting = [...roots]
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (found.has(id) || basicType(lookup, id)) continue
    found.add(id)
    waiting.push(...partsOf(entryOf(lookup, id).def))
  }
  return [...found]
}

function partsOf(def: Definition): readonly number[] {
  switch (def.tag) {
    case 'composite':
      return def.value.map(({ type }) => type)
    case 'variant':
      return def.value.flatMap(({ fields }) => fields.map(({ type }) => type))
    case 'sequence':
      return [def.value]
    case 'array':
      return [def.value.type]
    case 'tuple':
      return def.value
    case 'primitive':
    case 'compact':
    case 'bitSequence':
      throw new InvariantError(`${def.tag} has no parts`)
  }
}

function basicType(lookup: Lookup, id: number): BasicType | undefined {
  const { def } = entryOf(lookup, id)
  switch (def.tag) {
    case 'primitive':
      return PRIMITIVES[def.value.tag]
    case 'compact':
      return compactType(lookup, def.value)
    case 'composite':
    case 'variant':
    case 'tuple':
      return def.value.length === 0 ? 'Void' : undefined
    case 'sequence':
    case 'array':
    case 'bitSequence':
      return undefined
  }
}

const PRIMITIVES: { readonly [N in PrimitiveName]: BasicType } = {
  bool: 'Bool',
  char: 'Char',
  str: 'Str',
  u8: 'U8',
  u16: 'U16',
  u32: 'U32',
  u64: 'U64',
  u128: 'U128',
  u256: 'U256',
  i8: 'I8',
  i16: 'I16',
  i32: 'I32',
  i64: 'I64',
  i128: 'I128',
  i256: 'I256',
}

const COMPACT: { readonly [N in PrimitiveName]?: BasicType } = {
  u8: 'CompactU8',
  u16: 'CompactU16',
  u32: 'CompactU32',
  u64: 'CompactU64',
  u128: 'CompactU128',
  u256: 'CompactU256',
}

/** A compact newtype is as compact as what it wraps. */
function compactType(lookup: Lookup, inner: number): BasicType {
  const { def } = entryOf(lookup, inner)
  const [only, ...others] = def.tag === 'composite' ? def.value : []
  if (only && others.length === 0) return compactType(lookup, only.type)
  const compact =
    def.tag === 'primitive'
      ? COMPACT[def.value.tag]
      : basicType(lookup, inner) === 'Void'
        ? 'Void'
        : undefined
  if (!compact) throw new InvariantError(`type ${inner} cannot be compact`)
  return compact
}

function definitionsOf(def: Definition, refer: (id: number) => TypeRef): readonly LeafDefinition[] {
  const fields = (all: readonly Field[]): LeafField[] =>
    all.map(({ name, type, typeName }) => ({ name, type: refer(type), typeName }))
  switch (def.tag) {
    case 'composite':
      return [{ type: 'Composite', value: fields(def.value) }]
    case 'variant':
      return def.value
        .toSorted((left, right) => left.index - right.index)
        .map(({ name, index, fields: all }) => ({
          type: 'Enumeration',
          value: { name, index, fields: fields(all) },
        }))
    case 'sequence':
      return [{ type: 'Sequence', value: refer(def.value) }]
    case 'array':
      return [{ type: 'Array', value: { length: def.value.len, item: refer(def.value.type) } }]
    case 'tuple':
      return [{ type: 'Tuple', value: def.value.map(refer) }]
    case 'primitive':
    case 'compact':
    case 'bitSequence':
      throw new InvariantError(`${def.tag} has no leaf`)
  }
}
