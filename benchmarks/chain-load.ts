import { WebSocket } from 'ws'

/** Requests that are under way at a time, the same for every chain. */
const WINDOW = 200

/** What a run came to. */
export type Load = {
  /** From the first request until nothing was left to do. */
  readonly elapsedMs: number
  /** Until the last request was answered. */
  readonly acceptedMs: number
  /** CPU of this process for sending and waiting. */
  readonly cpuMs: number
}

/** One JSON-RPC connection that does next to nothing itself: it would compete with the chain. */
export class LoadClient {
  readonly #socket: WebSocket
  #onReply: (text: string) => void = () => {}

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', (data: Buffer) => this.#onReply(data.toString('latin1')))
  }

  static async connect(url: string): Promise<LoadClient> {
    const socket = new WebSocket(url, { perMessageDeflate: false })
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve)
      socket.once('error', reject)
    })
    return new LoadClient(socket)
  }

  /** One request; throws where the answer is an error. */
  async call(method: string, params: readonly unknown[]): Promise<unknown> {
    const { promise, resolve } = Promise.withResolvers<string>()
    this.#onReply = resolve
    this.#socket.send(JSON.stringify({ jsonrpc: '2.0', id: 0, method, params }))
    const text = await promise
    const { result } = JSON.parse(text) as { result?: unknown }
    if (result === undefined) throw new Error(`${method}: ${text}`)
    return result
  }

  /** Sends requests, WINDOW at a time; throws at the first refusal. */
  async send(frames: readonly string[]): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    let sent = Math.min(WINDOW, frames.length)
    let answered = 0
    this.#onReply = (text) => {
      if (text.includes('"error"')) reject(new Error(`a transfer was refused: ${text}`))
      const next = frames[sent++]
      if (next !== undefined) this.#socket.send(next)
      if (++answered === frames.length) resolve()
    }
    for (const frame of frames.slice(0, sent)) this.#socket.send(frame)
    await promise
  }

  close(): void {
    this.#socket.terminate()
  }
}

/** Requests that submit, made before the clock runs. */
export function toFrames(method: string, transactions: readonly string[]): readonly string[] {
  return transactions.map((hex, id) =>
    JSON.stringify({ jsonrpc: '2.0', id: id + 1, method, params: [hex] }),
  )
}

/**
 * Sends everything and waits until the chain says that nothing is left to do.
 * @param isDone asks the chain; called every few milliseconds once all is sent.
 */
export async function runLoad(
  client: LoadClient,
  frames: readonly string[],
  isDone: () => Promise<boolean>,
): Promise<Load> {
  const cpu = process.cpuUsage()
  const startedAt = performance.now()
  await client.send(frames)
  const acceptedMs = performance.now() - startedAt
  while (!(await isDone())) await new Promise((resolve) => setTimeout(resolve, 5))
  const elapsedMs = performance.now() - startedAt
  const { user, system } = process.cpuUsage(cpu)
  return { elapsedMs, acceptedMs, cpuMs: (user + system) / 1_000 }
}
