import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { clearBatch, type Order } from './auction.ts'

const TOP = 12
const book = fc
  .array(
    fc.record({
      side: fc.constantFrom('buy', 'sell'),
      limit: fc.bigInt(1n, BigInt(TOP)),
      quantity: fc.bigInt(1n, 20n),
    }),
    { maxLength: 12 },
  )
  .map((rows) => rows.map((row, at): Order => ({ id: BigInt(at), ...row })))

function total(orders: readonly Order[]): bigint {
  return orders.reduce((sum, { quantity }) => sum + quantity, 0n)
}

/** What could trade at a price, by definition. */
function level(orders: readonly Order[], price: bigint): { volume: bigint; surplus: bigint } {
  const demand = total(orders.filter(({ side, limit }) => side === 'buy' && limit >= price))
  const supply = total(orders.filter(({ side, limit }) => side === 'sell' && limit <= price))
  const volume = demand < supply ? demand : supply
  return { volume, surplus: demand + supply - 2n * volume }
}

/** The rule of clearBatch, by trying every price. */
function bruteForce(orders: readonly Order[]): { price: bigint; volume: bigint } | undefined {
  const prices = Array.from({ length: TOP + 1 }, (_, at) => BigInt(at + 1))
  const levels = prices.map((price) => ({ price, ...level(orders, price) }))
  const volume = levels.reduce((most, at) => (at.volume > most ? at.volume : most), 0n)
  if (volume === 0n) return undefined
  const fullest = levels.filter((at) => at.volume === volume)
  const least = fullest.reduce((least, at) => (at.surplus < least ? at.surplus : least), 10n ** 9n)
  const best = fullest.filter((at) => at.surplus === least).map(({ price }) => price)
  return { price: ((best[0] ?? 0n) + (best.at(-1) ?? 0n)) / 2n, volume }
}

describe('clearBatch on any book', () => {
  it('chooses the price and volume that trying every price chooses', () => {
    fc.assert(
      fc.property(book, (orders) => {
        const clearing = clearBatch(orders)
        const chosen = clearing && { price: clearing.price, volume: clearing.volume }
        expect(chosen).toEqual(bruteForce(orders))
        if (clearing !== undefined)
          expect(level(orders, clearing.price).volume).toBe(clearing.volume)
      }),
    )
  })

  it('sells what is bought, respects every limit and quantity, and invents nobody', () => {
    fc.assert(
      fc.property(book, (orders) => {
        const clearing = clearBatch(orders)
        if (clearing === undefined) return
        const traded = { buy: 0n, sell: 0n }
        let known = 0
        for (const { id, side, limit, quantity } of orders) {
          const filled = clearing.fills.get(id)
          if (filled === undefined) continue
          known++
          traded[side] += filled
          expect(filled > 0n && filled <= quantity).toBe(true)
          expect(side === 'buy' ? clearing.price <= limit : clearing.price >= limit).toBe(true)
        }
        expect(known).toBe(clearing.fills.size)
        expect(traded).toEqual({ buy: clearing.volume, sell: clearing.volume })
      }),
    )
  })

  it('never fills a worse limit, or an equal later one, before a better order is done', () => {
    fc.assert(
      fc.property(book, (orders) => {
        const fills = clearBatch(orders)?.fills
        if (fills === undefined) return
        for (const better of orders) {
          if (fills.get(better.id) === better.quantity) continue
          const behind = orders.filter(
            ({ id, side, limit }) =>
              side === better.side &&
              (limit === better.limit ? id > better.id : (side === 'buy') === limit < better.limit),
          )
          expect(behind.filter(({ id }) => fills.has(id))).toEqual([])
        }
      }),
    )
  })

  it('does not depend on the order of the list', () => {
    fc.assert(
      fc.property(book, (orders) => {
        const sorted = (list: readonly Order[]): unknown => {
          const clearing = clearBatch(list)
          return clearing && [clearing.price, [...clearing.fills].sort(([a], [b]) => Number(a - b))]
        }
        expect(sorted(orders.toReversed())).toEqual(sorted(orders))
      }),
    )
  })
})
