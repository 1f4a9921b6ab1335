/** An error of a pallet; in events it is its pallet's index and its own. */
export type ModuleError = {
  /** 'Pallet.Name'. */
  readonly code: string
  readonly pallet: number
  readonly index: number
  readonly name: string
  readonly doc: string
}

/** A pallet's errors by name. */
export type Errors<Names extends string = string> = { readonly [N in Names]: ModuleError }

type Declared = readonly [index: number, doc: string]

/**
 * Declares a pallet's errors: a name, its index (0 to 255, never reused), and what it means.
 * A dispatch returns `err(xErrors.Name)`.
 */
export function defineErrors<Names extends string>(
  pallet: string,
  palletIndex: number,
  declared: { readonly [N in Names]: Declared },
): Errors<Names> {
  const errors = Object.entries<Declared>(declared).map(([name, [index, doc]]) => [
    name,
    { code: `${pallet}.${name}`, pallet: palletIndex, index, name, doc },
  ])
  return Object.fromEntries(errors) as Errors<Names>
}
