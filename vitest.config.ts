import { defineConfig, type ViteUserConfig } from 'vitest/config'

/** Packages whose tests only compute: their files share a process, and so what it has loaded. */
const PURE = 'packages/{attestation,base,crypto,runtime,state}/**/*.test.ts'
/** Tests of JSON-RPC against nodes in their own process: the same. */
const RPC = 'packages/node/src/rpc/*.test.ts'
/** Tests that measure the memory of their process, which they must have to themselves. */
const MEASURED = '**/hostile.test.ts'

const config: ViteUserConfig = defineConfig({
  test: {
    testTimeout: 20_000,
    hookTimeout: 30_000,
    pool: 'forks',
    maxWorkers: '100%',
    projects: [
      {
        extends: true,
        test: {
          name: 'pure',
          include: [PURE],
          exclude: ['**/node_modules/**', MEASURED],
          isolate: false,
        },
      },
      { extends: true, test: { name: 'rpc', include: [RPC], isolate: false } },
      {
        extends: true,
        test: {
          name: 'process',
          include: ['{packages,apps,examples,tools}/**/*.test.ts'],
          exclude: [
            '**/node_modules/**',
            RPC,
            'packages/{attestation,base,crypto,runtime,state}/**/!(hostile).test.ts',
          ],
        },
      },
    ],
  },
})

export default config
