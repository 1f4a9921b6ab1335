import { expect, test } from 'vitest'
import { createToyChain } from '../testing/toy-chain.ts'
import { metricsToText } from './metrics.ts'
import { poolMetrics } from './pool-metrics.ts'

test('metrics say what waits, what was refused and why, and where signatures were checked', async () => {
  const chain = createToyChain()
  await chain.submit('a', 0)
  await chain.submit('a', 2)
  await chain.submit('b', 0, '1:bad')
  const text = metricsToText(poolMetrics(await chain.pool.status()))
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  expect(samples).toEqual([
    'tacit_pool_transactions{status="ready"} 1',
    'tacit_pool_transactions{status="future"} 1',
    'tacit_pool_bytes 10',
    'tacit_pool_submitted_total 3',
    'tacit_pool_refused_total{code="bad_proof"} 1',
    'tacit_pool_signatures_total{thread="own"} 0',
    'tacit_pool_signatures_total{thread="consensus"} 3',
    'tacit_pool_signatures_waiting 0',
    'tacit_pool_signature_faults_total 0',
  ])
})
