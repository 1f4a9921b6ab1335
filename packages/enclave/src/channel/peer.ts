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
  return new StreamPeer(options)
}

class StreamPeer implements Peer {
  readonly closed: Promise<void>
  readonly #options: PeerOptions
  readonly #pending = new Map<number, Answer>()
  readonly #closing = Promise.withResolvers<void>()
  #nextId = 0
  #running = 0
  #isOpen = true

  constructor(options: PeerOptions) {
    this.#options = options
    this.closed = this.#closing.promise
    const reader = createFrameReader()
    const close = (): void => this.close()
    options.input.on('data', (chunk: Uint8Array) => {
      for (const frame of reader.push(chunk)) if (this.#isOpen) this.#receive(frame)
    })
    options.input.once('end', close).once('close', close).once('error', close)
    options.output.once('error', close)
  }

  request(method: string, params: Json): Promise<Result<Json, WireError>> {
    if (!this.#isOpen) return Promise.resolve(err({ code: 'channel_closed' }))
    if (this.#pending.size >= this.#options.maxPending) {
      return Promise.resolve(err({ code: 'busy' }))
    }
    const id = this.#nextId
    this.#nextId += 1
    return new Promise((resolve) => {
      this.#pending.set(id, resolve)
      const failure = this.#send({ id, method, params })
      if (failure === undefined) return
      this.#pending.delete(id)
      resolve(err({ code: failure.code }))
    })
  }

  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    for (const answer of this.#pending.values()) answer(err({ code: 'channel_closed' }))
    this.#pending.clear()
    this.#options.input.removeAllListeners('data')
    this.#closing.resolve()
  }

  #send(message: JsonObject): FrameError | undefined {
    if (!this.#isOpen) return undefined
    const frame = encodeFrame(message)
    if (!frame.ok) return frame.error
    this.#options.observe?.('out', message)
    this.#options.output.write(frame.value)
    return undefined
  }

  #fail(id: number | null, error: WireError): void {
    this.#send({ id, error })
  }

  #receive(frame: Result<unknown, FrameError>): void {
    if (!frame.ok) {
      this.#fail(null, { code: frame.error.code })
      if (frame.error.code === 'frame_too_large') this.close()
      return
    }
    this.#options.observe?.('in', frame.value)
    const message = parseMessage(frame.value)
    if (message === undefined) return this.#fail(null, { code: 'frame_malformed' })
    if (message.kind === 'request') return void this.#serve(message)
    const answer = this.#pending.get(message.id)
    this.#pending.delete(message.id)
    answer?.(message.result)
  }

  async #serve({ id, method, params }: Request): Promise<void> {
    const { handle, maxConcurrent } = this.#options
    if (this.#running >= maxConcurrent) return this.#fail(id, { code: 'busy' })
    this.#running += 1
    try {
      const result = await handle(method, params)
      if (!result.ok) this.#fail(id, result.error)
      else if (this.#send({ id, result: result.value }))
        this.#fail(id, { code: 'answer_too_large' })
    } catch (cause) {
      // A bug of ours: its kind goes to the log, its text might hold what nobody may see.
      process.stderr.write(`channel handler failed: ${cause instanceof Error ? cause.name : ''}\n`)
      this.#fail(id, { code: 'internal' })
    } finally {
      this.#running -= 1
    }
  }
}

type Request = {
  readonly kind: 'request'
  readonly id: number
  readonly method: string
  readonly params: Json
}
type Message =
  | Request
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
