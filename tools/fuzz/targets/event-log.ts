import { bytesToHex, concatBytes, err, ok, unwrap, utf8, type Result } from '@tacit/base'
import { native } from '@tacit/crypto/native'
import { parseCcel } from '../../../packages/attestation/src/event-log/ccel.ts'
import {
  parseDstackReport,
  verifyDstackReport,
} from '../../../packages/attestation/src/event-log/dstack-report.ts'
import type { MeasuredEvent } from '../../../packages/attestation/src/event-log/event.ts'
import {
  verifyEventLog,
  type Registers,
} from '../../../packages/attestation/src/event-log/replay.ts'
import { writeCcel } from '../../../packages/attestation/src/testing/ccel-writer.ts'
import {
  decide,
  evidenceFolder,
  loadBundles,
  readListedFile,
} from '../../../packages/attestation/src/testing/kit.ts'
import type { FuzzTarget } from '../target.ts'

const { hashes } = native

/** The real report of a dstack guest, and a synthetic log of firmware. */
export function eventLogTargets(): readonly FuzzTarget[] {
  return [...dstackTargets(), ccelTarget()]
}

function dstackTargets(): readonly FuzzTarget[] {
  const bundle = loadBundles().find(({ name }) => name === 'tdx-v4-dstack')
  if (bundle === undefined || evidenceFolder === undefined) return []
  const verdict = unwrap(decide(bundle.input))
  if (verdict.tee !== 'tdx') return []
  const text = readListedFile(evidenceFolder, 'dcap/dstack-quote-report.json')
  const verify = (bytes: Uint8Array) => {
    const report = parseDstackReport(bytes)
    return report.ok ? verifyDstackReport(report.value, verdict, hashes) : report
  }
  const honest = contentsOf(unwrap(verify(text)).events)
  return [
    {
      name: 'dstack-report',
      parts: { report: text },
      run: ({ report = new Uint8Array() }) => {
        const verified = verify(report)
        if (!verified.ok) return verified
        const { events, ...facts } = verified.value
        return provedOnly(events, honest, facts)
      },
    },
  ]
}

function ccelTarget(): FuzzTarget {
  const payloads = ['separator', 'Calling EFI Application from Boot Option', 'kernel_cmdline: ro']
  const events = payloads.map((text, at) => {
    const payload = utf8(text)
    const digests = [[12, hashes.sha384(payload)]] as const
    return { index: at + 1, type: at === 2 ? 0xd : 4, digests, payload }
  })
  const [rtmr0, rtmr1, rtmr2] = events.map(({ digests: [[, digest]] }) => {
    return hashes.sha384(concatBytes(new Uint8Array(48), digest))
  })
  const zero = new Uint8Array(48)
  const registers: Registers = {
    rtmr0: rtmr0 ?? zero,
    rtmr1: rtmr1 ?? zero,
    rtmr2: rtmr2 ?? zero,
    rtmr3: zero,
  }
  const log = writeCcel(events)
  return {
    name: 'synthetic-ccel',
    parts: { log: concatBytes(log, new Uint8Array(64).fill(0xff)) },
    run: ({ log: bytes = new Uint8Array() }) => {
      const parsed = parseCcel(bytes)
      const verified = parsed.ok ? verifyEventLog(parsed.value, registers, hashes) : parsed
      return verified.ok ? provedOnly(verified.value, new Set(payloads.map(hexOf)), {}) : verified
    },
  }
}

/** Types of firmware events are nobody's word: another type proves less, and must never more. */
function provedOnly(
  events: readonly MeasuredEvent[],
  honest: ReadonlySet<string>,
  facts: object,
): Result<unknown, { code: string }> {
  const foreign = [...contentsOf(events)].filter((content) => !honest.has(content))
  return foreign.length === 0 ? ok(facts) : err({ code: `FOREIGN ${foreign.join()}` })
}

function contentsOf(events: readonly MeasuredEvent[]): ReadonlySet<string> {
  return new Set(events.flatMap(({ payload }) => (payload ? [bytesToHex(payload)] : [])))
}

function hexOf(text: string): string {
  return bytesToHex(utf8(text))
}
