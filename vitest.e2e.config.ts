import { defineConfig, type ViteUserConfig } from 'vitest/config'

/** Whole processes on real ports: what `npm test` leaves out and CI runs. */
const config: ViteUserConfig = defineConfig({
  test: {
    include: ['{apps,packages}/*/e2e/*.e2e.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    fileParallelism: false,
    pool: 'forks',
  },
})

export default config
