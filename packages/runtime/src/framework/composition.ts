import {
  err,
  hash256,
  InvariantError,
  struct,
  unit,
  variant,
  vec,
  type Codec,
  type Hash,
} from '@tacit/base'
import { SPEC_VERSION } from '../version.ts'
import { extrinsicCodec, type Extrinsic } from '../extrinsic.ts'
import { phase, systemErrors, type Phase } from '../pallets/system/types.ts'
import { declaredInfo, type CallDefinition, type DispatchResult } from './calls.ts'
import type { CallContext } from './context.ts'
import { createRuntimeCalls, type RuntimeCalls } from './nested-calls.ts'
import type { Pallet } from './pallet.ts'
import type { CallFilter, Nested, RuntimeCall } from './runtime-call.ts'
import { defineStorage, storageValue, type StorageValue } from './storage.ts'

/** A decoded event, of the same form as a call. */
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
  /** Of these rules; a state that names another is migrated first. */
  readonly specVersion: number
  readonly call: Codec<RuntimeCall>
  readonly event: Codec<DecodedEvent>
  readonly extrinsic: Codec<Extrinsic>
  /** Errors never travel in this form; the metadata lists them. */
  readonly error: Codec<Nested>
  readonly eventRecord: Codec<EventRecord>
  readonly eventsStorage: { readonly Events: StorageValue<readonly EventRecord[]> }
  /** Of a call that `call` decoded. */
  readonly find: (call: RuntimeCall) => FoundCall
  /**
   * Runs a call in a layer of its own. Whoever is not Root has to pass the chain's filter, which
   * lets Mandatory calls pass: `System.CallFiltered`.
   */
  readonly dispatch: (
    context: CallContext,
    call: RuntimeCall,
    unfiltered?: boolean,
  ) => DispatchResult
}

/** A pallet, or how it is made where its calls carry or store other calls. */
export type PalletSource = Pallet | ((calls: RuntimeCalls) => Pallet)

/**
 * Makes the outer enums of pallets in the order of their indices.
 * @param baseFilter which calls anybody but Root may dispatch (FRAME's BaseCallFilter).
 */
export function compose(
  sources: readonly PalletSource[],
  baseFilter: CallFilter = () => true,
  specVersion: number = SPEC_VERSION,
): Composition {
  const calls = createRuntimeCalls(() => composition)
  const pallets = sources.map((source) => (typeof source === 'function' ? source(calls) : source))
  const call = outerEnum(pallets, 'Call')
  const event = outerEnum(pallets, 'Event')
  const eventRecord = eventRecordCodec(event)
  const byName = new Map(pallets.map((pallet) => [pallet.name, pallet]))
  const find = ({ type, value: { type: name, value: args } }: RuntimeCall): FoundCall => {
    const pallet = byName.get(type)
    const definition = pallet?.calls[name]
    if (!pallet || !definition) throw new InvariantError(`no call ${type}.${name}`)
    return { pallet, name, definition, args }
  }
  const composition: Composition = {
    pallets,
    specVersion,
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
    find,
    dispatch: (context, called, unfiltered = false) => {
      const { definition, args } = find(called)
      const filtered = !unfiltered && context.origin.type !== 'Root' && !baseFilter(called)
      if (filtered && declaredInfo(definition, args).class !== 'Mandatory')
        return err(systemErrors.CallFiltered)
      return context.attempt(() => definition.dispatch(context, args))
    },
  }
  return composition
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
  const cases = Object.entries(CASES[kind](pallet)).sort(([, [a]], [, [b]]) => a - b)
  if (cases.length === 0) return undefined
  return variant(Object.fromEntries(cases), { path: [palletCrate(pallet.name), 'pallet', kind] })
}

/** The Rust crate in which tools expect a pallet's types. */
function palletCrate(name: string): string {
  if (name === 'System') return 'frame_system'
  if (name === 'MultiBlockMigrations') return 'pallet_migrations'
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
