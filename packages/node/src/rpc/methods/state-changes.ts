import { setImmediate as nextTick } from 'node:timers/promises'
import { bytesToHex } from '@tacit/base'
import type { Head } from '@tacit/runtime'
import { countAnswerBytes } from '../answer-bytes.ts'
import { toHex } from '../hex.ts'
import type { Connection } from '../connection.ts'
import type { Call, Method, Methods } from '../json-rpc.ts'
import { hashAt, isAbsent, keysAt, type Params } from '../params.ts'
import { RPC_CODE, RpcError, unsafeCalled } from '../rpc-error.ts'
import { blockAt, findBlock, hashOf, stateAt, type RpcServices } from '../services.ts'
import { StorageWatch, type StorageChanges } from '../storage-watch.ts'
import { requireConnection, subscribe, unsubscribe } from '../subscribe.ts'
import { versionToJson } from '../version-json.ts'
import { MAX_KEYS } from './state.ts'

/** Keys times blocks that one state_queryStorage reads. */
const MAX_READS = 32_768
/** Keys that one connection watches, and all of them. */
const MAX_WATCHED = 8_192
const MAX_ALL_WATCHED = 65_536

/** The state_* methods that tell how state changes. */
export function stateChangeMethods(services: RpcServices): Methods {
  const version = (_: Params, call: Call): string =>
    subscribe(call, 'state_runtimeVersion', (notify) => {
      notify(versionToJson(services.runtime.version))
      return () => {}
    })
  return {
    state_queryStorage: (params) => queryRange(services, params),
    state_queryStorageAt: (params) => {
      const keys = keysAt(params, 0, MAX_KEYS)
      return [valuesAt(services, blockAt(services, params, 1), keys)]
    },
    state_subscribeRuntimeVersion: version,
    chain_subscribeRuntimeVersion: version,
    state_unsubscribeRuntimeVersion: unsubscribe,
    chain_unsubscribeRuntimeVersion: unsubscribe,
    state_subscribeStorage: subscribeStorage(services),
    state_unsubscribeStorage: unsubscribe,
  }
}

function valuesAt(services: RpcServices, block: Head, keys: readonly Uint8Array[]): StorageChanges {
  const { values } = stateAt(services, block)
  const count = countAnswerBytes()
  const changes = keys.map((key) => {
    const value = values.get(key)
    count(value?.length ?? 0)
    return [toHex(key), optionalHex(value)] as const
  })
  return { block: toHex(block.hash), changes }
}

/** All values behind the first block, then what changed, block by block. */
async function queryRange(services: RpcServices, params: Params): Promise<StorageChanges[]> {
  const keys = keysAt(params, 0, MAX_KEYS)
  const from = findBlock(services, hashAt(params, 1))
  const to = blockAt(services, params, 2)
  if (!from) throw rangeError('the first block is unknown')
  if (from.number > to.number) throw rangeError('from number > to number')
  if ((to.number - from.number + 1) * Math.max(1, keys.length) > MAX_READS)
    throw rangeError(`keys times blocks exceed ${MAX_READS}`)
  const sets = [valuesAt(services, from, keys)]
  const last = new Map(sets[0]?.changes)
  const count = countAnswerBytes()
  for (let number = from.number + 1; number <= to.number; number++) {
    await nextTick()
    const hash = hashOf(services, number)
    if (!hash) throw rangeError(`block ${number} is unknown`)
    const { block, changes } = valuesAt(services, { number, hash }, keys)
    const changed = changes.filter(([key, value]) => last.get(key) !== value)
    for (const [key, value] of changed) {
      last.set(key, value)
      count((value?.length ?? 0) / 2)
    }
    if (changed.length > 0) sets.push({ block, changes: changed })
  }
  return sets
}

function rangeError(details: string): RpcError {
  return new RpcError(RPC_CODE.blockRange, 'Cannot resolve a block range', details)
}

function subscribeStorage(services: RpcServices): Method {
  const watch = new StorageWatch(services)
  const counts = new WeakMap<Connection, number>()
  let total = 0
  return (params, call) => {
    if (isAbsent(params[0])) throw unsafeCalled()
    const keys = distinct(keysAt(params, 0, MAX_KEYS))
    const connection = requireConnection(call)
    const add = (count: number): void => {
      counts.set(connection, (counts.get(connection) ?? 0) + count)
      total += count
    }
    const own = (counts.get(connection) ?? 0) + keys.length
    if (own > MAX_WATCHED || total + keys.length > MAX_ALL_WATCHED)
      throw new RpcError(RPC_CODE.tooManySubscriptions, 'Too many keys are watched')
    const { values } = stateAt(services, services.chain.head)
    const count = countAnswerBytes()
    for (const key of keys) count(values.get(key)?.length ?? 0)
    const begin = (notify: (changes: StorageChanges) => void): (() => void) =>
      watch.subscribe(keys, notify)
    const id = subscribe(call, 'state_storage', begin, () => add(-keys.length))
    add(keys.length)
    return id
  }
}

function distinct(keys: readonly Uint8Array[]): Uint8Array[] {
  return [...new Map(keys.map((key) => [bytesToHex(key), key])).values()]
}

function optionalHex(value: Uint8Array | undefined): string | null {
  return value ? toHex(value) : null
}
