export type Side = 'buy' | 'sell'

/** A limit order: buy at `limit` or lower, sell at `limit` or higher. All integers are positive. */
export interface Order {
  /** Rises with time: of two orders the one with the lower id came first. */
  readonly id: bigint
  readonly side: Side
  readonly limit: bigint
  readonly quantity: bigint
}

/** A batch's result: everybody who trades does so at the one price. */
export interface Clearing {
  readonly price: bigint
  /** Quantity bought, which is the quantity sold. */
  readonly volume: bigint
  /** What each order trades, by id; an order that trades nothing is absent. */
  readonly fills: ReadonlyMap<bigint, bigint>
}

interface Level {
  readonly price: bigint
  readonly volume: bigint
  /** Absolute difference between what is wanted and what is offered. */
  readonly surplus: bigint
}

/**
 * Clears a batch at one uniform price.
 *
 * Price: of all integer prices those with the largest matched volume; of these the ones with the
 * smallest surplus; of these, which form a range, the middle, rounded down. No side is favoured and
 * no order decides ties by its time.
 * Quantity: on the side with a surplus, better limits trade first and equal limits in the order of
 * time; the last order may trade in part.
 * @returns undefined where no buyer's limit reaches a seller's.
 */
export function clearBatch(orders: readonly Order[]): Clearing | undefined {
  const buys = orders.filter((order) => order.side === 'buy')
  const sells = orders.filter((order) => order.side === 'sell')
  const best = bestLevels(measureLevels(buys, sells))
  const lowest = best[0]
  const highest = best.at(-1)
  if (lowest === undefined || highest === undefined || lowest.volume === 0n) return undefined
  const price = (lowest.price + highest.price) / 2n
  const { volume } = lowest
  const fills = new Map([
    ...allocate(buys, (a, b) => compare(b.limit, a.limit), volume),
    ...allocate(sells, (a, b) => compare(a.limit, b.limit), volume),
  ])
  return { price, volume, fills }
}

/**
 * Volume and surplus where they can change, in ascending order of price. Demand falls one above a
 * buyer's limit and supply rises at a seller's, so each stretch of prices between two changes begins
 * and ends at one of these.
 */
function measureLevels(buys: readonly Order[], sells: readonly Order[]): Level[] {
  const edges = [
    ...buys.flatMap(({ limit }) => [limit, limit + 1n]),
    ...sells.flatMap(({ limit }) => [limit - 1n, limit]),
  ]
  const prices = [...new Set(edges)].filter((price) => price > 0n).sort(compare)
  const leaving = buys.toSorted((a, b) => compare(a.limit, b.limit))
  const entering = sells.toSorted((a, b) => compare(a.limit, b.limit))
  let demand = buys.reduce((sum, { quantity }) => sum + quantity, 0n)
  let supply = 0n
  let left = 0
  let entered = 0
  return prices.map((price) => {
    for (; (leaving[left]?.limit ?? price) < price; left++) demand -= leaving[left]?.quantity ?? 0n
    for (; (entering[entered]?.limit ?? price + 1n) <= price; entered++) {
      supply += entering[entered]?.quantity ?? 0n
    }
    const volume = demand < supply ? demand : supply
    return { price, volume, surplus: demand + supply - 2n * volume }
  })
}

function bestLevels(levels: readonly Level[]): Level[] {
  let best: Level[] = []
  for (const level of levels) {
    const [leader] = best
    const order = leader === undefined ? 1 : compareLevels(level, leader)
    if (order > 0) best = [level]
    else if (order === 0) best.push(level)
  }
  return best
}

/** Positive where `a` is the better level. */
function compareLevels(a: Level, b: Level): number {
  return compare(a.volume, b.volume) || compare(b.surplus, a.surplus)
}

/** Hands out the volume by the given priority, then by time. */
function allocate(
  orders: readonly Order[],
  byLimit: (a: Order, b: Order) => number,
  volume: bigint,
): [id: bigint, quantity: bigint][] {
  const queue = orders.toSorted((a, b) => byLimit(a, b) || compare(a.id, b.id))
  const fills: [bigint, bigint][] = []
  let rest = volume
  for (const { id, quantity } of queue) {
    if (rest === 0n) break
    const filled = quantity < rest ? quantity : rest
    fills.push([id, filled])
    rest -= filled
  }
  return fills
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0
}
