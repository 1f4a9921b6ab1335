import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runInNewContext } from 'node:vm'

import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { contractBundleOptions } from './bundle.ts'

const AUTHOR = `import { defineContract } from './src/index.ts'
  import { twice } from './twice.ts'
  export default defineContract({ queries: { twice: (_ctx, n) => twice(Number(n)) } })`
const HELPER = `// a comment
  export function twice(n: number): number { return 2 * n }`

const folders: string[] = []
beforeAll(() => {
  for (const name of ['one-', 'another-much-longer-']) {
    const folder = mkdtempSync(join(tmpdir(), name))
    folders.push(folder)
    cpSync(fileURLToPath(new URL('.', import.meta.url)), join(folder, 'src'), { recursive: true })
    writeFileSync(join(folder, 'contract.ts'), AUTHOR)
    writeFileSync(join(folder, 'twice.ts'), HELPER)
  }
})
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })))

async function bundleIn(folder: string, absWorkingDir: string): Promise<string> {
  const entryPoints = [join(folder, 'contract.ts')]
  const { outputFiles } = await build({ ...contractBundleOptions, entryPoints, absWorkingDir })
  return outputFiles[0]?.text ?? ''
}

describe('contractBundleOptions', () => {
  it('leave the contract in a global', async () => {
    const [folder = ''] = folders
    const world = {} as {
      tacitContract: { default: { queries: { twice: (c: null, n: number) => number } } }
    }
    runInNewContext(await bundleIn(folder, folder), world)
    expect(world.tacitContract.default.queries.twice(null, 21)).toBe(42)
  })

  it('give the same bytes in every folder', async () => {
    const [one = '', another = ''] = folders
    const code = await bundleIn(one, one)
    expect(code.length).toBeGreaterThan(0)
    expect(await bundleIn(one, '/')).toBe(code)
    expect(await bundleIn(another, another)).toBe(code)
    expect(code).not.toContain(one)
  })
})
