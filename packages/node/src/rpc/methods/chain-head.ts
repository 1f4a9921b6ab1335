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
import { answerQueries, asksChildTrie, toStorageQuery } from '../storage-query.ts'
import { requireConnection } from '../subscribe.ts'

/** Followers of one connection, and of all. */
const MAX_FOLLOWS = 4
const MAX_ALL_FOLLOWS = 1_024
const MAX_QUERIES = 1_024
const MAX_UNPINNED = 1_024
/** Items, or bytes of JSON, behind which the client has to ask for more. */
const ITEMS_PER_CONTINUE = 4_096
const BYTES_PER_CONTINUE = 4_194_304
const LIMIT_REACHED = { result: 'limitReached' } as const

/** Followers by connection and subscription, and how many there are. */
type Follows = { readonly of: WeakMap<Connection, Map<string, ChainHeadFollow>>; count: number }

/** What an operation does once the client knows its id. */
type Work = (follow: ChainHeadFollow, id: string, operation: Operation) => void | Promise<void>
type Prepared = {
  /** Units of work, at least one: see MAX_OPERATIONS. */
  readonly units: number
  /** Whether a part of it may be begun, and the rest discarded. */
  readonly isDivisible: boolean
  readonly work: Work
}
type Prepare = (params: Params, block: Head, follow: ChainHeadFollow) => Prepared

/** chainHead_v1 of the JSON-RPC interface specification (paritytech.github.io/json-rpc-interface-spec). */
export function chainHeadMethods(services: RpcServices): Methods {
  const follows: Follows = { of: new WeakMap(), count: 0 }
  const inFollow =
    (run: (follow: ChainHeadFollow, params: Params) => unknown): Method =>
    (params, call) => {
      const follow = findFollow(follows, params, call)
      return follow ? run(follow, params) : null
    }
  const operation =
    (prepare: Prepare): Method =>
    (params, call) =>
      startOperation(findFollow(follows, params, call), prepare, params, call)
  return {
    chainHead_v1_follow: (params, call) => follow(services, follows, params, call),
    chainHead_v1_unfollow: (params, call) =>
      void requireConnection(call).unsubscribe(stringAt(params, 0)),
    chainHead_v1_header: inFollow((found, params) => readHeader(services, pinnedAt(found, params))),
    chainHead_v1_body: operation((_, block) => prepareBody(services, block)),
    chainHead_v1_call: operation((params, block, found) =>
      prepareCall(services, params, block, found),
    ),
    chainHead_v1_storage: operation((params, block) => prepareStorage(services, params, block)),
    chainHead_v1_unpin: inFollow(unpin),
    chainHead_v1_continue: inFollow((found, params) => {
      const resume = found.operation(stringAt(params, 1))?.resume
      if (!resume) throw new RpcError(RPC_CODE.operationUnknown, 'Invalid operation id')
      resume()
    }),
    chainHead_v1_stopOperation: inFollow((found, params) => {
      const stopped = found.operation(stringAt(params, 1))
      if (!stopped) return
      stopped.stopped = true
      stopped.resume?.()
    }),
  }
}

function follow(services: RpcServices, follows: Follows, params: Params, call: Call): string {
  const connection = requireConnection(call)
  const withRuntime = booleanAt(params, 0)
  const own = follows.of.get(connection) ?? new Map<string, ChainHeadFollow>()
  follows.of.set(connection, own)
  if (own.size >= MAX_FOLLOWS || follows.count >= MAX_ALL_FOLLOWS)
    throw new RpcError(RPC_CODE.followLimit, 'Maximum number of chainHead_follow has been reached')
  const id = connection.subscribe((name) => {
    own.get(name)?.end()
    if (own.delete(name)) follows.count--
  })
  const notify = (event: FollowEvent): void =>
    connection.notify('chainHead_v1_followEvent', id, event)
  const onStop = (): void => void connection.unsubscribe(id)
  const created = new ChainHeadFollow({ services, withRuntime, notify, onStop })
  own.set(id, created)
  follows.count++
  call.afterReply(() => {
    if (!created.isStopped) created.begin()
  })
  return id
}

function findFollow({ of }: Follows, params: Params, call: Call): ChainHeadFollow | undefined {
  return of.get(requireConnection(call))?.get(stringAt(params, 0))
}

function pinnedAt(found: ChainHeadFollow, params: Params): Head {
  const block = found.pinned(hashAt(params, 1))
  if (!block) throw new RpcError(RPC_CODE.blockNotPinned, 'Invalid block hash')
  return block
}

