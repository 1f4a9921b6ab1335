import { bytesToHex, ok, parseHex, type Result } from '@tacit/base'
import { readJson } from '@tacit/attestation'
import { MAX_QUOTE_BYTES, type CpuEvidence } from '@tacit/runtime'
import { createSource } from './create-source.ts'
import { unavailable, type EvidenceError, type EvidenceSource } from './evidence-source.ts'
import { postUnix } from './unix-http.ts'

export interface DstackOptions {
  /** DSTACK_SOCKET, or TAPPD_SOCKET on older guests. */
  readonly socketPath: string
  readonly timeoutMs: number
}

/** Of dstack 0.5 and newer. */
export const DSTACK_SOCKET = '/var/run/dstack.sock'
/** Of dstack 0.3, and beside the other one on 0.5. */
export const TAPPD_SOCKET = '/var/run/tappd.sock'

/** With the event log and the machine's description, which nothing here needs. */
const MAX_ANSWER_BYTES = 262_144

/**
 * Collects TDX quotes from dstack's guest agent. Both of its interfaces are asked for the report
 * data as it is: the older one would hash it with a prefix if it were not told `raw`. From 0.6 on
 * `/GetQuote` is an alias of `/v0/GetQuote`; `/v1/Attest` wraps the same quote in a format of
 * dstack's own and is not needed.
 * Source: Dstack-TEE/dstack, guest-agent/rpc/proto/agent_rpc.proto (Tappd.TdxQuote,
 * DstackGuest.GetQuote) and sdk/curl/api.md.
 */
export function dstack({ socketPath, timeoutMs }: DstackOptions): EvidenceSource {
  const isTappd = socketPath.endsWith('tappd.sock')
  const path = isTappd ? '/prpc/Tappd.TdxQuote?json' : '/GetQuote'
  return createSource('dstack', timeoutMs, async (reportData, signal) => {
    const args = { report_data: bytesToHex(reportData) }
    const body = JSON.stringify(isTappd ? { ...args, hash_algorithm: 'raw' } : args)
    const answer = await postUnix({ socketPath, path, body, maxBytes: MAX_ANSWER_BYTES, signal })
    return answer.ok ? readAnswer(answer.value) : answer
  })
}

function readAnswer(answer: Uint8Array): Result<CpuEvidence, EvidenceError> {
  const read = readJson(answer, (root) => parseHex(root.get('quote').text(2 + 2 * MAX_QUOTE_BYTES)))
  if (!read.ok || !read.value.ok) return unavailable('answer_malformed')
  return ok({ type: 'Dcap', value: { quote: read.value.value } })
}
