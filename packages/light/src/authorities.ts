import {
  decode,
  encode,
  equalBytes,
  fixedBytes,
  mapped,
  struct,
  tuple,
  u32,
  u64,
  u8,
  utf8,
  variant,
  vec,
  type Codec,
} from '@tacit/base'
import type { Header } from './header.ts'

export const MAX_AUTHORITIES = 256

/** An ed25519 key that votes on headers, and how much its vote counts. */
export type Authority = { readonly id: Uint8Array; readonly weight: bigint }

/** A set of authorities and its number. */
export type AuthoritySet = { readonly setId: bigint; readonly authorities: readonly Authority[] }

/** Where GRANDPA's tools look for the authorities: the raw key ":grandpa_authorities". */
export const AUTHORITIES_KEY: Uint8Array = utf8(':grandpa_authorities')
const AUTHORITIES_VERSION = 1

export const authorityList: Codec<readonly Authority[]> = vec(
  mapped(
    tuple(fixedBytes(32), u64),
    ([id, weight]): Authority => ({ id, weight }),
    ({ id, weight }) => [id, weight] as const,
  ),
  MAX_AUTHORITIES,
)

/** The value under AUTHORITIES_KEY: a version byte, then the list. */
export const storedAuthorities: Codec<readonly Authority[]> = mapped(
  tuple(u8, authorityList),
  ([version, list]) => (version === AUTHORITIES_VERSION ? list : undefined),
  (list) => [AUTHORITIES_VERSION, list] as const,
)

const GRANDPA = utf8('FRNK')

type ScheduledChange = { readonly next: readonly Authority[]; readonly delay: number }

/** sp_consensus_grandpa::ConsensusLog, as far as it changes the set at once. */
const consensusLog = variant({
  ScheduledChange: [1, struct({ next: authorityList, delay: u32 })],
})

/** The digest item by which a header hands over to a new set, effective after this header. */
export function scheduleChange(next: readonly Authority[]): Header['digest']['logs'][number] {
  const change: ScheduledChange = { next, delay: 0 }
  const log = encode(consensusLog, { type: 'ScheduledChange', value: change })
  return { type: 'Consensus', value: [GRANDPA, log] }
}

/**
 * The set that follows a justified header: the same, or the one that the header schedules. A delay
 * other than 0 is undefined behaviour in Tacit and counts as no change.
 */
export function nextSet(current: AuthoritySet, header: Header): AuthoritySet {
  for (const item of header.digest.logs) {
    if (item.type !== 'Consensus' || !equalBytes(item.value[0], GRANDPA)) continue
    const log = decode(consensusLog, item.value[1])
    if (log.ok && log.value.value.delay === 0) {
      return { setId: current.setId + 1n, authorities: log.value.value.next }
    }
  }
  return current
}

const NO_SET: AuthoritySet = { setId: 0n, authorities: [] }

/** Whether a header hands over to another set: light clients need all of these. */
export function handsOver(header: Header): boolean {
  return nextSet(NO_SET, header) !== NO_SET
}
