import { expect, it } from 'vitest'
import { parseReceipt } from './receipt-format.ts'

const FORMAT = { format: 'tacit-receipt-v1' }
const handovers: readonly unknown[] = []

it.each<[string, object, string]>([
  ['no format', {}, 'format'],
  ['an input that nothing can check', { ...FORMAT, handovers, input: '0x00' }, 'salt'],
  ['an output that nothing can check', { ...FORMAT, handovers, output: '0x00' }, 'salt'],
  ['hand-overs that are no list', { ...FORMAT, handovers: {} }, 'handovers'],
  ['no hand-overs', FORMAT, 'handovers'],
  [
    'more hand-overs than are read',
    { ...FORMAT, handovers: Array.from({ length: 1_025 }, () => ({})) },
    'handovers',
  ],
  ['no genesis', { ...FORMAT, handovers }, 'genesis'],
])('refuses %s', (_, json, field) => {
  const error = { code: 'receipt_malformed', field }
  expect(parseReceipt(JSON.stringify(json))).toEqual({ ok: false, error })
})
