/** Counters and gauges of a worker, in Prometheus' text format. */
export interface Metrics {
  add(name: CounterName, by?: number): void
  set(name: GaugeName, value: number): void
  text(): string
}

const COUNTERS = {
  tacit_worker_commits_total: 'Commits that the chain accepted.',
  tacit_worker_commands_total: 'Commands that those commits answered.',
  tacit_worker_grants_total: 'Grants of keys that the chain noted.',
  tacit_worker_http_requests_total: 'HTTP requests that were answered.',
  tacit_worker_http_refusals_total: 'HTTP requests that were answered with an error.',
  tacit_worker_http_received_bytes_total: 'Bytes of HTTP bodies received.',
  tacit_worker_enclave_starts_total: 'Boots of the enclave.',
} as const
const GAUGES = {
  tacit_worker_height_blocks: 'Justified height that the enclave has reached.',
  tacit_worker_contracts: 'Contracts that are assigned to this worker.',
  tacit_worker_serving: '1 where the instance is registered, else 0.',
} as const

export type CounterName = keyof typeof COUNTERS
export type GaugeName = keyof typeof GAUGES

export function createMetrics(): Metrics {
  const values = new Map<string, number>()
  return {
    add: (name, by = 1) => void values.set(name, (values.get(name) ?? 0) + by),
    set: (name, value) => void values.set(name, value),
    text: () => describe(COUNTERS, 'counter', values) + describe(GAUGES, 'gauge', values),
  }
}

function describe(
  names: { readonly [name: string]: string },
  type: string,
  values: ReadonlyMap<string, number>,
): string {
  return Object.entries(names)
    .map(
      ([name, help]) =>
        `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} ${values.get(name) ?? 0}\n`,
    )
    .join('')
}
