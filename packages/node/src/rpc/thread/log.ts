import type { Log } from '../../log.ts'
import type { Outbox } from './outbox.ts'
import type { FromRpc } from './protocol.ts'

/** Lines of one turn of the event loop; how many more there were is said instead. */
export const MAX_LINES = 64

/** A log whose lines the other thread writes. */
export function createThreadLog(outbox: Outbox<FromRpc>): Log {
  let lines = 0
  return (level, message, fields = {}) => {
    lines++
    if (lines <= MAX_LINES) outbox.send({ type: 'log', level, message, fields })
    else if (lines === MAX_LINES + 1)
      outbox.sendLate(() => {
        const omitted = lines - MAX_LINES
        return { type: 'log', level: 'warn', message: 'too many lines', fields: { omitted } }
      })
    // Behind the outbox's own turn, which the first line has begun at the latest.
    if (lines === 1) setImmediate(() => (lines = 0))
  }
}
