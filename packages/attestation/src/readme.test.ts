import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { evidenceFolder } from './testing/kit.ts'

const README = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
const BLOCKS = [...README.matchAll(/```ts\n([^]+?)```/g)].map(([, code = '']) => code)

/** What the code takes for given. */
const FILES = `
import { readFileSync } from 'node:fs'
const files = ['bundles/tdx-v4-phala.json', 'quotes/tdx-v4-phala.bin'].map((name) => ({
  name,
  bytes: new Uint8Array(readFileSync(\`${evidenceFolder}/dcap/\${name}\`)),
}))
`
const QUOTE = `${FILES}
import { assembleEvidence } from '@tacit/attestation'
const set = assembleEvidence(files)
if (!set.ok || set.value.type !== 'dcap') throw new Error('no quote')
const { quote, collateral, recordedAt: now = 0 } = set.value
`

async function run(code: string): Promise<string> {
  const dist = join(import.meta.dirname, '../dist')
  mkdirSync(dist, { recursive: true })
  const target = mkdtempSync(join(dist, 'readme-'))
  const script = join(target, 'example.ts')
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  try {
    writeFileSync(script, code)
    await import(script)
    return log.mock.calls.map((line) => line.join(' ')).join('\n')
  } finally {
    log.mockRestore()
    rmSync(target, { recursive: true })
  }
}

test('there are two pieces of code', () => {
  expect(BLOCKS).toHaveLength(2)
})

test.runIf(evidenceFolder !== undefined)(
  'the first verifies files, and a policy accepts',
  async () => {
    const said = await run(FILES + BLOCKS[0])
    expect(said).toContain('policy     production: accepted')
  },
)

test.runIf(evidenceFolder !== undefined)('the second verifies a quote over WebCrypto', async () => {
  expect(await run(QUOTE + BLOCKS[1])).toBe('tdx UpToDate 64')
})

test('every name that is called is exported', async () => {
  const exported = await import('@tacit/attestation')
  const text = README.replaceAll(/```ts\n[^]+?```/g, '')
  const called = [
    ...text.matchAll(
      /`((?:decide|assess|assemble|create|parse|verify|evaluate|read|find|conclude)(?:[A-Z]\w*)?|developmentPolicy|[A-Z]+_[A-Z_]+)\b/g,
    ),
  ]
  const names = called.map(([, name = '']) => name).filter((name) => name !== 'assessX')
  expect(names.length).toBeGreaterThan(20)
  expect(names.filter((name) => !(name in exported) && name !== 'PLATFORM_INFO')).toEqual([])
})
