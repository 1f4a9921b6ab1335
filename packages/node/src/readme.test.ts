import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'

test("the README's code starts a node and stops it", async () => {
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
  const code = /```ts\n([^]+?)```/.exec(readme)?.[1] ?? ''
  const dist = join(import.meta.dirname, '../dist')
  mkdirSync(dist, { recursive: true })
  const target = mkdtempSync(join(dist, 'readme-'))
  const script = join(target, 'example.ts')
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  try {
    const own = code.replace('/tmp/tacit', join(target, 'chain')).replace('9944', '0')
    writeFileSync(script, own)
    await import(script)
    expect(log.mock.calls.flat()).toEqual([expect.stringMatching(/^ws:\/\/127\.0\.0\.1:\d+$/)])
  } finally {
    log.mockRestore()
    rmSync(target, { recursive: true })
  }
})
