import { RPC_CODE, RpcError } from './rpc-error.ts'

/** Bytes that wait for a slow reader before its connection is cut. */
export const MAX_BUFFERED_BYTES = 16_777_216
/** Subscriptions of one connection. */
export const MAX_SUBSCRIPTIONS = 256

/** What a connection writes to. */
export type Sink = {
  send(text: string): void
  /** Bytes that are not sent yet. */
  bufferedBytes(): number
  /** Ends the connection without waiting. */
  terminate(): void
}

/** One client over WebSocket, with what it has subscribed to. */
export class Connection {
  readonly #sink: Sink
  readonly #subscriptions = new Map<string, () => void>()
  readonly #onClose = new Set<() => void>()
  #next = 0
  #open = true

  constructor(sink: Sink) {
    this.#sink = sink
  }

  get isOpen(): boolean {
    return this.#open
  }

  send(text: string): void {
    if (!this.#open) return
    if (this.#sink.bufferedBytes() > MAX_BUFFERED_BYTES) this.#sink.terminate()
    else this.#sink.send(text)
  }

  notify(method: string, subscription: string, result: unknown): void {
    this.send(JSON.stringify({ jsonrpc: '2.0', method, params: { subscription, result } }))
  }

  /** Reserves a subscription; `end` is called once, when it is cancelled or the client goes. */
  subscribe(end: (id: string) => void): string {
    if (this.#subscriptions.size >= MAX_SUBSCRIPTIONS)
      throw new RpcError(RPC_CODE.tooManySubscriptions, 'Too many subscriptions on the connection')
    const id = `s${(this.#next++).toString(36)}`
    this.#subscriptions.set(id, () => end(id))
    return id
  }

  /** @returns whether there was such a subscription. */
  unsubscribe(id: string): boolean {
    const end = this.#subscriptions.get(id)
    this.#subscriptions.delete(id)
    end?.()
    return end !== undefined
  }

  /** Called once when the client goes. */
  onClose(listener: () => void): void {
    this.#onClose.add(listener)
  }

  /** The socket is closed. */
  close(): void {
    if (!this.#open) return
    this.#open = false
    for (const end of this.#subscriptions.values()) end()
    this.#subscriptions.clear()
    for (const listener of this.#onClose) listener()
  }
}
