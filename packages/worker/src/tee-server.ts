import { createServer, type Server, type Socket } from 'node:net'
import { rm } from 'node:fs/promises'
import { parseHex, toHex } from '@tacit/base'
import type { CpuEvidence, GpuReports } from '@tacit/runtime'

/** Gives evidence over 64 bytes of report data: a quote's bytes, or evidence of any kind. */
export type EvidenceFunction = (
  reportData: Uint8Array,
) => Uint8Array | CpuEvidence | Promise<Uint8Array | CpuEvidence>

/** Gives the evidence of all GPUs over a nonce of 32 bytes. */
export type GpuFunction = (nonce: Uint8Array) => GpuReports | Promise<GpuReports>

export interface TeeServer {
  readonly path: string
  close(): Promise<void>
}

/** A request of 64 bytes in hex, with room for spaces. */
const MAX_LINE_BYTES = 512
const REPORT_DATA_BYTES = 64
const GPU_NONCE_BYTES = 32

/**
 * Offers a TEE's evidence at a unix socket, as an enclave asks for it: one line
 * {"reportData":"0x.."} is answered by one line {"quote":"0x.."} or
 * {"report":"0x..","certificate":"0x.."}; {"gpuNonce":"0x.."} by
 * {"devices":[{"certificateChain":"0x..","report":"0x.."}]}; anything else by {"error":"code"}.
 */
export async function serveTee(
  evidence: EvidenceFunction,
  path: string,
  gpus?: GpuFunction,
): Promise<TeeServer> {
  await rm(path, { force: true })
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    serveSocket((line) => answer(evidence, gpus, line), socket)
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

function serveSocket(reply: (line: string) => Promise<Answer>, socket: Socket): void {
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
    reply(request)
      .then((message) => socket.end(`${JSON.stringify(message)}\n`))
      .catch(() => socket.destroy())
  })
}

type Answer =
  | { readonly quote: string }
  | { readonly report: string; readonly certificate: string }
  | { readonly devices: readonly object[] }
  | { readonly error: string }

async function answer(
  evidence: EvidenceFunction,
  gpus: GpuFunction | undefined,
  line: string,
): Promise<Answer> {
  const request = readRequest(line)
  if (request === undefined) return { error: 'request_malformed' }
  try {
    if ('reportData' in request) return writeEvidence(await evidence(request.reportData))
    return gpus ? writeGpus(await gpus(request.gpuNonce)) : { error: 'gpus_missing' }
  } catch {
    return { error: 'quote_failed' }
  }
}

function writeEvidence(evidence: Uint8Array | CpuEvidence): Answer {
  if (evidence instanceof Uint8Array) return { quote: toHex(evidence) }
  if (evidence.type === 'Dcap') return { quote: toHex(evidence.value.quote) }
  const { report, certificate } = evidence.value
  return { report: toHex(report), certificate: toHex(certificate) }
}

function writeGpus({ devices }: GpuReports): Answer {
  return {
    devices: devices.map(({ certificateChain, report }) => ({
      certificateChain: toHex(certificateChain),
      report: toHex(report),
    })),
  }
}

type Request = { readonly reportData: Uint8Array } | { readonly gpuNonce: Uint8Array }

function readRequest(line: string): Request | undefined {
  try {
    const request = JSON.parse(line) as { reportData?: unknown; gpuNonce?: unknown } | null
    const reportData = readBytes(request?.reportData, REPORT_DATA_BYTES)
    if (reportData !== undefined) return { reportData }
    const gpuNonce = readBytes(request?.gpuNonce, GPU_NONCE_BYTES)
    return gpuNonce && { gpuNonce }
  } catch {
    return undefined
  }
}

function readBytes(value: unknown, length: number): Uint8Array | undefined {
  const bytes = typeof value === 'string' ? parseHex(value) : undefined
  return bytes?.ok === true && bytes.value.length === length ? bytes.value : undefined
}
