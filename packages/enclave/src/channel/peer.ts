import type { Readable, Writable } from 'node:stream'
import { err, ok, type Coded, type Result } from '@tacit/base'
import { createFrameReader, encodeFrame, type FrameError } from './frames.ts'
import { isJsonObject, type Json, type JsonObject } from './json.ts'

/** A failure as it crosses the channel: its code and the plain fields beside it. */
export type WireError = { readonly code: string } & JsonObject

/** Answers one request of the other side. */
export type Handler = (method: string, params: Json) => Promise<Result<Json, WireError>>

export interface PeerOptions {
  readonly input: Readable
  readonly output: Writable
  readonly handle: Handler
  /** Requests of the other side that may run at once; more are answered `busy`. */
  readonly maxConcurrent: number
  /** Own requests that may wait for an answer at once; more fail with `busy`. */
  readonly maxPending: number
  /** Called with every message of either direction, for tests and metrics. */
  readonly observe?: (direction: 'in' | 'out', message: unknown) => void
}

/** One end of a channel on which both sides may ask. */
export interface Peer {
  /** @returns the other side's result, its coded error, or `busy` | `channel_closed` | `frame_too_large`. */
  request(method: string, params: Json): Promise<Result<Json, WireError>>
  /** Resolves when the stream has ended or broke. */
  readonly closed: Promise<void>
  close(): void
}

type Answer = (result: Result<Json, WireError>) => void

/**
 * Runs the channel over a pair of byte streams: {id, method, params} is answered by {id, result}
 * or {id, error: {code, ...}}. A message that is none of these is answered with id null.
 */
export function createPeer(options: PeerOptions): Peer {
  const { input, output, handle, observe } = options
  const pending = new Map<number, Answer>()
  const reader = createFrameReader()
  let nextId = 0
  let running = 0
  let isOpen = true
  const closing = Promise.withResolvers<void>()

  function send(message: JsonObject): FrameError | undefined {
    if (!isOpen) return undefined
    const frame = encodeFrame(message)
    if (!frame.ok) return frame.error
    observe?.('out', message)
    output.write(frame.value)
    return undefined
  }

  function fail(id: number | null, error: WireError): void {
    send({ id, error })
  }

  async function serve(id: number, method: string, params: Json): Promise<void> {
    if (running >= options.maxConcurrent) return fail(id, { code: 'busy' })
    running += 1
    const result = await handle(method, params).finally(() => (running -= 1))
    if (!result.ok) return fail(id, result.error)
    if (send({ id, result: result.value })) fail(id, { code: 'answer_too_large' })
  }

  function receive(frame: Result<unknown, FrameError>): void {
    if (!frame.ok) {
      fail(null, { code: frame.error.code })
      if (frame.error.code === 'frame_too_large') close()
      return
    }
    observe?.('in', frame.value)
    const message = parseMessage(frame.value)
    if (message === undefined) return fail(null, { code: 'frame_malformed' })
    if (message.kind === 'answer') {
      const answer = pending.get(message.id)
      pending.delete(message.id)
      answer?.(message.result)
      return
    }
    serve(message.id, message.method, message.params).catch((cause: unknown) => {
      process.stderr.write(`channel handler failed: ${cause instanceof Error ? cause.name : ''}\n`)
      fail(message.id, { code: 'internal' })
    })
  }

  function close(): void {
    if (!isOpen) return
    isOpen = false
    for (const answer of pending.values()) answer(err({ code: 'channel_closed' }))
    pending.clear()
    input.removeAllListeners('data')
    closing.resolve()
  }

  input.on('data', (chunk: Uint8Array) => {
    for (const frame of reader.push(chunk)) if (isOpen) receive(frame)
  })
  input.once('end', close)
  input.once('close', close)
  input.once('error', close)
  output.once('error', close)

  return {
    request(method, params) {
      if (!isOpen) return Promise.resolve(err({ code: 'channel_closed' }))
      if (pending.size >= options.maxPending) return Promise.resolve(err({ code: 'busy' }))
      const id = nextId
      nextId += 1
      return new Promise((resolve) => {
        pending.set(id, resolve)
        const failure = send({ id, method, params })
        if (failure === undefined) return
        pending.delete(id)
        resolve(err({ code: failure.code }))
      })
    },
    closed: closing.promise,
    close,
  }
}

type Message =
  | {
      readonly kind: 'request'
      readonly id: number
      readonly method: string
      readonly params: Json
    }
  | { readonly kind: 'answer'; readonly id: number; readonly result: Result<Json, WireError> }

function parseMessage(value: unknown): Message | undefined {
  if (!isJsonObject(value)) return undefined
  const { id, method, params = null, result, error } = value
  if (typeof id !== 'number' || !Number.isSafeInteger(id) || id < 0) return undefined
  if (method !== undefined) {
    return typeof method === 'string' ? { kind: 'request', id, method, params } : undefined
  }
  if (result !== undefined) return { kind: 'answer', id, result: ok(result) }
  if (!isWireError(error)) return undefined
  return { kind: 'answer', id, result: err(error) }
}

function isWireError(value: unknown): value is WireError {
  return isJsonObject(value) && typeof value['code'] === 'string'
}

/** Makes any coded error fit for the channel: bytes become hex and bigints decimal text. */
export function toWireError(error: Coded): WireError {
  const fields: Record<string, Json> = {}
  for (const [name, value] of Object.entries<unknown>(error)) {
    if (typeof value === 'bigint') fields[name] = value.toString()
    else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      fields[name] = value
  }
  return { ...fields, code: error.code }
}
