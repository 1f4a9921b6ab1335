import type { Codec, Writer } from '@tacit/base'

/** Something that happened, as it is deposited: who says it and what it carries. */
export type RuntimeEvent = {
  /** 'Pallet.Name'. */
  readonly code: string
  readonly value: unknown
  readonly kind: EventInfo
}

/** One kind of event, as the metadata describes it. */
export interface EventInfo {
  readonly code: string
  readonly palletIndex: number
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
    ([name, [index, fields, doc]]) => {
      const kind = { code: `${pallet}.${name}`, palletIndex, index, fields, doc }
      const make = (value: unknown): RuntimeEvent => ({ code: kind.code, value, kind })
      return [name, Object.assign(make, kind)]
    },
  )
  return Object.fromEntries(makers) as Events<T>
}

/** Writes an event as SCALE of the outer enum: pallet index, event index, fields. */
export function writeEvent({ kind, value }: RuntimeEvent, out: Writer): void {
  out.u8(kind.palletIndex)
  out.u8(kind.index)
  kind.fields.encode(value, out)
}