function readHeader({ store }: RpcServices, { number }: Head): string {
  const header = store.header(number)
  if (!header) throw new RpcError(RPC_CODE.internal, 'Internal error', 'no such header')
  return toHex(header)
}

/** Replies at once and answers by events. */
function startOperation(
  found: ChainHeadFollow | undefined,
  prepare: Prepare,
  params: Params,
  call: Call,
): unknown {
  if (!found) return LIMIT_REACHED
  const { units, isDivisible, work } = prepare(params, pinnedAt(found, params), found)
  const begun = found.startOperation(units)
  if (!begun) return LIMIT_REACHED
  const { id, operation } = begun
  call.afterReply(() => void runOperation(found, id, operation, work))
  const started = { result: 'started', operationId: id }
  return isDivisible ? { ...started, discardedItems: units - operation.units } : started
}

async function runOperation(
  found: ChainHeadFollow,
  id: string,
  operation: Operation,
  work: Work,
): Promise<void> {
  try {
    if (!operation.stopped) await work(found, id, operation)
  } catch (fault) {
    const error = fault instanceof Error ? fault.message : 'failed'
    found.emit({ event: 'operationError', operationId: id, error })
  } finally {
    found.endOperation(id)
  }
}

function prepareBody({ store }: RpcServices, { number }: Head): Prepared {
  const work: Work = (found, operationId) => {
    const body = store.body(number)
    if (!body.ok) return found.emit({ event: 'operationInaccessible', operationId })
    found.emit({ event: 'operationBodyDone', operationId, value: body.value.map(toHex) })
  }
  return { units: 1, isDivisible: false, work }
}

function prepareCall(
  services: RpcServices,
  params: Params,
  block: Head,
  { withRuntime }: ChainHeadFollow,
): Prepared {
  if (!withRuntime)
    throw new RpcError(
      RPC_CODE.withoutRuntime,
      'The runtime updates flag must be set at chainHead_follow',
    )
  const name = stringAt(params, 2)
  const input = bytesAt(params, 3)
  const work: Work = (found, operationId) => {
    if (!stateOf(services, block))
      return found.emit({ event: 'operationInaccessible', operationId })
    const output = toHex(callRuntime(services, block, name, input))
    found.emit({ event: 'operationCallDone', operationId, output })
  }
  return { units: 1, isDivisible: false, work }
}

function prepareStorage(services: RpcServices, params: Params, block: Head): Prepared {
  const asked = listAt(params, 2, MAX_QUERIES, toStorageQuery)
  const queries = asksChildTrie(params[3], 3) ? [] : asked
  const read = (): StateAt | undefined => stateOf(services, block)
  const work: Work = (found, id, operation) => {
    const accepted = queries.slice(0, operation.units)
    return sendItems(found, id, operation, answerQueries(accepted, read, services.crypto.hashes))
  }
  return { units: Math.max(1, asked.length), isDivisible: true, work }
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
  let bytes = 0
  for (let next = chunks.next(); ; next = chunks.next()) {
    if (operation.stopped) return
    if (next.done) {
      const event = next.value === 'done' ? 'operationStorageDone' : 'operationInaccessible'
      return found.emit({ event, operationId })
    }
    const items = next.value
    if (items.length > 0) found.emit({ event: 'operationStorageItems', operationId, items })
    sent += items.length
    for (const item of items) for (const text of Object.values(item)) bytes += text.length
    if (sent >= ITEMS_PER_CONTINUE || bytes >= BYTES_PER_CONTINUE) {
      sent = 0
      bytes = 0
      found.emit({ event: 'operationWaitingForContinue', operationId })
      await new Promise<void>((resolve) => (operation.resume = resolve))
      operation.resume = undefined
    }
    await nextTick()
  }
}

function unpin(found: ChainHeadFollow, params: Params): void {
  const hashes = Array.isArray(params[1])
    ? listAt(params, 1, MAX_UNPINNED, toHash)
    : [hashAt(params, 1)]
  if (new Set(hashes.map(toHex)).size < hashes.length)
    throw new RpcError(RPC_CODE.duplicateHashes, 'Duplicate block hashes')
  if (!hashes.every((hash) => found.pinned(hash)))
    throw new RpcError(RPC_CODE.blockNotPinned, 'Invalid block hash')
  for (const hash of hashes) found.unpin(hash)
}
