import { createConnection } from 'node:net'
import { err, ok, toHex, type Result } from '@tacit/base'
import { MAX_QUOTE_BYTES } from '@tacit/runtime'
import { hexBytes, parseParams } from '../channel/params.ts'
import type { EvidenceError, EvidenceSource } from './evidence-source.ts'

const MAX_LINE_BYTES = 2 * MAX_QUOTE_BYTES + 256

/**
 * Asks for quotes at a unix socket: one line {"reportData":"0x.."}, answered by one line
 * {"quote":"0x.."} or {"error":"code"}; a connection for each.
 * @param timeoutMs after which a silent platform counts as unavailable.
 */
export function teeSocket(path: string, timeoutMs: number): EvidenceSource {
  return { quote: (reportData) => ask(path, timeoutMs, reportData) }
}

function ask(
  path: string,
  timeoutMs: number,
  reportData: Uint8Array,
): Promise<Result<Uint8Array, EvidenceError>> {
  return new Promise((resolve) => {
    const socket = createConnection(path)
    let line = ''
    const finish = (result: Result<Uint8Array, EvidenceError>): void => {
      socket.destroy()
      resolve(result)
    }
    socket.setEncoding('latin1')
    socket.setTimeout(timeoutMs, () => finish(unavailable('timeout')))
    socket.once('error', () => finish(unavailable('socket_failed')))
    socket.once('close', () => finish(unavailable('socket_closed')))
    socket.on('data', (text: string) => {
      line += text
      if (line.includes('\n')) finish(readAnswer(line))
      else if (line.length > MAX_LINE_BYTES) finish(unavailable('answer_too_large'))
    })
    socket.write(`${JSON.stringify({ reportData: toHex(reportData) })}\n`)
  })
}

function readAnswer(line: string): Result<Uint8Array, EvidenceError> {
  let answer: unknown
  try {
    answer = JSON.parse(line)
  } catch {
    return unavailable('answer_malformed')
  }
  const parsed = parseParams(answer, { quote: hexBytes(MAX_QUOTE_BYTES) })
  return parsed.ok ? ok(parsed.value.quote) : unavailable('quote_refused')
}

function unavailable(reason: string): Result<never, EvidenceError> {
  return err({ code: 'evidence_unavailable', reason })
}
