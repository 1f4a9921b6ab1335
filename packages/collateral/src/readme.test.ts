import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { bytesToHex, toHex, unwrap } from '@tacit/base'
import { readQuoteScope } from '@tacit/attestation'
import { createDevPlatform } from '@tacit/platform-dev'
import { serveIntel } from './testing/fake-intel.ts'
import { startLocalServer } from './testing/local-server.ts'

test("the README's code fetches, verifies and keeps collateral", async () => {
  const now = Math.floor(Date.now() / 1_000)
  const platform = createDevPlatform({ seed: new Uint8Array(32).fill(7), now })
  const td = platform.launchTd({ image: new Uint8Array(48), role: 'x' })
  const quote = td.quote(new Uint8Array(64))
  const { tee, fmspc, ca } = unwrap(readQuoteScope(quote))
  const server = await startLocalServer()
  serveIntel(server, platform.collateral(), { tee, fmspc: bytesToHex(fmspc).toUpperCase(), ca })
  const dist = join(import.meta.dirname, '../dist')
  mkdirSync(dist, { recursive: true })
  const target = mkdtempSync(join(dist, 'readme-'))
  const hex = (bytes: Uint8Array): string => `Buffer.from('${toHex(bytes).slice(2)}', 'hex')`
  const { name, certificate, fingerprint } = platform.root
  const given = [
    `const folder = ${JSON.stringify(join(target, 'cache'))}`,
    `const pcs = ${JSON.stringify(server.url)}`,
    `const quote = ${hex(quote)}`,
    `const root = { name: '${name}', vendor: 'intel' as const, certificate: ${hex(certificate)}, fingerprint: ${hex(fingerprint)} }`,
    'const roots = [INTEL_SGX_ROOT_CA, root]',
  ]
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
  const code = /```ts\n([^]+?)```/.exec(readme)?.[1] ?? ''
  const script = join(target, 'example.ts')
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  try {
    writeFileSync(script, `${given.join('\n')}\n${code}`)
    await import(script)
    expect(log.mock.calls).toEqual([['service', 1, platform.collateral().tcbInfo.length]])
  } finally {
    log.mockRestore()
    rmSync(target, { recursive: true })
    await server.close()
  }
})
