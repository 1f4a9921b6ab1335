import type { PoolState } from '../pool/access.ts'
import type { Metric, Sample } from './metrics.ts'

/** What the pool holds, and what happened in it since the node started. */
export function poolMetrics({ ready, future, bytes, counters }: PoolState): readonly Metric[] {
  const { submitted, refused, left, signatures } = counters
  return [
    {
      name: 'tacit_pool_transactions',
      help: 'Extrinsics that wait.',
      type: 'gauge',
      samples: byLabel('status', { ready, future }),
    },
    {
      name: 'tacit_pool_bytes',
      help: 'Bytes of the extrinsics that wait.',
      type: 'gauge',
      samples: [{ value: bytes }],
    },
    {
      name: 'tacit_pool_submitted_total',
      help: 'Extrinsics that came.',
      type: 'counter',
      samples: [{ value: submitted }],
    },
    {
      name: 'tacit_pool_refused_total',
      help: 'Extrinsics that were not taken, by reason.',
      type: 'counter',
      samples: byLabel('code', refused),
    },
    {
      name: 'tacit_pool_left_total',
      help: 'Extrinsics that wait no more, by what became of them.',
      type: 'counter',
      samples: byLabel('status', left),
    },
    {
      name: 'tacit_pool_signatures_total',
      help: 'Signatures that were checked, by where.',
      type: 'counter',
      samples: byLabel('thread', { own: signatures.onThreads, consensus: signatures.onCaller }),
    },
    {
      name: 'tacit_pool_signatures_waiting',
      help: 'Signatures that wait to be checked.',
      type: 'gauge',
      samples: [{ value: signatures.waiting }],
    },
    {
      name: 'tacit_pool_signature_faults_total',
      help: 'Threads for signatures that died.',
      type: 'counter',
      samples: [{ value: signatures.faults }],
    },
  ]
}

function byLabel(label: string, values: { readonly [name: string]: number }): Sample[] {
  return Object.entries(values).map(([name, value]) => ({ labels: { [label]: name }, value }))
}
