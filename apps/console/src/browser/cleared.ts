import { parseUtf8 } from '@tacit/base'
import type { ContractsEvents, EventRecord } from '@tacit/runtime'

/** What a dark pool makes public of a batch; decimal digits. */
export type Cleared = {
  readonly contract: Uint8Array
  readonly price: string
  readonly volume: string
}

/** The last batch that a contract cleared in a block, from the block's events. */
export function findCleared(records: readonly EventRecord[]): Cleared | undefined {
  for (const { event } of records.toReversed()) {
    if (event.type !== 'Contracts' || event.value.type !== 'Emitted') continue
    const { contract, topic, data } = event.value.value as ContractsEvents['Emitted']
    const found = topic === 'cleared' ? parseCleared(data) : undefined
    if (found) return { contract, ...found }
  }
  return undefined
}

/** Any contract may emit anything, so nothing but two whole numbers is taken. */
function parseCleared(data: Uint8Array): Omit<Cleared, 'contract'> | undefined {
  const value = parseJson(parseUtf8(data) ?? '')
  if (typeof value !== 'object' || value === null) return undefined
  const { price, volume } = value as { price?: unknown; volume?: unknown }
  return isDigits(price) && isDigits(volume) ? { price, volume } : undefined
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isDigits(value: unknown): value is string {
  return typeof value === 'string' && /^\d{1,40}$/.test(value)
}
