import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface PlainAnswer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | string
}

/** What a service answers to one request; a function may misbehave in any way that HTTP allows. */
export type Answer = PlainAnswer | ((request: IncomingMessage, response: ServerResponse) => void)

export interface Asked {
  readonly method: string
  /** Path with query. */
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: Uint8Array
}

/** A service on this machine that answers as it is told, and remembers what it was asked. */
export interface LocalServer {
  readonly url: string
  readonly asked: Asked[]
  /** Sets the answers to a path with query; the last one repeats. */
  on(path: string, ...answers: readonly Answer[]): void
  close(): Promise<void>
}

export async function startLocalServer(): Promise<LocalServer> {
  const answers = new Map<string, Answer[]>()
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    const chunks: Uint8Array[] = []
    request.on('data', (chunk: Uint8Array) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      asked.push({ method, url, headers, body: new Uint8Array(Buffer.concat(chunks)) })
      const queue = answers.get(url) ?? []
      const answer = (queue.length > 1 ? queue.shift() : queue[0]) ?? { status: 404 }
      give(answer, request, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    on: (path, ...given) => void answers.set(path, [...given]),
    close: () => closeServer(server),
  }
}

function give(answer: Answer, request: IncomingMessage, response: ServerResponse): void {
  if (typeof answer === 'function') return answer(request, response)
  response.writeHead(answer.status ?? 200, answer.headers)
  response.end(answer.body)
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
