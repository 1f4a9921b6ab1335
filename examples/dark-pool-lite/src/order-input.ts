import type { Json } from '@tacit/contract'

import type { Order } from './auction.ts'

/** Why what a trader sent is no order. */
export type OrderFault =
  | 'order_malformed'
  | 'side_unknown'
  | 'limit_out_of_range'
  | 'quantity_out_of_range'

/** A positive decimal of at most 18 digits, without a sign or leading zeros. */
const AMOUNT = /^[1-9][0-9]{0,17}$/

/**
 * Reads `{ side: 'buy' | 'sell', limit: '105', quantity: '30' }`: decimal strings, because a JSON
 * number loses digits. No other field may be there.
 */
export function parseOrder(input: Json): Omit<Order, 'id'> | OrderFault {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return 'order_malformed'
  const fields = new Map(Object.entries(input))
  const side = fields.get('side')
  const limit = fields.get('limit')
  const quantity = fields.get('quantity')
  if (fields.size !== 3 || typeof limit !== 'string' || typeof quantity !== 'string') {
    return 'order_malformed'
  }
  if (side !== 'buy' && side !== 'sell') return 'side_unknown'
  if (!AMOUNT.test(limit)) return 'limit_out_of_range'
  if (!AMOUNT.test(quantity)) return 'quantity_out_of_range'
  return { side, limit: BigInt(limit), quantity: BigInt(quantity) }
}
