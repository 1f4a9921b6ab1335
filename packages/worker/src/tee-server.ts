import { createServer, type Server, type Socket } from 'node:net'
import { rm } from 'node:fs/promises'
import { parseHex, toHex } from '@tacit/base'

/** Gives a quote over 64 bytes of report data. */
export type QuoteFunction = (reportData: Uint8Array) => Uint8Array | Promise<Uint8Array>

export interface TeeServer {
  readonly path: string
  close(): Promise<void>
}

/** A request of 64 bytes in hex, with room for spaces. */
const MAX_LINE_BYTES = 512
const REPORT_DATA_BYTES = 64

/**
 * Offers a TEE's quotes at a unix socket, as an enclave asks for them: one line
 * {"reportData":"0x.."} is answered by one line {"quote":"0x.."} or {"error":"code"}.
 */
export async function serveTee(quote: QuoteFunction, path: string): Promise<TeeServer> {
  await rm(path, { force: true })
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    serveSocket(quote, socket)
  })
  await listen(server, path)
  return {
    path,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function serveSocket(quote: QuoteFunction, socket: Socket): void {
  let line = ''
  socket.setEncoding('latin1')
  socket.on('error', () => socket.destroy())
  socket.on('data', (text: string) => {
    line += text
    const end = line.indexOf('\n')
    if (end < 0 && line.length <= MAX_LINE_BYTES) return
    const request = end < 0 ? '' : line.slice(0, end)
    line = ''
    socket.pause()
    answer(quote, request)
      .then((message) => socket.end(`${JSON.stringify(message)}\n`))
      .catch(() => socket.destroy())
  })
}

type Answer = { readonly quote: string } | { readonly error: string }

async function answer(quote: QuoteFunction, line: string): Promise<Answer> {
  const reportData = readRequest(line)
  if (reportData === undefined) return { error: 'request_malformed' }
  try {
    return { quote: toHex(await quote(reportData)) }
  } catch {
    return { error: 'quote_failed' }
  }
}

function readRequest(line: string): Uint8Array | undefined {
  try {
    const request = JSON.parse(line) as { reportData?: unknown } | null
    if (typeof request?.reportData !== 'string') return undefined
    const bytes = parseHex(request.reportData)
    return bytes.ok && bytes.value.length === REPORT_DATA_BYTES ? bytes.value : undefined
  } catch {
    return undefined
  }
}
