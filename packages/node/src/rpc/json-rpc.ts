import type { Log } from '../log.ts'
import type { Connection } from './connection.ts'
import { isRecord, type Params } from './params.ts'
import { RPC_CODE, RpcError } from './rpc-error.ts'
import type { Lane } from './turns.ts'

/** How a request came in. */
export type Call = {
  /** Absent over HTTP, which cannot carry notifications. */
  readonly connection: Connection | undefined
  /** Runs behind the reply: a client must know its subscription before it hears from it. */
  afterReply(run: () => void): void
  /** Where the connection's requests wait for their turn. */
  readonly lane: Lane
}

export type Method = (params: Params, call: Call) => unknown

export type Methods = { readonly [name: string]: Method }

/** Nested lists and objects of a request. */
const MAX_DEPTH = 64
const MAX_BATCH = 128
const MAX_RESPONSE_BYTES = 16_777_216
const MAX_ID_LENGTH = 256

type Id = string | number | null

/**
 * Answers a JSON-RPC 2.0 message, a batch or one request.
 * @param text undefined where the bytes were no UTF-8.
 * @returns the reply; undefined if there were only notifications.
 */
export async function answer(
  methods: Methods,
  text: string | undefined,
  call: Call,
  log: Log,
): Promise<string | undefined> {
  const parsed = text === undefined ? undefined : await call.lane.run(() => parseJson(text))
  if (!parsed) return failure(null, RPC_CODE.parse, 'Parse error')
  if (parsed.tooDeep) return failure(null, RPC_CODE.invalidRequest, 'Invalid request', 'too deep')
  const { value } = parsed
  if (!Array.isArray(value)) return await answerOne(methods, value, call, log)
  if (value.length === 0) return failure(null, RPC_CODE.invalidRequest, 'Invalid request')
  if (value.length > MAX_BATCH)
    return failure(null, RPC_CODE.tooBigBatch, 'The batch request was too large', {
      limit: MAX_BATCH,
    })
  return await answerBatch(methods, value, call, log)
}

async function answerBatch(
  methods: Methods,
  requests: readonly unknown[],
  call: Call,
  log: Log,
): Promise<string | undefined> {
  const replies: string[] = []
  let length = 0
  for (const request of requests) {
    const reply = await answerOne(methods, request, call, log)
    if (reply === undefined) continue
    replies.push(reply)
    length += reply.length
    if (length > MAX_RESPONSE_BYTES)
      return failure(null, RPC_CODE.tooBigBatchResponse, 'The batch response was too large')
  }
  return replies.length > 0 ? `[${replies.join(',')}]` : undefined
}

async function answerOne(
  methods: Methods,
  request: unknown,
  call: Call,
  log: Log,
): Promise<string | undefined> {
  const checked = checkRequest(request)
  if (!checked) return failure(idOf(request), RPC_CODE.invalidRequest, 'Invalid request')
  const { id, method, params } = checked
  const reply = await run(methods, method, params, { id: id ?? null, call, log })
  return id === undefined ? undefined : reply
}

type Checked = { readonly id: Id | undefined; readonly method: string; readonly params: unknown }

function checkRequest(request: unknown): Checked | undefined {
  if (!isRecord(request) || request['jsonrpc'] !== '2.0') return undefined
  const { id, method, params } = request
  if (typeof method !== 'string' || !(id === undefined || isId(id))) return undefined
  if (params !== undefined && (typeof params !== 'object' || params === null)) return undefined
  return { id, method, params: params ?? [] }
}

async function run(
  methods: Methods,
  name: string,
  params: unknown,
  { id, call, log }: { id: Id; call: Call; log: Log },
): Promise<string> {
  try {
    const method = Object.hasOwn(methods, name) ? methods[name] : undefined
    if (!method) throw new RpcError(RPC_CODE.methodNotFound, 'Method not found')
    if (!Array.isArray(params))
      throw new RpcError(RPC_CODE.invalidParams, 'Invalid params', 'by position only')
    return await call.lane.run(() => {
      if (call.connection?.isOpen === false) throw new RpcError(RPC_CODE.internal, 'Nobody listens')
      const result = method(params, call)
      return result instanceof Promise
        ? result.then((value) => success(id, value))
        : success(id, result)
    })
  } catch (fault) {
    return describeFault(id, name, fault, log)
  }
}

function success(id: Id, result: unknown): string {
  const text = JSON.stringify({ jsonrpc: '2.0', id, result: result ?? null })
  if (text.length <= MAX_RESPONSE_BYTES) return text
  throw new RpcError(RPC_CODE.oversizedResponse, 'Response is too big')
}

function describeFault(id: Id, method: string, fault: unknown, log: Log): string {
  if (fault instanceof RpcError) return failure(id, fault.code, fault.message, fault.data)
  const reason = fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)
  log('error', 'an RPC method failed', { method, reason })
  return failure(id, RPC_CODE.internal, 'Internal error')
}

/** The text of an error reply. */
export function failure(id: Id, code: number, message: string, data?: unknown): string {
  const error = data === undefined ? { code, message } : { code, message, data }
  return JSON.stringify({ jsonrpc: '2.0', id, error })
}

function parseJson(text: string): { value?: unknown; tooDeep: boolean } | undefined {
  if (isTooDeep(text)) return { tooDeep: true }
  try {
    return { value: JSON.parse(text), tooDeep: false }
  } catch {
    return undefined
  }
}

/** Counts brackets outside strings, before a parser has to follow them. */
function isTooDeep(text: string): boolean {
  let depth = 0
  let inString = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (inString) {
      if (code === BACKSLASH) at++
      else if (code === QUOTE) inString = false
    } else if (code === QUOTE) inString = true
    else if (code === OPEN_LIST || code === OPEN_OBJECT) {
      if (++depth > MAX_DEPTH) return true
    } else if (code === CLOSE_LIST || code === CLOSE_OBJECT) depth--
  }
  return false
}

const QUOTE = 34
const BACKSLASH = 92
const OPEN_LIST = 91
const CLOSE_LIST = 93
const OPEN_OBJECT = 123
const CLOSE_OBJECT = 125

function idOf(request: unknown): Id {
  const id = isRecord(request) ? request['id'] : undefined
  return isId(id) ? id : null
}

function isId(id: unknown): id is Id {
  return (
    id === null || typeof id === 'number' || (typeof id === 'string' && id.length <= MAX_ID_LENGTH)
  )
}
