import { performance } from 'node:perf_hooks'
import type { ChainView } from '../chain.ts'
import type { PoolAccess } from '../pool/access.ts'
import { METRICS_TYPE, metricsToText, type Metric } from './metrics.ts'
import { poolMetrics } from './pool-metrics.ts'
import { createPulse, type Pulse } from './pulse.ts'

/** What GET gives beside JSON-RPC. */
export type Page = { readonly status: number; readonly type: string; readonly body: string }

/** The page of a path; undefined if there is none. */
export type Pages = (path: string) => Promise<Page> | undefined

/** Milliseconds without an answer behind which the consensus thread does not count as ready. */
export const MAX_STALE_MS = 15_000

/** What the server itself counts. */
export type ServerCounts = { readonly connections: number; readonly requests: number }

export type PageServices = {
  readonly chain: ChainView
  readonly pool: PoolAccess
  /** Nothing is sealed any more. */
  readonly isHalted: () => boolean
  readonly counts: () => ServerCounts
}

/**
 * `/health`: JSON of what is known, 503 when halted. `/health/readiness`: 200 or 500 and nothing
 * else, as Substrate's nodes have it (polkadot-sdk: sc-rpc-server, middleware/node_health).
 * `/metrics`: Prometheus. All answer while the consensus thread is busy, and say how old it is.
 */
export function createPages(services: PageServices): Pages {
  const pulse = createPulse(services.pool)
  const utilization = createUtilization()
  return (path) => {
    switch (path) {
      case '/health':
        return pulse().then((now) => health(services, now))
      case '/health/readiness':
        return pulse().then(({ staleMs }) => {
          const isReady = !services.isHalted() && staleMs <= MAX_STALE_MS
          return { status: isReady ? 200 : 500, type: 'application/json', body: '' }
        })
      case '/metrics':
        return pulse().then((now) => {
          const body = metricsToText(metrics(services, now, utilization()))
          return { status: 200, type: METRICS_TYPE, body }
        })
      default:
        return undefined
    }
  }
}

function health({ chain, isHalted }: PageServices, { pool, staleMs }: Pulse): Page {
  const healthy = !isHalted()
  const shown = {
    healthy,
    best: chain.head.number,
    justified: chain.justified.number,
    pool: pool.ready + pool.future,
    staleMs,
  }
  return { status: healthy ? 200 : 503, type: 'application/json', body: JSON.stringify(shown) }
}

/** The share of time since the last call that the thread's event loop was busy, 0 to 1. */
function createUtilization(): () => number {
  let last = performance.eventLoopUtilization()
  return () => {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, last)
    last = now
    // It is not a number where no time has passed.
    return utilization >= 0 ? utilization : 0
  }
}

function metrics(
  { chain, isHalted, counts }: PageServices,
  { pool, staleMs }: Pulse,
  utilization: number,
): readonly Metric[] {
  const { connections, requests } = counts()
  const { user, system } = process.cpuUsage()
  return [
    {
      name: 'tacit_block_height',
      help: 'Number of the newest block.',
      type: 'gauge',
      samples: [
        { labels: { status: 'best' }, value: chain.head.number },
        { labels: { status: 'justified' }, value: chain.justified.number },
      ],
    },
    gauge('tacit_halted', '1 if nothing is sealed any more.', isHalted() ? 1 : 0),
    ...poolMetrics(pool),
    gauge(
      'tacit_consensus_stale_seconds',
      'Age of what the consensus thread said last; 0 if it answers.',
      staleMs / 1_000,
    ),
    gauge('tacit_rpc_connections', 'Open WebSockets.', connections),
    {
      name: 'tacit_rpc_requests_total',
      help: 'JSON-RPC messages; a batch is one.',
      type: 'counter',
      samples: [{ value: requests }],
    },
    gauge(
      'tacit_rpc_event_loop_utilization',
      'Share of time since the last scrape that the RPC thread was busy.',
      utilization,
    ),
    gauge('process_resident_memory_bytes', 'Memory of the process.', process.memoryUsage.rss()),
    {
      name: 'process_cpu_seconds_total',
      help: 'Processor time of the process.',
      type: 'counter',
      samples: [{ value: (user + system) / 1e6 }],
    },
  ]
}

function gauge(name: string, help: string, value: number): Metric {
  return { name, help, type: 'gauge', samples: [{ value }] }
}
