import { WebSocket } from 'ws'

type Reply = { readonly result?: unknown; readonly error?: RpcFailure }

export type RpcFailure = {
  readonly code: number
  readonly message: string
  readonly data?: unknown
}

/** A JSON-RPC client over WebSocket, for tests. */
export class RpcClient {
  readonly socket: WebSocket
  readonly #waiting = new Map<number, (reply: Reply) => void>()
  readonly #listeners = new Map<string, (result: unknown) => void>()
  readonly #early = new Map<string, unknown[]>()
  #next = 1

  constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('message', (data: Buffer) => this.#receive(JSON.parse(data.toString())))
  }

  static async connect(url: string): Promise<RpcClient> {
    const socket = new WebSocket(url)
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve)
      socket.once('error', reject)
    })
    return new RpcClient(socket)
  }

  /** The whole reply. */
  async ask(method: string, ...params: readonly unknown[]): Promise<Reply> {
    return await this.#request(method, params)
  }

  /** The whole reply to parameters by name. */
  async askNamed(method: string, params: object): Promise<Reply> {
    return await this.#request(method, params)
  }

  async #request(method: string, params: unknown): Promise<Reply> {
    const id = this.#next++
    return await new Promise<Reply>((resolve) => {
      this.#waiting.set(id, resolve)
      this.socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }))
    })
  }

  /** The result; throws an error reply. */
  async call(method: string, ...params: readonly unknown[]): Promise<unknown> {
    const { result, error } = await this.ask(method, ...params)
    if (error) throw new Error(`${method}: ${error.code} ${error.message} ${String(error.data)}`)
    return result
  }

  /** The error of a call that must fail. */
  async fail(method: string, ...params: readonly unknown[]): Promise<RpcFailure> {
    const { error, result } = await this.ask(method, ...params)
    if (!error) throw new Error(`${method} gave ${JSON.stringify(result)}`)
    return error
  }

  async subscribe(
    method: string,
    params: readonly unknown[],
    listener: (result: unknown) => void,
  ): Promise<string> {
    const id = String(await this.call(method, ...params))
    this.#listeners.set(id, listener)
    for (const result of this.#early.get(id) ?? []) listener(result)
    return id
  }

  /** Submits an extrinsic and waits until it is in a block; the block's hash. */
  async submitAndWait(extrinsic: string): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    await this.subscribe('author_submitAndWatchExtrinsic', [extrinsic], (status) => {
      if (typeof status === 'object' && status && 'inBlock' in status)
        resolve(String(status.inBlock))
      if (status === 'invalid' || status === 'dropped') reject(new Error(status))
    })
    return await promise
  }

  close(): void {
    this.socket.terminate()
  }

  #receive(message: unknown): void {
    const { id, result, error, params } = message as {
      id?: number
      result?: unknown
      error?: RpcFailure
      params?: { subscription: string; result: unknown }
    }
    if (params) {
      const listener = this.#listeners.get(params.subscription)
      if (listener) return listener(params.result)
      const early = this.#early.get(params.subscription) ?? []
      this.#early.set(params.subscription, [...early, params.result])
    } else if (typeof id === 'number') {
      const resolve = this.#waiting.get(id)
      this.#waiting.delete(id)
      resolve?.(error ? { error } : { result })
    }
  }
}
