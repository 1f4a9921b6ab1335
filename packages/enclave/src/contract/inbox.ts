import { equalBytes, err, ok, type Hash, type Result } from '@tacit/base'
import type { Hashes } from '@tacit/crypto'
import { inboxLink, inboxPayloadHash, type InboxEntry, type InboxPayload } from '@tacit/runtime'

/** Entries that one proof of an inbox may cover. */
export const MAX_BACKLOG = 4_096

/** Where a contract's inbox stands: how many entries, and the hash chain's head behind them. */
export type InboxPosition = { readonly count: bigint; readonly head: Hash }

/** An entry with the head of the inbox behind it and, where given, its content. */
export type LinkedEntry = {
  readonly entry: InboxEntry
  readonly head: Hash
  readonly payload: InboxPayload
}

export type InboxError =
  /** Entries are missing, out of order or too many between the two positions. */
  | { readonly code: 'inbox_incomplete'; readonly expected: bigint; readonly given: number }
  | { readonly code: 'inbox_sequence_wrong'; readonly sequence: bigint }
  /** The entries are not those that the chain ordered. */
  | { readonly code: 'inbox_head_wrong' }
  | { readonly code: 'inbox_payload_wrong'; readonly sequence: bigint }

/**
 * Checks that the entries are exactly what the chain ordered between two positions: nothing left
 * out, nothing invented, nothing moved. Payloads may be given for the first entries alone.
 * @param to from a proof against a justified header.
 * @returns the entries that came with payloads.
 */
export function verifyInbox(
  hashes: Hashes,
  range: {
    readonly from: InboxPosition
    readonly to: InboxPosition
    readonly entries: readonly InboxEntry[]
    readonly payloads: readonly InboxPayload[]
  },
): Result<readonly LinkedEntry[], InboxError> {
  const { from, to, entries, payloads } = range
  const expected = to.count - from.count
  if (BigInt(entries.length) !== expected || entries.length > MAX_BACKLOG) {
    return err({ code: 'inbox_incomplete', expected, given: entries.length })
  }
  const linked: LinkedEntry[] = []
  let head = from.head
  for (const [at, entry] of entries.entries()) {
    const sequence = from.count + BigInt(at)
    if (entry.sequence !== sequence) return err({ code: 'inbox_sequence_wrong', sequence })
    head = inboxLink(hashes, head, entry)
    const payload = payloads[at]
    if (payload === undefined) continue
    if (!equalBytes(inboxPayloadHash(hashes, payload), entry.payloadHash)) {
      return err({ code: 'inbox_payload_wrong', sequence })
    }
    linked.push({ entry, head, payload })
  }
  if (!equalBytes(head, to.head)) return err({ code: 'inbox_head_wrong' })
  return ok(linked)
}
