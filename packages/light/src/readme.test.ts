import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'

/** The names that the README leaves to its reader. */
const GIVEN = `
import { childOf, genesisOf, hashOf, justify, testSet } from '../../src/testing/kit.ts'
const keys = testSet([1, 1, 1, 1])
const checkpoint = genesisOf(keys.set)
const trustedGenesisHash = hashOf(checkpoint.header)
const one = childOf(checkpoint.header)
const two = childOf(one)
const justifiedHeaders = [one, two].map((header) => ({ header, justification: justify(header, keys) }))
`

test("the README's code follows a chain", async () => {
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
  const code = /```ts\n([^]+?)```/.exec(readme)?.[1] ?? ''
  const dist = join(import.meta.dirname, '../dist')
  mkdirSync(dist, { recursive: true })
  const target = mkdtempSync(join(dist, 'readme-'))
  const script = join(target, 'example.ts')
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  try {
    writeFileSync(script, GIVEN + code)
    await import(script)
    expect(log.mock.calls.flat().join('\n')).toContain('justified height: 2')
  } finally {
    log.mockRestore()
    rmSync(target, { recursive: true })
  }
})
