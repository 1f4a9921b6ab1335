import {
  defineContract,
  type CommandContext,
  type Contract,
  type Json,
  type QueryContext,
  type ReadonlyState,
} from '@tacit/contract'

import { clearBatch, type Order, type Side } from './auction.ts'
import { parseOrder } from './order-input.ts'

/** Open orders that the book holds, and that one account may have. */
const MAX_OPEN = 256
const MAX_OPEN_PER_ACCOUNT = 16
/** Batches whose fills can still be asked for. */
const KEPT_BATCHES = 16

/** State under `order/<account>/<id>`; amounts are decimal strings. */
type StoredOrder = { readonly side: Side; readonly limit: string; readonly quantity: string }
/** State under `fill/<batch>/<account>`: a list of these. */
type StoredFill = {
  readonly batch: number
  readonly order: string
  readonly side: Side
  readonly price: string
  readonly quantity: string
}
/** State under `last`. */
type Last = { readonly batch: number; readonly price: string; readonly volume: string }

interface OpenOrder extends Order {
  readonly account: string
  readonly key: string
}

const darkPool: Contract = defineContract({
  init(ctx) {
    ctx.state.set('owner', ctx.caller)
  },
  commands: { place, cancel, clear },
  queries: { fill, last },
})

export default darkPool

/** Adds a sealed order to the batch and returns its id. */
function place(ctx: CommandContext, input: Json): Json {
  const order = parseOrder(input)
  if (typeof order === 'string') ctx.fail(order)
  if (ctx.state.keys('order/').length >= MAX_OPEN) ctx.fail('book_full')
  const own = ctx.state.keys(`order/${ctx.caller}/`)
  if (own.length >= MAX_OPEN_PER_ACCOUNT) ctx.fail('account_full')
  const id = ctx.sequence.toString()
  ctx.state.set(orderKey(ctx.caller, id), storeOrder(order, order.quantity))
  return { id }
}

/** Takes back what is open of an own order: `{ id }`. */
function cancel(ctx: CommandContext, input: Json): Json {
  const id = typeof input === 'object' && input !== null && 'id' in input ? input.id : undefined
  if (typeof id !== 'string') ctx.fail('order_malformed')
  const key = orderKey(ctx.caller, id)
  if (id.length > 20 || ctx.state.get(key) === undefined) ctx.fail('order_unknown')
  ctx.state.delete(key)
  return null
}

/**
 * Clears the batch; what is left of an order stays in the book. For the owner alone: whoever could
 * clear after each order would make batches of one and read that order's limit off the price.
 */
function clear(ctx: CommandContext): Json {
  if (ctx.caller !== ctx.state.get('owner')) ctx.fail('not_owner')
  const orders = readOrders(ctx.state)
  const clearing = clearBatch(orders)
  if (clearing === undefined) return ctx.fail('nothing_crosses')
  const batch = (ctx.state.get<Last>('last')?.batch ?? 0) + 1
  const price = clearing.price.toString()
  const volume = clearing.volume.toString()
  for (const order of orders) {
    const filled = clearing.fills.get(order.id)
    if (filled !== undefined) settle(ctx, order, { batch, price, filled })
  }
  forgetBatch(ctx, batch - KEPT_BATCHES)
  ctx.state.set('last', { batch, price, volume })
  ctx.emit('cleared', { price, volume })
  return { price, volume }
}

/** The caller's own fills of the last batches and own open orders; nothing of anybody else. */
function fill(ctx: QueryContext): Json {
  const newest = ctx.state.get<Last>('last')?.batch ?? 0
  const fills: StoredFill[] = []
  for (let batch = Math.max(1, newest - KEPT_BATCHES + 1); batch <= newest; batch++) {
    fills.push(...(ctx.state.get<StoredFill[]>(fillKey(batch, ctx.caller)) ?? []))
  }
  const open = ctx.state.keys(`order/${ctx.caller}/`).map((key) => ({
    order: idOf(key),
    ...ctx.state.get<StoredOrder>(key),
  }))
  return { fills, open }
}

/** Price and volume of the last batch, or null before the first. */
function last(ctx: QueryContext): Json {
  const cleared = ctx.state.get<Last>('last')
  return cleared === undefined ? null : { price: cleared.price, volume: cleared.volume }
}

function settle(
  ctx: CommandContext,
  order: OpenOrder,
  { batch, price, filled }: { batch: number; price: string; filled: bigint },
): void {
  const key = fillKey(batch, order.account)
  const fills = ctx.state.get<StoredFill[]>(key) ?? []
  const entry = { order: order.id.toString(), side: order.side, quantity: filled.toString() }
  ctx.state.set(key, [...fills, { batch, price, ...entry }])
  if (filled === order.quantity) ctx.state.delete(order.key)
  else ctx.state.set(order.key, storeOrder(order, order.quantity - filled))
}

function readOrders(state: ReadonlyState): OpenOrder[] {
  return state.keys('order/').flatMap((key) => {
    const stored = state.get<StoredOrder>(key)
    if (stored === undefined) return []
    const { side, limit, quantity } = stored
    const [, account = ''] = key.split('/')
    const id = BigInt(idOf(key))
    return [{ id, side, limit: BigInt(limit), quantity: BigInt(quantity), account, key }]
  })
}

function storeOrder({ side, limit }: Omit<Order, 'id'>, open: bigint): StoredOrder {
  return { side, limit: limit.toString(), quantity: open.toString() }
}

function forgetBatch(ctx: CommandContext, batch: number): void {
  for (const key of ctx.state.keys(`fill/${batch}/`)) ctx.state.delete(key)
}

function orderKey(account: string, id: string): string {
  return `order/${account}/${id}`
}

function fillKey(batch: number, account: string): string {
  return `fill/${batch}/${account}`
}

function idOf(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1)
}
