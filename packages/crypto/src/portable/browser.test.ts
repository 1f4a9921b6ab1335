import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

/** Every module that these source files import, other than each other. */
function packagesOf(entry: URL, seen: Set<string> = new Set()): Set<string> {
  const found = new Set<string>()
  if (seen.has(entry.href)) return found
  seen.add(entry.href)
  const source = readFileSync(entry, 'utf8').replaceAll(/^import type .*$/gm, '')
  for (const [, name = ''] of source.matchAll(/\b(?:from|import)\s+'([^']+)'/g)) {
    const inner = name.startsWith('.') ? packagesOf(new URL(name, entry), seen) : [name]
    for (const one of inner) found.add(one)
  }
  return found
}

test.each(['../index.ts', './index.ts', '../webcrypto.ts', '../x509/index.ts'])(
  '%s imports nothing that a browser lacks',
  (entry) => {
    const packages = [...packagesOf(new URL(entry, import.meta.url))]
    expect(packages.length).toBeGreaterThan(0)
    for (const name of packages)
      expect(name).toMatch(/^(@noble\/|@scure\/|@tacit\/base$|xxhash-wasm$)/)
  },
)

test('the scan does see a Node module where there is one', () => {
  expect([...packagesOf(new URL('../native/index.ts', import.meta.url))]).toContain('node:crypto')
})
