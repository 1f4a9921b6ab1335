import type { Hash } from '@tacit/base'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createChain } from '../chain.ts'
import type { PoolState } from '../pool/access.ts'
import { NO_COUNTERS } from '../pool/counters.ts'
import { metricsToText } from './metrics.ts'
import { createPages, MAX_STALE_MS, type Page, type Pages } from './pages.ts'

const hash = new Uint8Array(32) as Hash
const state: PoolState = { ready: 2, future: 1, bytes: 300, counters: NO_COUNTERS }
let answer: () => Promise<PoolState>
let isHalted: boolean
let pages: Pages
beforeEach(() => {
  vi.useFakeTimers()
  answer = () => Promise.resolve(state)
  isHalted = false
  const unused = (): never => {
    throw new Error('unused')
  }
  pages = createPages({
    chain: createChain({
      genesisHash: hash,
      head: { number: 8, hash },
      justified: { number: 7, hash },
    }),
    pool: {
      submit: unused,
      unwatch: unused,
      pending: unused,
      nextNonce: unused,
      status: () => answer(),
    },
    isHalted: () => isHalted,
    counts: () => ({ connections: 3, requests: 40 }),
  })
})
afterEach(() => void vi.useRealTimers())

async function get(path: string): Promise<Page> {
  const page = pages(path)
  await vi.advanceTimersByTimeAsync(100)
  const found = await page
  if (!found) throw new Error(`no page ${path}`)
  return found
}

test('health says where the chain stands, and 503 when nothing is sealed any more', async () => {
  const page = await get('/health')
  const shown = { healthy: true, best: 8, justified: 7, pool: 3, staleMs: 0 }
  expect(page).toEqual({ status: 200, type: 'application/json', body: JSON.stringify(shown) })
  isHalted = true
  const halted = await get('/health')
  expect([halted.status, JSON.parse(halted.body)]).toEqual([503, { ...shown, healthy: false }])
})

test('an answer that does not come: what was known last, and its age', async () => {
  await get('/health')
  const { promise, resolve } = Promise.withResolvers<PoolState>()
  answer = () => promise
  await vi.advanceTimersByTimeAsync(1_000)
  expect(JSON.parse((await get('/health')).body)).toMatchObject({ pool: 3, staleMs: 1_200 })
  expect((await get('/metrics')).body).toContain('\ntacit_consensus_stale_seconds 1.3\n')
  resolve({ ...state, ready: 5 })
  expect(JSON.parse((await get('/health')).body)).toMatchObject({ pool: 6, staleMs: 0 })
})

test('readiness: 500 when halted, and when the consensus thread says nothing for long', async () => {
  expect(await get('/health/readiness')).toMatchObject({ status: 200, body: '' })
  isHalted = true
  expect((await get('/health/readiness')).status).toBe(500)
  isHalted = false
  answer = () => new Promise(() => {})
  expect((await get('/health/readiness')).status).toBe(200)
  await vi.advanceTimersByTimeAsync(MAX_STALE_MS)
  expect((await get('/health/readiness')).status).toBe(500)
})

test('metrics are in the text format of Prometheus', async () => {
  const { status, type, body } = await get('/metrics')
  expect([status, type]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8'])
  for (const line of [
    'tacit_block_height{status="best"} 8',
    'tacit_block_height{status="justified"} 7',
    'tacit_halted 0',
    'tacit_pool_transactions{status="ready"} 2',
    'tacit_pool_transactions{status="future"} 1',
    'tacit_pool_bytes 300',
    'tacit_rpc_connections 3',
    'tacit_rpc_requests_total 40',
  ])
    expect(body).toContain(`\n${line}\n`)
  expect(body).toMatch(/^(# (HELP|TYPE) [a-z_]+ .+\n|[a-z_]+(\{[a-z]+="[a-z]+"\})? [\d.e+-]+\n)+$/)
  expect(pages('/nothing')).toBeUndefined()
})

test('a label may hold anything', () => {
  const samples = [{ labels: { name: 'a"b\\c\nd' }, value: 1 }]
  expect(metricsToText([{ name: 'x', help: 'y', type: 'gauge', samples }])).toBe(
    '# HELP x y\n# TYPE x gauge\nx{name="a\\"b\\\\c\\nd"} 1\n',
  )
})
