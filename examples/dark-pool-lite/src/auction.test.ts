import { describe, expect, it } from 'vitest'

import { clearBatch, type Order, type Side } from './auction.ts'

type Row = readonly [side: Side, limit: number, quantity: number]

/** Orders whose ids are their places, from 1. */
function orders(...rows: readonly Row[]): Order[] {
  return rows.map(([side, limit, quantity], at) => ({
    id: BigInt(at + 1),
    side,
    limit: BigInt(limit),
    quantity: BigInt(quantity),
  }))
}

function outcome(...rows: readonly Row[]): unknown {
  const clearing = clearBatch(orders(...rows))
  if (clearing === undefined) return undefined
  const fills = [...clearing.fills].map(([id, quantity]) => [Number(id), Number(quantity)])
  return {
    price: Number(clearing.price),
    volume: Number(clearing.volume),
    fills: Object.fromEntries(fills),
  }
}

describe('clearBatch', () => {
  it('finds nothing in an empty or one-sided book, or where limits do not meet', () => {
    expect(outcome()).toBeUndefined()
    expect(outcome(['buy', 10, 5], ['buy', 11, 5])).toBeUndefined()
    expect(outcome(['sell', 10, 5])).toBeUndefined()
    expect(outcome(['buy', 9, 5], ['sell', 10, 5])).toBeUndefined()
  })

  it('meets in the middle of a balanced pair, rounded down', () => {
    expect(outcome(['buy', 15, 5], ['sell', 10, 5])).toEqual({
      price: 12,
      volume: 5,
      fills: { 1: 5, 2: 5 },
    })
  })

  it('trades at the limit where both limits are equal', () => {
    expect(outcome(['buy', 10, 7], ['sell', 10, 5])).toMatchObject({ price: 10, volume: 5 })
  })

  it('lets excess demand raise the price to where it is smallest', () => {
    // Volume is 100 from 5 to 10; above 9 the second buyer is gone and the surplus with it.
    expect(outcome(['buy', 10, 100], ['buy', 9, 50], ['sell', 5, 100])).toEqual({
      price: 10,
      volume: 100,
      fills: { 1: 100, 3: 100 },
    })
  })

  it('finds a balanced price that is nobody’s limit', () => {
    expect(
      outcome(['buy', 20, 100], ['buy', 9, 40], ['sell', 5, 100], ['sell', 11, 30]),
    ).toMatchObject({ price: 10, volume: 100 })
  })

  it('fills better limits first, then earlier orders, the last one in part', () => {
    expect(outcome(['buy', 10, 30], ['buy', 12, 30], ['buy', 10, 30], ['sell', 10, 70])).toEqual({
      price: 10,
      volume: 70,
      fills: { 2: 30, 1: 30, 3: 10, 4: 70 },
    })
  })

  it('takes time from the id, not from the place in the list', () => {
    const [first, second, sell] = orders(['buy', 10, 5], ['buy', 10, 5], ['sell', 10, 5])
    if (!first || !second || !sell) throw new Error('three orders')
    expect(clearBatch([second, sell, first])?.fills).toEqual(
      new Map([
        [1n, 5n],
        [3n, 5n],
      ]),
    )
  })
})
