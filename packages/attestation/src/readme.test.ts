import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { evidenceFolder } from './testing/kit.ts'

test.runIf(evidenceFolder !== undefined)("the README's code verifies a real quote", async () => {
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
  const code = /```ts\n([^]+?)```/.exec(readme)?.[1] ?? ''
  const folder = `const evidence = ${JSON.stringify(evidenceFolder)}\n`
  const dist = join(import.meta.dirname, '../dist')
  mkdirSync(dist, { recursive: true })
  const target = mkdtempSync(join(dist, 'readme-'))
  const script = join(target, 'example.ts')
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  try {
    writeFileSync(script, folder + code)
    await import(script)
    expect(log.mock.calls.flat().join('\n')).toContain('policy     production: accepted')
  } finally {
    log.mockRestore()
    rmSync(target, { recursive: true })
  }
})
