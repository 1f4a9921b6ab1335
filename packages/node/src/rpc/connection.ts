import { RPC_CODE, RpcError } from './rpc-error.ts'

/** Bytes that wait for a slow reader before its connection is cut. */
export const MAX_BUFFERED_BYTES = 16_777_216
/** Subscriptions of one connection, and of all of a server. */
export const MAX_SUBSCRIPTIONS = 256
export const MAX_ALL_SUBSCRIPTIONS = 32_768

/** What a connection writes to. */
export type Sink = {
  send(text: string): void
  /** Bytes that are not sent yet. */
  bufferedBytes(): number
  /** Ends the connection without waiting. */
  terminate(): void
}

/** Subscriptions of all connections of a server. */
export type SubscriptionCount = { current: number }

/** What was written last: many subscribers hear the same, one behind the other. */
let written = { result: undefined as unknown, text: 'null' }

function write(result: unknown): string {
  if (written.result !== result) written = { result, text: JSON.stringify(result) }
  return written.text
}

/** One client over WebSocket, with what it has subscribed to. */
export class Connection {
  readonly #sink: Sink
  readonly #all: SubscriptionCount
  readonly #subscriptions = new Map<string, () => void>()
  readonly #onClose = new Set<() => void>()
  #next = 0
  #open = true

  constructor(sink: Sink, all: SubscriptionCount) {
    this.#sink = sink
    this.#all = all
  }

  get isOpen(): boolean {
    return this.#open
  }

  send(text: string): void {
    if (!this.#open) return
    if (this.#sink.bufferedBytes() > MAX_BUFFERED_BYTES) this.#sink.terminate()
    else this.#sink.send(text)
  }

  /** @param result is not changed any more. */
  notify(method: string, subscription: string, result: unknown): void {
    const params = `{"subscription":"${subscription}","result":${write(result)}}`
    this.send(`{"jsonrpc":"2.0","method":"${method}","params":${params}}`)
  }

  /** Reserves a subscription; `end` is called once, when it is cancelled or the client goes. */
  subscribe(end: (id: string) => void): string {
    if (!this.#open) throw new RpcError(RPC_CODE.internal, 'The connection is closed')
    if (this.#subscriptions.size >= MAX_SUBSCRIPTIONS)
      throw new RpcError(RPC_CODE.tooManySubscriptions, 'Too many subscriptions on the connection')
    if (this.#all.current >= MAX_ALL_SUBSCRIPTIONS)
      throw new RpcError(RPC_CODE.tooManySubscriptions, 'Too many subscriptions')
    this.#all.current++
    const id = `s${(this.#next++).toString(36)}`
    this.#subscriptions.set(id, () => end(id))
    return id
  }

  /** @returns whether there was such a subscription. */
  unsubscribe(id: string): boolean {
    const end = this.#subscriptions.get(id)
    if (!end) return false
    this.#subscriptions.delete(id)
    this.#all.current--
    end()
    return true
  }

  /** Called once when the client goes. */
  onClose(listener: () => void): void {
    this.#onClose.add(listener)
  }

  /** The socket is closed. */
  close(): void {
    if (!this.#open) return
    this.#open = false
    for (const id of this.#subscriptions.keys()) this.unsubscribe(id)
    for (const listener of this.#onClose) listener()
  }
}
