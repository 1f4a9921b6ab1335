import {
  compactU32,
  option,
  str,
  struct,
  u32,
  variant,
  vec,
  type CaseOf,
  type Codec,
} from '@tacit/base'

/** Types that a reference names by itself; Void takes no bytes. */
export type BasicType =
  | 'Bool'
  | 'Char'
  | 'Str'
  | `${'U' | 'I'}${8 | 16 | 32 | 64 | 128 | 256}`
  | `CompactU${8 | 16 | 32 | 64 | 128 | 256}`
  | 'Void'

/** A basic type, or the number of a leaf's type. */
export type TypeRef = CaseOf<BasicType> | CaseOf<'PerId', number>

export type LeafField = {
  readonly name: string | undefined
  readonly type: TypeRef
  readonly typeName: string | undefined
}

export type LeafDefinition =
  | CaseOf<'Composite', readonly LeafField[]>
  /** One case of an enum: each is a leaf of its own. */
  | CaseOf<
      'Enumeration',
      { readonly name: string; readonly fields: readonly LeafField[]; readonly index: number }
    >
  | { readonly type: 'Sequence'; readonly value: TypeRef }
  | CaseOf<'Array', { readonly length: number; readonly item: TypeRef }>
  | CaseOf<'Tuple', readonly TypeRef[]>

/** One leaf of the tree of types. */
export type TypeLeaf = {
  readonly path: readonly string[]
  readonly definition: LeafDefinition
  readonly id: number
}

/**
 * Encodings of RFC-78, section "Type Information", with the compact u256 that its text leaves out
 * and its implementations have (merkleized-metadata 0.5). The registry knows no bit sequences.
 */
export const typeRef: Codec<TypeRef> = variant({
  Bool: [0],
  Char: [1],
  Str: [2],
  U8: [3],
  U16: [4],
  U32: [5],
  U64: [6],
  U128: [7],
  U256: [8],
  I8: [9],
  I16: [10],
  I32: [11],
  I64: [12],
  I128: [13],
  I256: [14],
  CompactU8: [15],
  CompactU16: [16],
  CompactU32: [17],
  CompactU64: [18],
  CompactU128: [19],
  CompactU256: [20],
  Void: [21],
  PerId: [22, compactU32],
})

const field: Codec<LeafField> = struct({ name: option(str), type: typeRef, typeName: option(str) })

const definition: Codec<LeafDefinition> = variant({
  Composite: [0, vec(field)],
  Enumeration: [1, struct({ name: str, fields: vec(field), index: compactU32 })],
  Sequence: [2, typeRef],
  Array: [3, struct({ length: u32, item: typeRef })],
  Tuple: [4, vec(typeRef)],
})

export const typeLeaf: Codec<TypeLeaf> = struct({ path: vec(str), definition, id: compactU32 })
