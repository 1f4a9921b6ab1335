import { setImmediate as nextTick } from 'node:timers/promises'
import type { Head } from '@tacit/runtime'
import { toHex } from '../hex.ts'
import type { StateAt } from '../../storage/store.ts'
import { ChainHeadFollow, type FollowEvent, type Operation } from '../chain-head.ts'
import type { Connection } from '../connection.ts'
import type { Call, Method, Methods } from '../json-rpc.ts'
import { booleanAt, bytesAt, hashAt, listAt, stringAt, toHash, type Params } from '../params.ts'
import { RPC_CODE, RpcError } from '../rpc-error.ts'
import { callRuntime, type RpcServices } from '../services.ts'
import { answerQueries, toStorageQuery } from '../storage-query.ts'
import { requireConnection } from '../subscribe.ts'

/** Followers of one connection. */
const MAX_FOLLOWS = 4
const MAX_QUERIES = 256
/** Items behind which the client has to ask for more. */
const ITEMS_PER_CONTINUE = 4_096
const LIMIT_REACHED = { result: 'limitReached' } as const

type Follows = WeakMap<Connection, Map<string, ChainHeadFollow>>
type Started = (follow: ChainHeadFollow, id: string, operation: Operation) => void | Promise<void>

/** chainHead_v1 of the JSON-RPC interface specification (paritytech.github.io/json-rpc-interface-spec). */
export function chainHeadMethods(services: RpcServices): Methods {
  const follows: Follows = new WeakMap()
  const inFollow =
    (run: (follow: ChainHeadFollow, params: Params) => unknown, dead: unknown): Method =>
    (params, call) => {
      const follow = findFollow(follows, params, call)
      return follow ? run(follow, params) : dead
    }
  return {
    chainHead_v1_follow: (params, call) => follow(services, follows, params, call),
    chainHead_v1_unfollow: (params, call) =>
      void requireConnection(call).unsubscribe(stringAt(params, 0)),
    chainHead_v1_header: inFollow(
      (found, params) => toHex(services.store.header(pinnedAt(found, params).number) ?? NONE),
      null,
    ),
    chainHead_v1_body: operationMethod(follows, (_, block) => (found, id) => {
      const value = (services.store.body(block.number) ?? []).map(toHex)
      found.emit({ event: 'operationBodyDone', operationId: id, value })
    }),
    chainHead_v1_call: operationMethod(follows, (params, block) => {
      const name = stringAt(params, 2)
      const input = bytesAt(params, 3)
      return (found, id) => found.emit(callEvent(services, block, id, { name, input }))
    }),
    chainHead_v1_storage: operationMethod(follows, (params, block) => {
      const queries = listAt(params, 2, MAX_QUERIES, toStorageQuery)
      const read = (): StateAt | undefined => stateOf(services, block)
      return (found, id, operation) =>
        sendItems(found, id, operation, answerQueries(queries, read, services.crypto.hashes))
    }),
    chainHead_v1_unpin: inFollow((found, params) => unpin(found, params), null),
    chainHead_v1_continue: inFollow((found, params) => {
      const resume = found.operation(stringAt(params, 1))?.resume
      if (!resume) throw new RpcError(RPC_CODE.operationUnknown, 'Invalid operation id')
      resume()
    }, null),
    chainHead_v1_stopOperation: inFollow((found, params) => {
      const operation = found.operation(stringAt(params, 1))
      if (!operation) return
      operation.stopped = true
      operation.resume?.()
    }, null),
  }
}

const NONE = new Uint8Array()

