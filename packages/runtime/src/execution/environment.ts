import type { Hash } from '@tacit/base'
import type { BlockContext, DispatchContext, HostServices } from '../framework/context.ts'
import type { Composition } from '../framework/composition.ts'
import type { RuntimeEvent } from '../framework/events.ts'
import type { State } from '../framework/state.ts'
import type { Host, HostStorage } from '../host.ts'
import { systemStorage } from '../pallets/system/types.ts'
import { timestampStorage } from '../pallets/timestamp/types.ts'

/** A block by number and hash; storage shows the state behind it. */
export type Head = { readonly number: number; readonly hash: Hash }

/** Where extrinsics are judged and executed: a block that is being made, or the pool's guess. */
export interface Environment {
  readonly composition: Composition
  readonly storage: HostStorage
  readonly state: State
  readonly host: HostServices
  /** The block of which an extrinsic would become part. */
  readonly block: BlockContext
  readonly deposit: (event: RuntimeEvent) => void
  readonly attempt: DispatchContext['attempt']
}

/** Where events go; what failed takes its own back. */
export interface EventSink {
  readonly length: number
  deposit(event: RuntimeEvent): void
  truncate(length: number): void
}

/** For what is never part of a block. */
export const NO_EVENTS: EventSink = { length: 0, deposit: () => {}, truncate: () => {} }

/** The environment of the block behind `parent`. */
export function createEnvironment(
  composition: Composition,
  host: Host,
  parent: Head,
  events: EventSink,
): Environment {
  const { storage } = host
  const state = hostState(host)
  return {
    composition,
    storage,
    state,
    host,
    block: {
      number: parent.number + 1,
      parentHash: parent.hash,
      get nowMs() {
        return timestampStorage.Now.get(state)
      },
    },
    deposit: (event) => events.deposit(event),
    attempt: attemptIn(storage, events),
  }
}

/** Runs parts in layers of storage and events that are kept only if their outcomes are good. */
export function attemptIn(
  storage: Pick<HostStorage, 'begin' | 'commit' | 'rollback'>,
  events: Pick<EventSink, 'length' | 'truncate'>,
): DispatchContext['attempt'] {
  return (run) => {
    const mark = events.length
    storage.begin()
    const outcome = run()
    if (outcome.ok) storage.commit()
    else storage.rollback()
    if (!outcome.ok) events.truncate(mark)
    return outcome
  }
}

/** The host's storage as the rules see it. */
export function hostState({ storage, hashes }: Host): State {
  return {
    hashes,
    get: (key) => storage.get(key),
    set: (key, value) => storage.set(key, value),
    load: (key, form) => storage.load(key, form),
    store: (key, value, form) => storage.store(key, value, form),
    delete: (key) => storage.delete(key),
    keysWithPrefix: (prefix, startAfter, limit) =>
      storage.keysWithPrefix(prefix, startAfter, limit),
  }
}

/** What code of a pallet sees. */
export function palletContext(environment: Environment): DispatchContext {
  const { state, host, block, deposit, attempt } = environment
  return { state, host, block, deposit, attempt }
}

/**
 * Runs what the block behind `parent` would see before its extrinsics, and takes back all that it
 * wrote.
 */
export function behind<T>(
  composition: Composition,
  host: Host,
  parent: Head,
  run: (environment: Environment) => T,
): T {
  host.storage.begin()
  const outcome = run(openBehind(composition, host, parent))
  host.storage.rollback()
  return outcome
}

/** Writes into the host's storage what the block behind `parent` would see before its extrinsics. */
export function openBehind(composition: Composition, host: Host, parent: Head): Environment {
  const environment = createEnvironment(composition, host, parent, NO_EVENTS)
  enterBlock(environment)
  return environment
}

/** What the first step of a block writes: where the chain stands. */
export function enterBlock({ state, block }: Environment): void {
  systemStorage.Number.set(state, block.number)
  systemStorage.ParentHash.set(state, block.parentHash)
  systemStorage.BlockHash.set(state, block.number - 1, block.parentHash)
}
