/** Layer of each package; an import may only go to a lower layer. docs/architecture.md, section 2. */
export const LAYERS: ReadonlyMap<string, number> = new Map([
  ['@tacit/base', 0],
  ['@tacit/contract', 0],
  ['@tacit/crypto', 1],
  ['@tacit/attestation', 2],
  ['@tacit/platform-dev', 2],
  ['@tacit/state', 2],
  ['@tacit/sandbox', 2],
  ['@tacit/light', 3],
  ['@tacit/runtime', 3],
  ['@tacit/collateral', 4],
  ['@tacit/sdk', 4],
  ['@tacit/node', 5],
  ['@tacit/enclave', 5],
  ['@tacit/worker', 6],
  ['@tacit/console', 7],
  ['@tacit/cli', 8],
  ['@tacit/example-dark-pool-lite', 8],
])

/** The software TEE platform plays hardware: what judges evidence must not know it. */
export const NEVER: readonly (readonly [from: string, to: string])[] = [
  ['@tacit/runtime', '@tacit/platform-dev'],
  ['@tacit/enclave', '@tacit/platform-dev'],
  ['@tacit/sdk', '@tacit/platform-dev'],
  ['@tacit/attestation', '@tacit/platform-dev'],
  ['@tacit/collateral', '@tacit/platform-dev'],
]

/** Packages that also run in browsers or inside the deterministic runtime: no Node built-ins. */
export const NO_NODE_BUILTINS: ReadonlySet<string> = new Set([
  '@tacit/base',
  '@tacit/contract',
  '@tacit/attestation',
  '@tacit/state',
  '@tacit/light',
  '@tacit/runtime',
  '@tacit/sdk',
])
