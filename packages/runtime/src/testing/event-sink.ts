import type { EventSink } from '../execution/environment.ts'
import type { RuntimeEvent } from '../framework/events.ts'

/** Lets events be deposited in an array and taken back. */
export function eventSink(events: RuntimeEvent[]): EventSink {
  return {
    get length() {
      return events.length
    },
    deposit: (event) => void events.push(event),
    truncate: (length) => void events.splice(length),
  }
}
