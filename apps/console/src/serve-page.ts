import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { bundlePage } from './bundle-page.ts'

/** What the page needs to know; it trusts none of it beyond the genesis hash it shows. */
export type PageConfig = {
  /** WebSocket address of the node. */
  readonly rpcUrl: string
  /** 0x-hex. */
  readonly genesisHash: string
}

export type PageServer = {
  /** http://127.0.0.1:PORT */
  readonly url: string
  close(): Promise<void>
}

type File = { readonly type: string; read(): Promise<Uint8Array | string> }

/**
 * Serves the page on a loopback address. The script is bundled on the first visit.
 * @throws the error of node:http's listen, EADDRINUSE where the port is taken.
 */
export async function servePage(
  config: PageConfig,
  port: number,
  host: string = '127.0.0.1',
): Promise<PageServer> {
  const files = pageFiles(config)
  const server = createServer((request, response) => {
    answer(files, request, response).catch((error: unknown) => refuse(response, error))
  })
  await listen(server, port, host)
  const address = server.address()
  const actual = typeof address === 'object' && address ? address.port : port
  return { url: `http://${host}:${actual}`, close: () => close(server) }
}

function pageFiles(config: PageConfig): ReadonlyMap<string, File> {
  let script: Uint8Array | undefined
  const source = (name: string): Promise<Uint8Array> =>
    readFile(new URL(`browser/${name}`, import.meta.url))
  return new Map<string, File>([
    ['/', { type: 'text/html; charset=utf-8', read: () => source('page.html') }],
    ['/page.css', { type: 'text/css', read: () => source('page.css') }],
    ['/page.js', { type: 'text/javascript', read: async () => (script ??= await bundlePage()) }],
    [
      '/config.json',
      { type: 'application/json', read: () => Promise.resolve(JSON.stringify(config)) },
    ],
  ])
}

async function answer(
  files: ReadonlyMap<string, File>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const file = files.get(new URL(request.url ?? '/', 'http://page').pathname)
  if (request.method !== 'GET' || !file) {
    response.writeHead(file ? 405 : 404, { 'content-type': 'text/plain' })
    response.end(file ? 'method not allowed\n' : 'not found\n')
    return
  }
  const body = await file.read()
  response.writeHead(200, {
    'content-type': file.type,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  response.end(body)
}

/** A file that cannot be read, or a script that cannot be bundled: whoever serves the page asks. */
function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' })
  response.end(`${error instanceof Error ? error.message : String(error)}\n`)
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function close(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(() => resolve()))
}
