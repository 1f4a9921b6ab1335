import { Writer, type Codec } from '@tacit/base'

/** Something that happened, as it is deposited: who says it, what it carries, and its bytes. */
export type RuntimeEvent = {
  /** 'Pallet.Name'. */
  readonly code: string
  readonly value: unknown
  /** SCALE of the outer enum: pallet index, event index, fields. */
  readonly bytes: Uint8Array
}

/** One kind of event, as the metadata describes it. */
export interface EventInfo {
  readonly code: string
  readonly index: number
  readonly fields: Codec<unknown>
  readonly doc: string
}

/** Makes one kind of event. */
export interface EventMaker<T> extends EventInfo {
  (value: T): RuntimeEvent
}

/** A pallet's events by name; a name's type is what it carries, undefined for nothing. */
export type Events<T extends { readonly [K in keyof T]: unknown }> = {
  readonly [K in keyof T]: EventMaker<T[K]>
}

/** Index (0 to 255, never reused), fields, and what it means. */
type Declared<T> = readonly [index: number, fields: Codec<T>, doc: string]

/**
 * Declares a pallet's events. `ctx.deposit(xEvents.Transfer({ from, to, amount }))`; an event that
 * carries nothing is declared with `unit` and made with `undefined`.
 */
export function defineEvents<T extends { readonly [K in keyof T]: unknown }>(
  pallet: string,
  palletIndex: number,
  declared: { readonly [K in keyof T]: Declared<T[K]> },
): Events<T> {
  const makers = Object.entries<Declared<unknown>>(declared as never).map(
    ([name, [index, fields, doc]]) => [
      name,
      Object.assign(
        (value: unknown) => makeEvent(`${pallet}.${name}`, palletIndex, index, fields, value),
        {
          code: `${pallet}.${name}`,
          index,
          fields,
          doc,
        },
      ),
    ],
  )
  return Object.fromEntries(makers) as Events<T>
}

function makeEvent(
  code: string,
  pallet: number,
  index: number,
  fields: Codec<unknown>,
  value: unknown,
): RuntimeEvent {
  const out = new Writer()
  out.u8(pallet)
  out.u8(index)
  fields.encode(value, out)
  return { code, value, bytes: out.finish() }
}
