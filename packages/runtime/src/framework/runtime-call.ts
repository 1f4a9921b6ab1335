/** A case of an outer enum: pallet, then name, then what it carries. */
export type Nested = {
  readonly type: string
  readonly value: { readonly type: string; readonly value?: unknown }
}

/** A decoded call: `{ type: 'Balances', value: { type: 'burn', value: args } }`. */
export type RuntimeCall = Nested

/** Which calls may be dispatched; total, and a function of the call alone. */
export type CallFilter = (call: RuntimeCall) => boolean
