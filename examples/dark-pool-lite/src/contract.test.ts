import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'

import { parseUtf8, toHex, utf8 } from '@tacit/base'
import { contractBundleOptions } from '@tacit/contract/bundle'
import {
  createSandbox,
  type CallKind,
  type CallOutcome,
  type OutboxItem,
  type Sandbox,
} from '@tacit/sandbox'
import { build } from 'esbuild'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

const source = fileURLToPath(new URL('./contract.ts', import.meta.url))
const account = (byte: number): Uint8Array => new Uint8Array(32).fill(byte)
const [owner, alice, bob, carol, dave] = [1, 2, 3, 4, 5].map(account) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
]

let sandbox: Sandbox
let code: Uint8Array
let codeHash: Uint8Array
let state: Map<string, Uint8Array>
let sequence: bigint

async function call(kind: CallKind, method: string, caller: Uint8Array, input: unknown = null) {
  return sandbox.call({
    code,
    codeHash,
    kind,
    method,
    input: utf8(JSON.stringify(input)),
    context: {
      caller,
      self: account(9),
      height: 1,
      timeMs: 1_700_000_000_000,
      sequence,
      seed: account(7),
      value: 0n,
    },
    state,
    gasLimit: 100_000_000n,
    deadlineMs: 10_000,
  })
}

/** Runs a command and applies its writes, as the contract host does. */
async function send(method: string, caller: Uint8Array, input: unknown = null) {
  const result = await call('command', method, caller, input)
  sequence++
  if (!result.ok) {
    return result.error.code === 'contract_failed' ? result.error.failCode : result.error
  }
  apply(result.value)
  return { output: json(result.value.output), outbox: result.value.outbox.map(event) }
}

async function ask(method: string, caller: Uint8Array) {
  const result = await call('query', method, caller)
  return result.ok ? json(result.value.output) : result.error
}

function apply({ writes }: CallOutcome): void {
  for (const [key, value] of writes) {
    if (value === undefined) state.delete(key)
    else state.set(key, value)
  }
}

function json(bytes: Uint8Array): unknown {
  return JSON.parse(parseUtf8(bytes) ?? '')
}

function event(item: OutboxItem): unknown {
  return item.type === 'event' ? [item.topic, json(item.data)] : item.type
}

beforeAll(async () => {
  const bundle = await build({ ...contractBundleOptions, entryPoints: [source] })
  code = bundle.outputFiles[0]?.contents ?? new Uint8Array()
  codeHash = createHash('sha256').update(code).digest()
  sandbox = await createSandbox()
})

afterAll(() => sandbox.close())

beforeEach(async () => {
  state = new Map()
  sequence = 1n
  const deployed = await call('init', '', owner)
  if (deployed.ok) apply(deployed.value)
})

const buy = (limit: string, quantity: string) => ({ side: 'buy', limit, quantity })
const sell = (limit: string, quantity: string) => ({ side: 'sell', limit, quantity })

describe('dark-pool-lite in the sandbox', () => {
  it('clears five sealed orders and publishes price and volume only', async () => {
    expect(await send('place', alice, buy('110', '40'))).toEqual({
      output: { id: '1' },
      outbox: [],
    })
    await send('place', bob, buy('105', '30'))
    await send('place', carol, sell('100', '50'))
    await send('place', dave, sell('103', '10'))
    await send('place', alice, sell('200', '5'))
    expect(await ask('last', bob)).toBeNull()
    // Volume is 60 from 103 to 105, with 10 too many wanted throughout: the middle is 104.
    expect(await send('clear', owner)).toEqual({
      output: { price: '104', volume: '60' },
      outbox: [['cleared', { price: '104', volume: '60' }]],
    })
    expect(await ask('last', bob)).toEqual({ price: '104', volume: '60' })
    const at = { batch: 1, price: '104' }
    expect(await ask('fill', alice)).toEqual({
      fills: [{ ...at, order: '1', side: 'buy', quantity: '40' }],
      open: [{ order: '5', side: 'sell', limit: '200', quantity: '5' }],
    })
    expect(await ask('fill', bob)).toEqual({
      fills: [{ ...at, order: '2', side: 'buy', quantity: '20' }],
      open: [{ order: '2', side: 'buy', limit: '105', quantity: '10' }],
    })
    expect(await ask('fill', carol)).toEqual({
      fills: [{ ...at, order: '3', side: 'sell', quantity: '50' }],
      open: [],
    })
    expect(await ask('fill', owner)).toEqual({ fills: [], open: [] })
  })

  it('keeps what was left over for the next batch', async () => {
    await send('place', alice, buy('10', '8'))
    await send('place', bob, sell('10', '5'))
    await send('clear', owner)
    expect(await send('clear', owner)).toBe('nothing_crosses')
    await send('place', carol, sell('10', '3'))
    expect(await send('clear', owner)).toMatchObject({ output: { price: '10', volume: '3' } })
    expect(await ask('fill', alice)).toMatchObject({
      fills: [
        { batch: 1, quantity: '5' },
        { batch: 2, quantity: '3' },
      ],
      open: [],
    })
  })

  it('refuses with a code and changes nothing', async () => {
    const before = new Map(state)
    expect(await send('place', alice, { side: 'buy' })).toBe('order_malformed')
    expect(await send('place', alice, buy('0', '1'))).toBe('limit_out_of_range')
    expect(await send('clear', alice)).toBe('not_owner')
    expect(await send('clear', owner)).toBe('nothing_crosses')
    expect(await send('cancel', alice, { id: '99' })).toBe('order_unknown')
    expect(await send('cancel', alice, 7)).toBe('order_malformed')
    expect(state).toEqual(before)
  })

  it('lets nobody but the sender take an order back', async () => {
    await send('place', alice, buy('10', '8'))
    expect(await send('cancel', bob, { id: '1' })).toBe('order_unknown')
    expect(await send('cancel', bob, { id: `1/../${toHex(alice)}/1` })).toBe('order_unknown')
    expect(await send('cancel', alice, { id: '1' })).toEqual({ output: null, outbox: [] })
    expect(await ask('fill', alice)).toEqual({ fills: [], open: [] })
  })

  it('bounds one account and the book', async () => {
    for (let at = 0; at < 16; at++) await send('place', alice, buy('10', '1'))
    expect(await send('place', alice, buy('10', '1'))).toBe('account_full')
    for (let trader = 20; trader < 35; trader++) {
      for (let at = 0; at < 16; at++) await send('place', account(trader), sell('10', '1'))
    }
    expect(await send('place', bob, buy('10', '1'))).toBe('book_full')
    expect(await send('clear', owner)).toMatchObject({ output: { price: '10', volume: '16' } })
  })

  it('forgets fills after sixteen batches', async () => {
    for (let batch = 0; batch < 17; batch++) {
      await send('place', alice, buy('10', '1'))
      await send('place', bob, sell('10', '1'))
      await send('clear', owner)
    }
    const { fills } = (await ask('fill', alice)) as { fills: { batch: number }[] }
    expect(fills.map(({ batch }) => batch)).toEqual(Array.from({ length: 16 }, (_, at) => at + 2))
    expect([...state.keys()].filter((key) => key.startsWith('fill/1/'))).toEqual([])
  })
})
