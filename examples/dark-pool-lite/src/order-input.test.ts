import type { Json } from '@tacit/contract'
import { describe, expect, it } from 'vitest'

import { parseOrder } from './order-input.ts'

const good = { side: 'buy', limit: '105', quantity: '30' }

describe('parseOrder', () => {
  it('reads decimal strings', () => {
    expect(parseOrder(good)).toEqual({ side: 'buy', limit: 105n, quantity: 30n })
    expect(parseOrder({ ...good, limit: '9'.repeat(18) })).toMatchObject({ limit: 10n ** 18n - 1n })
  })

  it.each<readonly [string, Json]>([
    ['order_malformed', null],
    ['order_malformed', 'buy'],
    ['order_malformed', [good]],
    ['order_malformed', {}],
    ['order_malformed', { ...good, limit: 105 }],
    ['order_malformed', { ...good, quantity: null }],
    ['order_malformed', { ...good, note: 'x' }],
    ['order_malformed', { side: 'buy', limit: '1' }],
    ['side_unknown', { ...good, side: 'hold' }],
    ['side_unknown', { ...good, side: null }],
    ['limit_out_of_range', { ...good, limit: '0' }],
    ['limit_out_of_range', { ...good, limit: '-1' }],
    ['limit_out_of_range', { ...good, limit: '1.5' }],
    ['limit_out_of_range', { ...good, limit: '1'.repeat(19) }],
    ['quantity_out_of_range', { ...good, quantity: '007' }],
    ['quantity_out_of_range', { ...good, quantity: '0x10' }],
    ['quantity_out_of_range', { ...good, quantity: '' }],
    ['quantity_out_of_range', { ...good, quantity: '1\n' }],
  ])('answers %s to %j', (code, input) => {
    expect(parseOrder(input)).toBe(code)
  })
})
