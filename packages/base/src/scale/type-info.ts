/** What a codec encodes, in the terms of scale-info; metadata is made from it. */
export type TypeInfo =
  | { readonly kind: 'primitive'; readonly name: PrimitiveName }
  | { readonly kind: 'sequence'; readonly item: TypeInfo }
  | { readonly kind: 'array'; readonly length: number; readonly item: TypeInfo }
  | { readonly kind: 'tuple'; readonly items: readonly TypeInfo[] }
  | { readonly kind: 'compact'; readonly item: TypeInfo }
  | {
      readonly kind: 'composite'
      readonly path: readonly string[]
      readonly params: readonly TypeParam[]
      readonly fields: readonly FieldInfo[]
    }
  | {
      readonly kind: 'variant'
      readonly path: readonly string[]
      readonly params: readonly TypeParam[]
      readonly variants: readonly VariantInfo[]
    }
  /** A type that contains itself; resolved when metadata is made. */
  | { readonly kind: 'lazy'; readonly resolve: () => TypeInfo }

export type PrimitiveName = 'bool' | 'str' | 'u8' | 'u16' | 'u32' | 'u64' | 'u128'
export type TypeParam = { readonly name: string; readonly type: TypeInfo }
export type FieldInfo = {
  readonly name?: string
  readonly type: TypeInfo
  readonly typeName?: string
}
export type VariantInfo = {
  readonly name: string
  /** 0 to 255. */
  readonly index: number
  readonly fields: readonly FieldInfo[]
  readonly docs: readonly string[]
}

/** Options that name a type for other people's tools: its Rust path and parameters. */
export type TypeName = {
  readonly path?: readonly string[]
  readonly params?: readonly TypeParam[]
}
