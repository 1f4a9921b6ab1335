import { createConnection } from 'node:net'
import { ok, toHex, type Result } from '@tacit/base'
import {
  MAX_CPU_EVIDENCE_BYTES,
  MAX_GPU_CHAIN_BYTES,
  MAX_GPU_DEVICES,
  MAX_GPU_REPORT_BYTES,
  MAX_QUOTE_BYTES,
  MAX_SNP_CERTIFICATE_BYTES,
  MAX_SNP_REPORT_BYTES,
  type CpuEvidence,
  type GpuDevice,
  type GpuReports,
} from '@tacit/runtime'
import { isJsonObject } from '../channel/json.ts'
import { hexBytes, listOf, parseParams, type Field } from '../channel/params.ts'
import { createSource } from './create-source.ts'
import {
  unavailable,
  type EvidenceError,
  type EvidenceSource,
  type GpuSource,
} from './evidence-source.ts'
import { inTurn } from './in-turn.ts'

const MAX_LINE_BYTES = 2 * MAX_CPU_EVIDENCE_BYTES + 256
const MAX_GPU_LINE_BYTES =
  MAX_GPU_DEVICES * (2 * (MAX_GPU_REPORT_BYTES + MAX_GPU_CHAIN_BYTES) + 64) + 64

/**
 * Asks for evidence at a unix socket, a connection for each: one line {"reportData":"0x.."} is
 * answered by one line {"quote":"0x.."}, {"report":"0x..","certificate":"0x.."} or
 * {"error":"code"}.
 * @param timeoutMs after which a silent platform counts as unavailable.
 */
export function teeSocket(path: string, timeoutMs: number): EvidenceSource {
  return createSource('tee-socket', timeoutMs, async (reportData, signal) => {
    const request = { reportData: toHex(reportData) }
    const answer = await ask(path, request, MAX_LINE_BYTES, signal)
    return answer.ok ? readEvidence(answer.value) : answer
  })
}

/**
 * Asks for GPU evidence at the same socket: {"gpuNonce":"0x.."} is answered by
 * {"devices":[{"certificateChain":"0x..","report":"0x.."}]}.
 */
export function teeSocketGpus(path: string, timeoutMs: number): GpuSource {
  const collect = inTurn<GpuReports>(timeoutMs, async (nonce, signal) => {
    const answer = await ask(path, { gpuNonce: toHex(nonce) }, MAX_GPU_LINE_BYTES, signal)
    if (!answer.ok) return answer
    const parsed = parseParams(answer.value, { devices: listOf(gpuDevice, MAX_GPU_DEVICES) })
    return parsed.ok ? parsed : unavailable('quote_refused')
  })
  return { name: 'tee-socket', untestedOnHardware: true, collect }
}

const gpuDevice: Field<GpuDevice> = (value) => {
  const parsed = parseParams(value, {
    certificateChain: hexBytes(MAX_GPU_CHAIN_BYTES),
    report: hexBytes(MAX_GPU_REPORT_BYTES),
  })
  return parsed.ok ? parsed.value : undefined
}

function readEvidence(answer: unknown): Result<CpuEvidence, EvidenceError> {
  if (isJsonObject(answer) && Object.hasOwn(answer, 'report')) {
    const parsed = parseParams(answer, {
      report: hexBytes(MAX_SNP_REPORT_BYTES),
      certificate: hexBytes(MAX_SNP_CERTIFICATE_BYTES),
    })
    return parsed.ok ? ok({ type: 'SevSnp', value: parsed.value }) : unavailable('quote_refused')
  }
  const parsed = parseParams(answer, { quote: hexBytes(MAX_QUOTE_BYTES) })
  return parsed.ok ? ok({ type: 'Dcap', value: parsed.value }) : unavailable('quote_refused')
}

function ask(
  path: string,
  request: object,
  maxLineBytes: number,
  signal: AbortSignal,
): Promise<Result<unknown, EvidenceError>> {
  return new Promise((resolve) => {
    const socket = createConnection(path)
    let line = ''
    const finish = (result: Result<unknown, EvidenceError>): void => {
      socket.destroy()
      resolve(result)
    }
    signal.addEventListener('abort', () => finish(unavailable('timeout')))
    socket.setEncoding('latin1')
    socket.once('error', () => finish(unavailable('socket_failed')))
    socket.once('close', () => finish(unavailable('socket_closed')))
    socket.on('data', (text: string) => {
      line += text
      if (line.includes('\n')) finish(readLine(line))
      else if (line.length > maxLineBytes) finish(unavailable('answer_too_large'))
    })
    socket.write(`${JSON.stringify(request)}\n`)
  })
}

function readLine(line: string): Result<unknown, EvidenceError> {
  try {
    return ok(JSON.parse(line))
  } catch {
    return unavailable('answer_malformed')
  }
}
