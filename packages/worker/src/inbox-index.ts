import { bytesToHex, equalBytes, type AccountId } from '@tacit/base'
import type { EventRecord, InboxEntry, InboxPayload, SlotId } from '@tacit/runtime'
import { createRuntime } from '@tacit/runtime/runtime'

/** Entries kept for one contract; a worker that is further behind reads them again later. */
const MAX_ENTRIES = 65_536

/** The inboxes of the contracts of one slot, as the blocks bring them. */
export interface InboxIndex {
  /** Contracts that are assigned to the slot. */
  contracts(): readonly AccountId[]
  addContract(contract: AccountId): void
  /** Takes a block's events and extrinsics in. */
  take(events: readonly EventRecord[], extrinsics: readonly Uint8Array[]): void
  /** Entries from..to-1, or undefined where one of them is not here. */
  range(contract: AccountId, from: bigint, to: bigint): readonly Indexed[] | undefined
}

export type Indexed = { readonly entry: InboxEntry; readonly payload: InboxPayload }

const runtime = createRuntime()

export function createInboxIndex(slot: SlotId): InboxIndex {
  const inboxes = new Map<
    string,
    { readonly id: AccountId; readonly entries: Map<bigint, Indexed> }
  >()

  function addContract(id: AccountId): void {
    const name = bytesToHex(id)
    if (!inboxes.has(name)) inboxes.set(name, { id, entries: new Map() })
  }

  function takeEvent({ event, phase }: EventRecord, extrinsics: readonly Uint8Array[]): void {
    const { type, value: carried } = event.value
    if (type === 'Deployed') {
      const deployed = carried as { contract: AccountId; slot: SlotId }
      if (isSameSlot(deployed.slot, slot)) addContract(deployed.contract)
    }
    if (type === 'InboxMessage') {
      const { contract, entry } = carried as { contract: AccountId; entry: InboxEntry }
      const inbox = inboxes.get(bytesToHex(contract))
      const extrinsic = phase.type === 'ApplyExtrinsic' ? extrinsics[phase.value] : undefined
      const payload = inbox && extrinsic && payloadOf(extrinsic)
      if (payload && inbox.entries.size < MAX_ENTRIES) {
        inbox.entries.set(entry.sequence, { entry, payload })
      }
    }
    if (type === 'Committed') {
      const { contract, nextSequence } = carried as { contract: AccountId; nextSequence: bigint }
      const entries = inboxes.get(bytesToHex(contract))?.entries
      for (const sequence of entries?.keys() ?? []) {
        if (sequence < nextSequence) entries?.delete(sequence)
      }
    }
  }

  return {
    contracts: () => [...inboxes.values()].map(({ id }) => id),
    addContract,
    take(events, extrinsics) {
      for (const record of events) {
        if (record.event.type === 'Contracts') takeEvent(record, extrinsics)
      }
    },
    range(contract, from, to) {
      const entries = inboxes.get(bytesToHex(contract))?.entries
      const found: Indexed[] = []
      for (let sequence = from; sequence < to; sequence++) {
        const one = entries?.get(sequence)
        if (one === undefined) return undefined
        found.push(one)
      }
      return found
    },
  }
}

export function isSameSlot(a: SlotId, b: SlotId): boolean {
  return a.index === b.index && equalBytes(a.operator, b.operator)
}

/** What an extrinsic put into an inbox: the constructor's input or a sealed command. */
function payloadOf(extrinsic: Uint8Array): InboxPayload | undefined {
  const parsed = runtime.parseExtrinsic(extrinsic)
  if (!parsed.ok || parsed.value.call.type !== 'Contracts') return undefined
  const { type, value } = parsed.value.call.value
  if (type === 'deploy') return { type: 'Init', value: (value as { init: Uint8Array }).init }
  if (type === 'send') return { type: 'Sealed', value: (value as { payload: Uint8Array }).payload }
  return undefined
}
