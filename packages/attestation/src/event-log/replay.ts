import { concatBytes, equalBytes, err, ok, type Result } from '@tacit/base'
import type { Hashes } from '@tacit/crypto'
import type { TdReport } from '../dcap/td-report.ts'
import type { EventLogTrustError, Rtmr } from './errors.ts'
import { RTMRS, type LoggedEvent, type MeasuredEvent } from './event.ts'
import { proveEvent } from './prove-event.ts'

/** The registers that a log is compared with; of a verified quote. */
export type Registers = Pick<TdReport, Rtmr>

/**
 * Proves a log by a verified quote: every digest that can be recomputed is, and extending the
 * registers from zero (RTMR = SHA384(RTMR || digest)) must give the quote's.
 * @param compared the registers that the log covers; a firmware's log does not cover what a program
 *   extended later. Events of other registers are marked as unproved.
 * @returns the events with what is proved of each, or `event_digest_mismatch` |
 *   `register_mismatch`.
 */
export function verifyEventLog(
  log: readonly LoggedEvent[],
  registers: Registers,
  hashes: Pick<Hashes, 'sha384'>,
  compared: readonly Rtmr[] = RTMRS,
): Result<readonly MeasuredEvent[], EventLogTrustError> {
  const events: MeasuredEvent[] = []
  for (const [at, logged] of log.entries()) {
    const event = proveEvent(logged, at, hashes)
    if (!event.ok) return event
    events.push(event.value)
  }
  for (const register of compared) {
    const replayed = replayRegister(events, register, hashes)
    if (!equalBytes(replayed, registers[register])) {
      return err({ code: 'register_mismatch', register })
    }
  }
  return ok(events.map((event) => limitTo(event, compared)))
}

/** What a register holds after the events that extend it; 48 bytes. */
export function replayRegister(
  events: readonly MeasuredEvent[],
  register: Rtmr,
  { sha384 }: Pick<Hashes, 'sha384'>,
): Uint8Array {
  const own = events.filter((event) => event.register === register && event.proof !== 'none')
  return own.reduce<Uint8Array>(
    (value, { digest }) => sha384(concatBytes(value, digest)),
    new Uint8Array(48),
  )
}

function limitTo(event: MeasuredEvent, compared: readonly Rtmr[]): MeasuredEvent {
  const { register } = event
  if (register !== 'mrtd' && compared.includes(register)) return event
  return { ...event, proof: 'none', name: undefined, payload: undefined }
}
