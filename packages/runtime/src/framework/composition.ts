import {
  hash256,
  InvariantError,
  struct,
  unit,
  variant,
  vec,
  type Codec,
  type Hash,
} from '@tacit/base'
import { extrinsicCodec, type Extrinsic } from '../extrinsic.ts'
import { phase, type Phase } from '../pallets/system/types.ts'
import type { CallDefinition } from './calls.ts'
import type { Pallet } from './pallet.ts'
import { defineStorage, storageValue, type StorageValue } from './storage.ts'

/** A case of an outer enum: pallet, then name, then what it carries. */
type Nested = {
  readonly type: string
  readonly value: { readonly type: string; readonly value?: unknown }
}

/** A decoded call: `{ type: 'Balances', value: { type: 'burn', value: args } }`. */
export type RuntimeCall = Nested
/** A decoded event, of the same form. */
export type DecodedEvent = Nested

/** One entry of System.Events. */
export type EventRecord = {
  readonly phase: Phase
  readonly event: DecodedEvent
  readonly topics: readonly Hash[]
}

/** A call with the declaration behind it. */
export type FoundCall = {
  readonly pallet: Pallet
  readonly name: string
  readonly definition: CallDefinition<unknown>
  readonly args: unknown
}

/** All pallets together: the outer enums and what is made of them. */
export interface Composition {
  readonly pallets: readonly Pallet[]
  readonly call: Codec<RuntimeCall>
  readonly event: Codec<DecodedEvent>
  readonly extrinsic: Codec<Extrinsic>
  /** Errors never travel in this form; the metadata lists them. */
  readonly error: Codec<Nested>
  readonly eventRecord: Codec<EventRecord>
  readonly eventsStorage: { readonly Events: StorageValue<readonly EventRecord[]> }
  /** Of a call that `call` decoded. */
  readonly find: (call: RuntimeCall) => FoundCall
}

/** Makes the outer enums of pallets in the order of their indices. */
export function compose(pallets: readonly Pallet[]): Composition {
  const call = outerEnum(pallets, 'Call')
  const event = outerEnum(pallets, 'Event')
  const eventRecord = eventRecordCodec(event)
  const byName = new Map(pallets.map((pallet) => [pallet.name, pallet]))
  return {
    pallets,
    call,
    event,
    extrinsic: extrinsicCodec(call),
    error: outerEnum(pallets, 'Error'),
    eventRecord,
    eventsStorage: defineStorage('System', {
      Events: storageValue({
        value: vec(eventRecord),
        default: [],
        docs: ['What happened in the last block, in order.'],
      }),
    }),
    find: ({ type, value: { type: name, value: args } }) => {
      const pallet = byName.get(type)
      const definition = pallet?.calls[name]
      if (!pallet || !definition) throw new InvariantError(`no call ${type}.${name}`)
      return { pallet, name, definition, args }
    },
  }
}

type Kind = 'Call' | 'Event' | 'Error'
type Cases = { [name: string]: readonly [index: number, carries: Codec<unknown>, doc?: string] }

const CASES: { readonly [K in Kind]: (pallet: Pallet) => Cases } = {
  Call: ({ calls }) =>
    mapValues(calls, ({ index, args, docs }) => [index, args, docs.join(' ')] as const),
  Event: ({ events }) =>
    mapValues(events, ({ index, fields, doc }) => [index, fields, doc] as const),
  Error: ({ errors }) => mapValues(errors, ({ index, doc }) => [index, unit, doc] as const),
}

/** A pallet's calls, events or errors as one enum; undefined if it has none. */
export function palletEnum(pallet: Pallet, kind: Kind): Codec<Nested['value']> | undefined {
  const cases = CASES[kind](pallet)
  if (Object.keys(cases).length === 0) return undefined
  return variant(cases, { path: [palletCrate(pallet.name), 'pallet', kind] })
}

/** The Rust crate in which tools expect a pallet's types. */
function palletCrate(name: string): string {
  if (name === 'System') return 'frame_system'
  return `pallet${name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`
}

function outerEnum(pallets: readonly Pallet[], kind: Kind): Codec<Nested> {
  const outer: { [name: string]: readonly [number, Codec<Nested['value']>] } = {}
  for (const pallet of pallets) {
    const inner = palletEnum(pallet, kind)
    if (inner) outer[pallet.name] = [pallet.index, inner]
  }
  return variant(outer, { path: ['tacit_runtime', `Runtime${kind}`] })
}

function eventRecordCodec(event: Codec<DecodedEvent>): Codec<EventRecord> {
  return struct(
    { phase, event, topics: vec(hash256) },
    {
      path: ['frame_system', 'EventRecord'],
      params: [
        { name: 'E', type: event.type },
        { name: 'T', type: hash256.type },
      ],
    },
  )
}

function mapValues<T, U>(
  record: { readonly [name: string]: T },
  change: (value: T) => U,
): { [name: string]: U } {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]))
}
