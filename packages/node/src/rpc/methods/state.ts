import { equalBytes } from '@tacit/base'
import { checkpointKeys } from '@tacit/light'
import { proveKeys } from '@tacit/state'
import { toHex } from '../hex.ts'
import { nodeReader } from '../../storage/state-root.ts'
import type { Methods } from '../json-rpc.ts'
import {
  bytesAt,
  integerAt,
  listAt,
  optionalBytesAt,
  stringAt,
  toBytes,
  type Params,
} from '../params.ts'
import { invalidParams } from '../rpc-error.ts'
import { blockAt, callRuntime, isGenesis, stateAt, type RpcServices } from '../services.ts'
import { subscribe, unsubscribe } from '../subscribe.ts'
import { versionToJson } from '../version-json.ts'

const MAX_PAGE = 1_000
const MAX_KEYS = 1_024
const MAX_KEY_BYTES = 1_024

export function stateMethods(services: RpcServices): Methods {
  const { runtime, crypto } = services
  const version = (): unknown => versionToJson(runtime.version)
  const getStorage = (params: Params): Uint8Array | undefined =>
    stateAt(services, blockAt(services, params, 1)).values.get(keyAt(params, 0))
  const storage = (params: Params): unknown => optionalHex(getStorage(params))
  const keysPaged = (params: Params): string[] => {
    const { values } = stateAt(services, blockAt(services, params, 3))
    const limit = integerAt(params, 1, MAX_PAGE)
    return values.keysWithPrefix(keyAt(params, 0), optionalBytesAt(params, 2), limit).map(toHex)
  }
  return {
    state_getStorage: storage,
    state_getStorageAt: storage,
    state_getStorageHash: (params) => {
      const value = getStorage(params)
      return value && toHex(crypto.hashes.blake2b256(value))
    },
    state_getStorageSize: (params) => getStorage(params)?.length,
    state_getKeysPaged: keysPaged,
    state_getKeysPagedAt: keysPaged,
    state_queryStorageAt: (params) => {
      const block = blockAt(services, params, 1)
      const { values } = stateAt(services, block)
      const changes = keysAt(params, 0).map((key) => [toHex(key), optionalHex(values.get(key))])
      return [{ block: toHex(block.hash), changes }]
    },
    state_getReadProof: (params) => readProof(services, params),
    state_call: (params) => {
      const input = optionalBytesAt(params, 1) ?? new Uint8Array()
      return toHex(callRuntime(services, blockAt(services, params, 2), stringAt(params, 0), input))
    },
    state_getMetadata: () => toHex(runtime.metadata(14)),
    state_getRuntimeVersion: version,
    chain_getRuntimeVersion: version,
    state_subscribeRuntimeVersion: (_, call) =>
      subscribe(call, 'state_runtimeVersion', (notify) => {
        notify(version())
        return () => {}
      }),
    state_unsubscribeRuntimeVersion: unsubscribe,
  }
}

function readProof(services: RpcServices, params: Params): unknown {
  const keys = keysAt(params, 0)
  const block = blockAt(services, params, 1)
  const at = toHex(block.hash)
  if (isGenesis(services, block) && isCheckpoint(services, keys))
    return { at, proof: services.store.checkpointProof.map(toHex) }
  const { values, nodes } = stateAt(services, block)
  const { blake2b256: hash } = services.crypto.hashes
  return { at, proof: proveKeys({ nodes: nodeReader(nodes), values, hash }, keys).map(toHex) }
}

/** Whether the keys are those from which a light client starts at genesis. */
function isCheckpoint({ crypto }: RpcServices, keys: readonly Uint8Array[]): boolean {
  const wanted = checkpointKeys(crypto.hashes)
  return (
    keys.length === wanted.length &&
    wanted.every((key) => keys.some((asked) => equalBytes(asked, key)))
  )
}

function keysAt(params: Params, at: number): Uint8Array[] {
  return listAt(params, at, MAX_KEYS, (item) => checkKey(toBytes(item, at)))
}

function keyAt(params: Params, at: number): Uint8Array {
  return checkKey(bytesAt(params, at))
}

/** The database takes no longer key, and no shorter one is ever asked for in earnest. */
function checkKey(key: Uint8Array): Uint8Array {
  if (key.length > MAX_KEY_BYTES) throw invalidParams(`a key has at most ${MAX_KEY_BYTES} bytes`)
  return key
}

function optionalHex(value: Uint8Array | undefined): string | null {
  return value ? toHex(value) : null
}
