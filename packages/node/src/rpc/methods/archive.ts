import { setImmediate as nextTick } from 'node:timers/promises'
import { toHex } from '../hex.ts'
import type { Methods } from '../json-rpc.ts'
import { bytesAt, hashAt, integerAt, listAt, stringAt, type Params } from '../params.ts'
import { RpcError } from '../rpc-error.ts'
import { blockAt, callRuntime, findBlock, hashOf, type RpcServices } from '../services.ts'
import { answerQueries, toStorageQuery } from '../storage-query.ts'
import { subscribe, unsubscribe } from '../subscribe.ts'

const MAX_U32 = 0xffff_ffff
const MAX_QUERIES = 256

/** archive_v1, as far as the state of recent blocks reaches. */
export function archiveMethods(services: RpcServices): Methods {
  const { chain, feed, store } = services
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
      return block && store.body(block.number)?.map(toHex)
    },
    archive_v1_call: (params) => archiveCall(services, params),
    archive_v1_storage: (params, call) => {
      const block = blockAt(services, params, 0)
      const queries = listAt(params, 1, MAX_QUERIES, toStorageQuery)
      return subscribe(call, 'archive_v1_storageEvent', (notify) => {
        const ending = { ended: false }
        void sendStorage(services, block.number, queries, { notify, ending })
        return () => void (ending.ended = true)
      })
    },
    archive_v1_stopStorage: unsubscribe,
  }
}

function archiveCall(services: RpcServices, params: Params): unknown {
  const block = findBlock(services, hashAt(params, 0))
  if (!block) return null
  const name = stringAt(params, 1)
  const input = bytesAt(params, 2)
  try {
    return { success: true, value: toHex(callRuntime(services, block, name, input)) }
  } catch (fault) {
    if (!(fault instanceof RpcError)) throw fault
    return { success: false, error: fault.message }
  }
}

async function sendStorage(
  { store, crypto }: RpcServices,
  number: number,
  queries: Parameters<typeof answerQueries>[0],
  { notify, ending }: { notify: (event: unknown) => void; ending: { readonly ended: boolean } },
): Promise<void> {
  const read = (): ReturnType<Parameters<typeof answerQueries>[1]> => {
    const state = store.stateAt(number)
    return state.ok ? state.value : undefined
  }
  const chunks = answerQueries(queries, read, crypto.hashes)
  for (let next = chunks.next(); !ending.ended; next = chunks.next()) {
    if (next.done) {
      const pruned = { event: 'storageError', error: 'the state of this block is pruned' }
      return notify(next.value === 'done' ? { event: 'storageDone' } : pruned)
    }
    for (const item of next.value) notify({ event: 'storage', ...item })
    await nextTick()
  }
}
