import { setImmediate as nextTick } from 'node:timers/promises'
import type { Head } from '@tacit/runtime'
import { toHex } from '../hex.ts'
import type { StateAt } from '../../storage/store.ts'
import type { Call, Method, Methods } from '../json-rpc.ts'
import { bytesAt, hashAt, integerAt, isAbsent, listAt, stringAt, type Params } from '../params.ts'
import { RpcError } from '../rpc-error.ts'
import { bodyOf, callRuntime, findBlock, hashOf, type RpcServices } from '../services.ts'
import { DIFF_LIMITS, diffStates, toDiffQuery } from '../storage-diff.ts'
import { answerQueries, asksChildTrie, toStorageQuery } from '../storage-query.ts'
import { subscribe, unsubscribe } from '../subscribe.ts'

const MAX_U32 = 0xffff_ffff
const MAX_QUERIES = 256
const UNKNOWN = 'no such block'

/** archive_v1 of the specification, as far as the state of recent blocks reaches. */
export function archiveMethods(services: RpcServices): Methods {
  const { chain, feed, store } = services
  const stop: Method = (params, call) => void unsubscribe(params, call)
  return {
    archive_v1_genesisHash: () => toHex(chain.genesisHash),
    archive_v1_finalizedHeight: () => feed.finalized.number,
    archive_v1_hashByHeight: (params) => {
      const hash = hashOf(services, integerAt(params, 0, MAX_U32))
      return hash ? [toHex(hash)] : []
    },
    archive_v1_header: (params) => {
      const block = findBlock(services, hashAt(params, 0))
      const header = block && store.header(block.number)
      return header && toHex(header)
    },
    archive_v1_body: (params) => {
      const block = findBlock(services, hashAt(params, 0))
      return block && bodyOf(services, block.number).map(toHex)
    },
    archive_v1_call: (params) => archiveCall(services, params),
    archive_v1_storage: (params, call) => storage(services, params, call),
    archive_v1_stopStorage: stop,
    archive_v1_storageDiff: (params, call) => storageDiff(services, params, call),
    archive_v1_stopStorageDiff: stop,
  }
}

function archiveCall(services: RpcServices, params: Params): unknown {
  const hash = hashAt(params, 0)
  const name = stringAt(params, 1)
  const input = bytesAt(params, 2)
  const block = findBlock(services, hash)
  if (!block) return null
  try {
    return { success: true, value: toHex(callRuntime(services, block, name, input)) }
  } catch (fault) {
    if (!(fault instanceof RpcError)) throw fault
    return { success: false, error: fault.message }
  }
}

function storage(services: RpcServices, params: Params, call: Call): string {
  const block = findBlock(services, hashAt(params, 0))
  const asked = listAt(params, 1, MAX_QUERIES, toStorageQuery)
  const queries = asksChildTrie(params[2], 2) ? [] : asked
  const read = (): StateAt | undefined => stateOf(services, block)
  const { hashes } = services.crypto
  return stream(call, 'storage', block ? answerQueries(queries, read, hashes) : UNKNOWN)
}

function storageDiff(services: RpcServices, params: Params, call: Call): string {
  const block = findBlock(services, hashAt(params, 0))
  const queries = isAbsent(params[1])
    ? [toDiffQuery({ returnType: 'value' }, 1)]
    : listAt(params, 1, MAX_QUERIES, toDiffQuery)
  const parent = isAbsent(params[2])
    ? block && { number: block.number - 1 }
    : findBlock(services, hashAt(params, 2))
  const read = (): { before: StateAt; after: StateAt } | undefined => {
    const before = stateOf(services, parent)
    const after = stateOf(services, block)
    return before && after && { before, after }
  }
  const { hashes } = services.crypto
  if (!block || !parent || parent.number < 0) return stream(call, 'storageDiff', UNKNOWN)
  if (parent.number > block.number)
    return stream(call, 'storageDiff', 'previousHash is not an ancestor of hash')
  return stream(call, 'storageDiff', diffStates(queries, read, hashes))
}

function stateOf(
  { store }: RpcServices,
  block: Pick<Head, 'number'> | undefined,
): StateAt | undefined {
  const state = block && store.stateAt(block.number)
  return state?.ok ? state.value : undefined
}

type Chunks = Generator<readonly object[], 'done' | keyof typeof FAULTS>

const FAULTS = {
  pruned: 'the state of this block is pruned',
  too_many: `more than ${DIFF_LIMITS.keys} keys or ${DIFF_LIMITS.bytes} bytes to compare: name longer prefixes`,
} as const

/** Sends chunks as events of one subscription, or says at once why there are none. */
function stream(call: Call, event: string, chunks: Chunks | string): string {
  return subscribe(call, `archive_v1_${event}Event`, (notify, end) => {
    const ending = { ended: false }
    void send(event, chunks, ending, notify).finally(end)
    return () => void (ending.ended = true)
  })
}

async function send(
  event: string,
  chunks: Chunks | string,
  ending: { readonly ended: boolean },
  notify: (event: unknown) => void,
): Promise<void> {
  const fail = (error: string): void => notify({ event: `${event}Error`, error })
  if (typeof chunks === 'string') return fail(chunks)
  for (let next = chunks.next(); !ending.ended; next = chunks.next()) {
    if (next.done)
      return next.value === 'done' ? notify({ event: `${event}Done` }) : fail(FAULTS[next.value])
    for (const item of next.value) notify({ event, ...item })
    await nextTick()
  }
}