function follow(services: RpcServices, follows: Follows, params: Params, call: Call): string {
  const connection = requireConnection(call)
  const withRuntime = booleanAt(params, 0)
  const own = follows.get(connection) ?? new Map<string, ChainHeadFollow>()
  follows.set(connection, own)
  if (own.size >= MAX_FOLLOWS)
    throw new RpcError(RPC_CODE.followLimit, 'Maximum number of chainHead_follow has been reached')
  const id = connection.subscribe((name) => {
    own.get(name)?.end()
    own.delete(name)
  })
  const notify = (event: FollowEvent): void =>
    connection.notify('chainHead_v1_followEvent', id, event)
  const created = new ChainHeadFollow(id, services, withRuntime, notify)
  own.set(id, created)
  call.afterReply(() => {
    if (!created.isStopped) created.begin()
  })
  return id
}

function findFollow(follows: Follows, params: Params, call: Call): ChainHeadFollow | undefined {
  const found = follows.get(requireConnection(call))?.get(stringAt(params, 0))
  return found && !found.isStopped ? found : undefined
}

function pinnedAt(found: ChainHeadFollow, params: Params): Head {
  const block = found.pinned(hashAt(params, 1))
  if (!block) throw new RpcError(RPC_CODE.blockNotPinned, 'Invalid block hash')
  return block
}

/** A method that replies at once and answers by events. */
function operationMethod(
  follows: Follows,
  prepare: (params: Params, block: Head) => Started,
): Method {
  return (params, call) => {
    const found = findFollow(follows, params, call)
    if (!found) return LIMIT_REACHED
    const started = prepare(params, pinnedAt(found, params))
    const begun = found.startOperation()
    if (!begun) return LIMIT_REACHED
    const { id, operation } = begun
    call.afterReply(() => {
      void runOperation(found, id, operation, started)
    })
    return { result: 'started', operationId: id, discardedItems: 0 }
  }
}

async function runOperation(
  found: ChainHeadFollow,
  id: string,
  operation: Operation,
  started: Started,
): Promise<void> {
  try {
    if (!operation.stopped) await started(found, id, operation)
  } catch (fault) {
    const error = fault instanceof Error ? fault.message : 'failed'
    found.emit({ event: 'operationError', operationId: id, error })
  } finally {
    found.endOperation(id)
  }
}

function callEvent(
  services: RpcServices,
  block: Head,
  operationId: string,
  { name, input }: { readonly name: string; readonly input: Uint8Array },
): FollowEvent {
  if (!stateOf(services, block)) return { event: 'operationInaccessible', operationId }
  const output = toHex(callRuntime(services, block, name, input))
  return { event: 'operationCallDone', operationId, output }
}

function stateOf({ store }: RpcServices, block: Head): StateAt | undefined {
  const state = store.stateAt(block.number)
  return state.ok ? state.value : undefined
}

async function sendItems(
  found: ChainHeadFollow,
  operationId: string,
  operation: Operation,
  chunks: ReturnType<typeof answerQueries>,
): Promise<void> {
  let sent = 0
  for (let next = chunks.next(); ; next = chunks.next()) {
    if (operation.stopped) return
    if (next.done) {
      const event = next.value === 'done' ? 'operationStorageDone' : 'operationInaccessible'
      return found.emit({ event, operationId })
    }
    const items = next.value
    if (items.length > 0) found.emit({ event: 'operationStorageItems', operationId, items })
    sent += items.length
    if (sent >= ITEMS_PER_CONTINUE) {
      sent = 0
      found.emit({ event: 'operationWaitingForContinue', operationId })
      await new Promise<void>((resolve) => (operation.resume = resolve))
      operation.resume = undefined
    }
    await nextTick()
  }
}

function unpin(found: ChainHeadFollow, params: Params): void {
  const hashes = Array.isArray(params[1])
    ? listAt(params, 1, MAX_QUERIES * 4, toHash)
    : [hashAt(params, 1)]
  if (new Set(hashes.map(toHex)).size < hashes.length)
    throw new RpcError(RPC_CODE.duplicateHashes, 'Duplicate block hashes')
  if (!hashes.every((hash) => found.pinned(hash)))
    throw new RpcError(RPC_CODE.blockNotPinned, 'Invalid block hash')
  for (const hash of hashes) found.unpin(hash)
}
