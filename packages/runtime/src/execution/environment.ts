import type { Hash } from '@tacit/base'
import type { BlockContext, HostServices, PalletContext } from '../framework/context.ts'
import type { Composition } from '../framework/composition.ts'
import type { RuntimeEvent } from '../framework/events.ts'
import type { State } from '../framework/state.ts'
import type { Host, HostStorage } from '../host.ts'
import { systemStorage } from '../pallets/system/types.ts'
import { timestampStorage } from '../pallets/timestamp/types.ts'

/** Where extrinsics are judged and executed: a block that is being made, or the pool's guess. */
export interface Environment {
  readonly composition: Composition
  readonly storage: HostStorage
  readonly state: State
  readonly host: HostServices
  /** The block of which an extrinsic would become part. */
  readonly block: BlockContext
  /** Hash of a block before this one, while it is kept. */
  blockHash(number: number): Hash | undefined
  deposit(event: RuntimeEvent): void
}

/** The environment of the block behind `parent`. */
export function createEnvironment(
  composition: Composition,
  host: Host,
  parent: { readonly number: number; readonly hash: Hash },
  deposit: (event: RuntimeEvent) => void,
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
    blockHash: (number) =>
      number === parent.number ? parent.hash : systemStorage.BlockHash.get(state, number),
    deposit,
  }
}

/** The host's storage as the rules see it. */
export function hostState({ storage, hashes }: Host): State {
  return {
    hashes,
    get: (key) => storage.get(key),
    set: (key, value) => storage.set(key, value),
    delete: (key) => storage.delete(key),
    keysWithPrefix: (prefix, startAfter, limit) =>
      storage.keysWithPrefix(prefix, startAfter, limit),
  }
}

/** What code of a pallet sees. */
export function palletContext({ state, host, block, deposit }: Environment): PalletContext {
  return { state, host, block, deposit }
}

/** Runs in a storage layer of its own, which is kept only if the outcome is good. */
export function inLayer<T extends { readonly ok: boolean }>(storage: HostStorage, run: () => T): T {
  storage.begin()
  const outcome = run()
  if (outcome.ok) storage.commit()
  else storage.rollback()
  return outcome
}
