import { err, ok, type Result } from '@tacit/base'
import { readJson } from '../json-document.ts'
import type { EventLogTrustError } from './errors.ts'
import type { MeasuredEvent } from './event.ts'

/** What dstack measured into RTMR3 before it started the program; undefined where it did not. */
export interface DstackFacts {
  /** 20 bytes. */
  readonly appId: Uint8Array | undefined
  /** SHA-256 of the program's app-compose file, 32 bytes. */
  readonly composeHash: Uint8Array | undefined
  readonly instanceId: Uint8Array | undefined
  /** SHA-256 of the image's list of checksums, 32 bytes. */
  readonly osImageHash: Uint8Array | undefined
  /** Who gave the program its keys; the id is hex. */
  readonly keyProvider: { readonly name: string; readonly id: string } | undefined
}

const SYSTEM_READY = 'system-ready'

/**
 * Picks out the events that name the program. Only those before the first `system-ready` count,
 * and none of them twice: afterwards the program itself may extend the register, under any name.
 * Whoever hands a log on could call a true event by another type, which no digest of a firmware
 * event covers, and so put the program's own events in its place: up to `system-ready` every event
 * of RTMR3 must be dstack's.
 * Source: dstack, dstack-util/src/system_setup.rs at 312dc605.
 * @returns all undefined where the system was not ready, or `event_unproved` | `event_repeated`.
 */
export function listDstackFacts(
  events: readonly MeasuredEvent[],
): Result<DstackFacts, EventLogTrustError> {
  const own = events.filter(({ register }) => register === 'rtmr3')
  const ready = own.findIndex(({ name }) => name === SYSTEM_READY)
  const boot = new Map<string, Uint8Array>()
  for (const event of own.slice(0, ready < 0 ? own.length : ready)) {
    const { name, payload } = event
    if (name === undefined || payload === undefined) {
      return err({ code: 'event_unproved', event: events.indexOf(event) })
    }
    if (boot.has(name)) return err({ code: 'event_repeated', name })
    boot.set(name, payload)
  }
  if (ready < 0) boot.clear()
  const keyProvider = boot.get('key-provider')
  return ok({
    appId: boot.get('app-id'),
    composeHash: boot.get('compose-hash'),
    instanceId: boot.get('instance-id'),
    osImageHash: boot.get('os-image-hash'),
    keyProvider: keyProvider && readKeyProvider(keyProvider),
  })
}

function readKeyProvider(payload: Uint8Array): DstackFacts['keyProvider'] {
  const read = readJson(payload, (root) => ({
    name: root.get('name').text(64),
    id: root.get('id').text(1024),
  }))
  return read.ok ? read.value : undefined
}
