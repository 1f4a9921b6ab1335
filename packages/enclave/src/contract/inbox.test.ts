import { err, type Hash } from '@tacit/base'
import { portable } from '@tacit/crypto/portable'
import { inboxLink, inboxPayloadHash, type InboxEntry, type InboxPayload } from '@tacit/runtime'
import { expect, test } from 'vitest'
import { filled } from '../testing/test-bytes.ts'
import { verifyInbox, type InboxPosition } from './inbox.ts'

const { hashes } = portable
const START: InboxPosition = { count: 0n, head: new Uint8Array(32) as Hash }

function payloadOf(at: number): InboxPayload {
  return at === 0
    ? { type: 'Init', value: Uint8Array.of(1) }
    : { type: 'Sealed', value: Uint8Array.of(at, at) }
}

function entryOf(at: number): InboxEntry {
  return {
    sequence: BigInt(at),
    sender: filled(at + 1),
    nonce: at,
    epoch: 0,
    gasLimit: 9n,
    value: 0n,
    height: at,
    timeMs: 7n,
    payloadHash: inboxPayloadHash(hashes, payloadOf(at)),
  }
}

const ENTRIES = [0, 1, 2, 3].map(entryOf)
const PAYLOADS = [0, 1, 2, 3].map(payloadOf)
const HEADS = ENTRIES.reduce<Hash[]>(
  (heads, entry) => [...heads, inboxLink(hashes, heads.at(-1) ?? START.head, entry)],
  [],
)
const END: InboxPosition = { count: 4n, head: HEADS[3] ?? START.head }
const RANGE = { from: START, to: END, entries: ENTRIES, payloads: PAYLOADS }

test('links every entry to the head that the chain proves', () => {
  const verified = verifyInbox(hashes, RANGE)
  expect(verified.ok && verified.value.map(({ head }) => head)).toEqual(HEADS)
})

test('goes on from a position in the middle, with payloads for the first entries alone', () => {
  const from = { count: 2n, head: HEADS[1] ?? START.head }
  const range = { from, to: END, entries: ENTRIES.slice(2), payloads: PAYLOADS.slice(2, 3) }
  const verified = verifyInbox(hashes, range)
  expect(verified.ok && verified.value.map(({ entry }) => entry.sequence)).toEqual([2n])
})

test.each([
  ['leaves one out', ENTRIES.slice(0, 3), { code: 'inbox_incomplete', expected: 4n, given: 3 }],
  ['invents one', [...ENTRIES, entryOf(4)], { code: 'inbox_incomplete', expected: 4n, given: 5 }],
  [
    'swaps two',
    [ENTRIES[1], ENTRIES[0], ENTRIES[2], ENTRIES[3]],
    { code: 'inbox_sequence_wrong', sequence: 0n },
  ],
])('refuses a host that %s', (_, entries, error) => {
  const range = { ...RANGE, entries: entries.flatMap((one) => one ?? []) }
  expect(verifyInbox(hashes, range)).toEqual(err(error))
})

test.each<[keyof InboxEntry, InboxEntry]>([
  ['sender', { ...entryOf(2), sender: filled(9) }],
  ['nonce', { ...entryOf(2), nonce: 99 }],
  ['epoch', { ...entryOf(2), epoch: 1 }],
  ['gasLimit', { ...entryOf(2), gasLimit: 10n }],
  ['value', { ...entryOf(2), value: 1n }],
  ['height', { ...entryOf(2), height: 99 }],
  ['timeMs', { ...entryOf(2), timeMs: 8n }],
])('refuses an entry with another %s', (_, entry) => {
  const entries = ENTRIES.map((one) => (one.sequence === 2n ? entry : one))
  expect(verifyInbox(hashes, { ...RANGE, entries })).toEqual(err({ code: 'inbox_head_wrong' }))
})

test('refuses another payload than the one that was ordered', () => {
  const payloads = PAYLOADS.map((one, at) => (at === 1 ? payloadOf(2) : one))
  expect(verifyInbox(hashes, { ...RANGE, payloads })).toEqual(
    err({ code: 'inbox_payload_wrong', sequence: 1n }),
  )
})

test('refuses another start than the processed head', () => {
  const from = { count: 0n, head: filled<Hash>(1) }
  expect(verifyInbox(hashes, { ...RANGE, from })).toEqual(err({ code: 'inbox_head_wrong' }))
})
