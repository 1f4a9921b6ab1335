import { equalBytes } from '@tacit/base'
import type { Head } from '@tacit/runtime'
import { checkpointKeys } from '@tacit/light'
import { proveKeys } from '@tacit/state'
import { countAnswerBytes } from '../answer-bytes.ts'
import { toHex } from '../hex.ts'
import { nodeReader } from '../../storage/state-root.ts'
import type { StateAt } from '../../storage/store.ts'
import type { Methods } from '../json-rpc.ts'
import {
  integerAt,
  isAbsent,
  keyAt,
  keysAt,
  optionalBytesAt,
  stringAt,
  toKey,
  type Params,
} from '../params.ts'
import { RPC_CODE, RpcError } from '../rpc-error.ts'
import { blockAt, callRuntime, isGenesis, stateAt, type RpcServices } from '../services.ts'
import { versionToJson } from '../version-json.ts'

const MAX_U32 = 0xffff_ffff
/** Keys of one page, and entries that a method without pages reads. */
const MAX_PAGE = 1_000
/** Bytes of values that a method without pages reads. */
const MAX_VALUE_BYTES = 4_194_304
export const MAX_KEYS = 1_024

export function stateMethods(services: RpcServices): Methods {
  return { ...readMethods(services), ...runtimeMethods(services) }
}

function readMethods(services: RpcServices): Methods {
  const { crypto } = services
  const getStorage = (params: Params): Uint8Array | undefined => {
    const key = keyAt(params, 0)
    return stateOf(services, params, 1).values.get(key)
  }
  const storage = (params: Params): unknown => optionalHex(getStorage(params))
  const hash = (params: Params): unknown => {
    const value = getStorage(params)
    return value && toHex(crypto.hashes.blake2b256(value))
  }
  const size = (params: Params): unknown => storageSize(services, params)
  const page = (params: Params): unknown => keysPaged(services, params)
  return {
    state_getStorage: storage,
    state_getStorageAt: storage,
    state_getStorageHash: hash,
    state_getStorageHashAt: hash,
    state_getStorageSize: size,
    state_getStorageSizeAt: size,
    state_getKeys: (params) => entries(services, params).map(({ key }) => toHex(key)),
    state_getKeysPaged: page,
    state_getKeysPagedAt: page,
    state_getPairs: (params) =>
      entries(services, params).map(({ key, value }) => [toHex(key), toHex(value)]),
    state_getReadProof: (params) => readProof(services, params),
  }
}

function runtimeMethods(services: RpcServices): Methods {
  const { runtime } = services
  const version = (params: Params): unknown => {
    blockAt(services, params, 0)
    return versionToJson(runtime.version)
  }
  const call = (params: Params): unknown => {
    const name = stringAt(params, 0)
    const input = optionalBytesAt(params, 1) ?? new Uint8Array()
    return toHex(callRuntime(services, blockAt(services, params, 2), name, input))
  }
  return {
    state_call: call,
    state_callAt: call,
    state_getMetadata: (params) => {
      blockAt(services, params, 0)
      return toHex(runtime.metadata(14))
    },
    state_getRuntimeVersion: version,
    chain_getRuntimeVersion: version,
  }
}

function stateOf(services: RpcServices, params: Params, at: number): StateAt {
  return stateAt(services, blockAt(services, params, at))
}

function keysPaged(services: RpcServices, params: Params): string[] {
  const prefix = isAbsent(params[0]) ? new Uint8Array() : keyAt(params, 0)
  const count = integerAt(params, 1, MAX_U32)
  const start = isAbsent(params[2]) ? undefined : toKey(params[2], 2)
  const { values } = stateOf(services, params, 3)
  if (count > MAX_PAGE)
    throw new RpcError(
      RPC_CODE.invalidCount,
      `count exceeds maximum value. value: ${count}, max: ${MAX_PAGE}`,
    )
  return values.keysWithPrefix(prefix, start, count).map(toHex)
}

type Entry = { readonly key: Uint8Array; readonly value: Uint8Array }

/** All entries below a prefix, for the methods that know no pages; -32000 where they are too many. */
function entries(services: RpcServices, params: Params): Entry[] {
  const prefix = keyAt(params, 0)
  return entriesBelow(stateOf(services, params, 1), prefix)
}

function entriesBelow({ values }: StateAt, prefix: Uint8Array): Entry[] {
  const keys = values.keysWithPrefix(prefix, undefined, MAX_PAGE + 1)
  if (keys.length > MAX_PAGE) throw tooMany()
  let bytes = 0
  return keys.flatMap((key) => {
    const value = values.get(key)
    bytes += value?.length ?? 0
    if (bytes > MAX_VALUE_BYTES) throw tooMany()
    return value ? [{ key, value }] : []
  })
}

function tooMany(): RpcError {
  const data = { code: 'too_many_entries', limit: MAX_PAGE, limitBytes: MAX_VALUE_BYTES }
  return new RpcError(RPC_CODE.failed, 'Too many entries: use state_getKeysPaged', data)
}

/** The length of a value, or of all values below a prefix under which itself nothing stands. */
function storageSize(services: RpcServices, params: Params): number | null {
  const key = keyAt(params, 0)
  const state = stateOf(services, params, 1)
  const value = state.values.get(key)
  if (value) return value.length
  const sum = entriesBelow(state, key).reduce((total, entry) => total + entry.value.length, 0)
  return sum > 0 ? sum : null
}

function readProof(services: RpcServices, params: Params): unknown {
  const keys = keysAt(params, 0, MAX_KEYS)
  const block = blockAt(services, params, 1)
  const at = toHex(block.hash)
  if (isGenesis(services, block) && isCheckpoint(services, keys))
    return { at, proof: services.store.checkpointProof.map(toHex) }
  return { at, proof: prove(services, block, keys).map(toHex) }
}

function prove(
  services: RpcServices,
  block: Head,
  keys: readonly Uint8Array[],
): readonly Uint8Array[] {
  const { values, nodes } = stateAt(services, block)
  const { blake2b256: hash } = services.crypto.hashes
  const count = countAnswerBytes()
  /** Each part is read once, so what is read is what the answer holds. */
  const counted = (source: StateAt['nodes']): StateAt['nodes'] => ({
    get: (key) => {
      const found = source.get(key)
      count(found?.length ?? 0)
      return found
    },
  })
  return proveKeys({ nodes: nodeReader(counted(nodes)), values: counted(values), hash }, keys)
}

/** Whether the keys are those from which a light client starts at genesis. */
function isCheckpoint({ crypto }: RpcServices, keys: readonly Uint8Array[]): boolean {
  const wanted = checkpointKeys(crypto.hashes)
  return (
    keys.length === wanted.length &&
    wanted.every((key) => keys.some((asked) => equalBytes(asked, key)))
  )
}

function optionalHex(value: Uint8Array | undefined): string | null {
  return value ? toHex(value) : null
}
