import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { runInNewContext } from 'node:vm'

import { build } from 'esbuild'
import { expect, it } from 'vitest'

import { contractBundleOptions } from './bundle.ts'
import type { Contract } from './define-contract.ts'

it('the code of the README is a contract', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const [, contents = ''] = /```ts\n([^`]+)```/.exec(readme) ?? []
  const resolveDir = fileURLToPath(new URL('..', import.meta.url))
  const { outputFiles } = await build({
    ...contractBundleOptions,
    stdin: { contents, resolveDir, loader: 'ts' },
  })
  const world = {} as { tacitContract: { default: Contract } }
  runInNewContext(outputFiles[0]?.text ?? '', world)
  const { commands = {}, queries = {} } = world.tacitContract.default
  expect([Object.keys(commands), Object.keys(queries)]).toEqual([['add'], ['total']])
})
