import { TacitError } from './errors.ts'

/** A JSON-RPC 2.0 connection over WebSocket. */
export type Rpc = {
  readonly url: string
  /** @throws TacitError `rpc_failed` (with the node's own code), `rpc_disconnected`, `rpc_timeout`. */
  request<T>(method: string, params?: readonly unknown[]): Promise<T>
  /** Resolves to a function that ends the subscription. */
  subscribe<T>(
    method: string,
    params: readonly unknown[],
    unsubscribeMethod: string,
    onNotification: (value: T) => void,
  ): Promise<() => void>
  /** Resolves once the connection is gone, whoever closed it. */
  readonly closed: Promise<void>
  close(): void
}

/** How long a node may take to answer a request. */
const REQUEST_TIMEOUT_MS = 30_000

type Reply = {
  readonly id?: number
  readonly result?: unknown
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown }
  readonly params?: { readonly subscription: string | number; readonly result: unknown }
}

type Pending = {
  readonly method: string
  resolve(value: unknown): void
  reject(error: TacitError): void
  readonly onNotification?: (value: never) => void
  readonly timer: ReturnType<typeof setTimeout>
}

/** Connects to a node's JSON-RPC, e.g. ws://127.0.0.1:9944. */
export async function connect(url: string): Promise<Rpc> {
  const socket = await open(url)
  const connection = new Connection(url, socket)
  return connection
}

class Connection implements Rpc {
  readonly url: string
  readonly closed: Promise<void>
  readonly #socket: WebSocket
  readonly #pending = new Map<number, Pending>()
  readonly #subscriptions = new Map<string | number, (value: never) => void>()
  #nextId = 1

  constructor(url: string, socket: WebSocket) {
    this.url = url
    this.#socket = socket
    socket.addEventListener('message', (event) => this.#receive(String(event.data)))
    this.closed = new Promise((resolve) => {
      socket.addEventListener('close', () => {
        this.#failAll()
        resolve()
      })
    })
  }

  async request<T>(method: string, params: readonly unknown[] = []): Promise<T> {
    return (await this.#send(method, params)) as T
  }

  async subscribe<T>(
    method: string,
    params: readonly unknown[],
    unsubscribeMethod: string,
    onNotification: (value: T) => void,
  ): Promise<() => void> {
    const id = (await this.#send(method, params, onNotification)) as string | number
    return () => {
      this.#subscriptions.delete(id)
      if (this.#socket.readyState === WebSocket.OPEN) {
        this.request(unsubscribeMethod, [id]).catch(() => {})
      }
    }
  }

  close(): void {
    this.#socket.close()
  }

  #send(
    method: string,
    params: readonly unknown[],
    onNotification?: (value: never) => void,
  ): Promise<unknown> {
    if (this.#socket.readyState !== WebSocket.OPEN) return Promise.reject(disconnected(this.url))
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#expire(id), REQUEST_TIMEOUT_MS)
      const base = { method, resolve, reject, timer }
      this.#pending.set(id, onNotification ? { ...base, onNotification } : base)
      this.#socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }))
    })
  }

  /** A subscription is entered before its promise resolves, so that no notification is missed. */
  #receive(text: string): void {
    const reply = parseReply(text)
    if (!reply) return this.#socket.close()
    if (reply.params) {
      this.#subscriptions.get(reply.params.subscription)?.(reply.params.result as never)
      return
    }
    const pending = this.#take(reply.id)
    if (!pending) return
    if (reply.error) return pending.reject(failed(pending.method, reply.error))
    if (pending.onNotification) {
      this.#subscriptions.set(reply.result as string | number, pending.onNotification)
    }
    pending.resolve(reply.result)
  }

  #take(id: number | undefined): Pending | undefined {
    const pending = this.#pending.get(id ?? 0)
    if (!pending) return undefined
    this.#pending.delete(id ?? 0)
    clearTimeout(pending.timer)
    return pending
  }

  #expire(id: number): void {
    const pending = this.#take(id)
    pending?.reject(
      new TacitError({
        code: 'rpc_timeout',
        shortMessage: `${this.url} did not answer ${pending.method} within ${REQUEST_TIMEOUT_MS} ms`,
        fix: 'Check that the node is not overloaded, then try again.',
      }),
    )
  }

  #failAll(): void {
    for (const id of this.#pending.keys()) this.#take(id)?.reject(disconnected(this.url))
    this.#subscriptions.clear()
  }
}

/** A thrown error here would end the process: nobody catches what a listener throws. */
function parseReply(text: string): Reply | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

function open(url: string): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const fail = (): void => reject(unreachable(url))
    let socket: WebSocket
    try {
      socket = new WebSocket(url)
    } catch {
      return fail()
    }
    socket.addEventListener('open', () => resolve(socket), { once: true })
    socket.addEventListener('error', fail, { once: true })
  })
}

function unreachable(url: string): TacitError {
  return new TacitError({
    code: 'rpc_unreachable',
    shortMessage: `No node answers at ${url}`,
    fix: 'Start one with `npm start`, or name another with --rpc ws://HOST:PORT.',
  })
}

function disconnected(url: string): TacitError {
  return new TacitError({
    code: 'rpc_disconnected',
    shortMessage: `The connection to ${url} was closed`,
    fix: 'Check that the node still runs, then connect again.',
  })
}

function failed(method: string, error: NonNullable<Reply['error']>): TacitError {
  const data = typeof error.data === 'string' ? `: ${error.data}` : ''
  return new TacitError({
    code: 'rpc_failed',
    shortMessage: `The node refused ${method}: ${error.message}${data}`,
    fix: 'Correct the request; the node says what it did not accept.',
    details: { rpcCode: error.code, rpcMessage: error.message, data: error.data },
  })
}
