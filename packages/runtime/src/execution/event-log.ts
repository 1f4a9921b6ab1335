import { Writer } from '@tacit/base'
import { writeEvent, type RuntimeEvent } from '../framework/events.ts'
import { phase, type Phase } from '../pallets/system/types.ts'

type Logged = { readonly phase: Phase; readonly event: RuntimeEvent }

/** The events of a block that is being made; a failing dispatch takes its own back. */
export interface EventLog {
  readonly length: number
  add(during: Phase, event: RuntimeEvent): void
  truncate(length: number): void
  since(length: number): RuntimeEvent[]
  /** Vec<EventRecord>, without topics. */
  encode(): Uint8Array
}

export function createEventLog(): EventLog {
  const logged: Logged[] = []
  return {
    get length() {
      return logged.length
    },
    add: (during, event) => logged.push({ phase: during, event }),
    truncate: (length) => logged.splice(length),
    since: (length) => logged.slice(length).map(({ event }) => event),
    encode: () => {
      const out = new Writer()
      out.compact(logged.length)
      for (const { phase: during, event } of logged) {
        phase.encode(during, out)
        writeEvent(event, out)
        out.compact(0)
      }
      return out.finish()
    },
  }
}
