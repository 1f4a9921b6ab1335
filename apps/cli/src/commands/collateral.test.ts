import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bytesToHex, unwrap } from '@tacit/base'
import { decideDcap, INTEL_SGX_ROOT_CA, parseBundle, type DcapCollateral } from '@tacit/attestation'
import { native } from '@tacit/crypto/native'
import { createDevPlatform } from '@tacit/platform-dev'
import { TacitError } from '@tacit/sdk'
import { findEvidence } from '../../../../vectors/evidence.ts'
import type { Output } from '../output.ts'
import { fetchBundle, type FetchOptions } from './collateral.ts'
import { verifyFiles } from './verify.ts'

const NOW = 1_780_000_000
const EVIDENCE = findEvidence()
const folder = mkdtempSync(join(tmpdir(), 'collateral-'))
const platform = createDevPlatform({ seed: new Uint8Array(32).fill(7), now: NOW })
const td = platform.launchTd({ image: new Uint8Array(48), role: 'x' })
const quote = td.quote(new Uint8Array(64))
const servers: Server[] = []
let pcs: string

/** A PCCS that gives the same collateral whatever it is asked for. */
async function servePccs(collateral: DcapCollateral): Promise<string> {
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
  const signed = (name: string, bytes: Uint8Array, signature: Uint8Array): string =>
    `{"${name}":${text(bytes)},"signature":"${bytesToHex(signature)}"}`
  const { tcbInfo, tcbInfoSignature, qeIdentity, qeIdentitySignature } = collateral
  const chain = (pem: Uint8Array): string => encodeURIComponent(text(pem))
  const server = createServer((request, response) => {
    const url = request.url ?? ''
    response.setHeader('TCB-Info-Issuer-Chain', chain(collateral.tcbInfoIssuerChain))
    response.setHeader('SGX-Enclave-Identity-Issuer-Chain', chain(collateral.qeIdentityIssuerChain))
    response.setHeader('SGX-PCK-CRL-Issuer-Chain', chain(collateral.pckCrlIssuerChain))
    response.setHeader('content-type', url.includes('crl') ? 'text/plain' : 'application/json')
    if (url.includes('rootcacrl')) response.end(bytesToHex(collateral.rootCaCrl))
    else if (url.includes('pckcrl')) response.end(bytesToHex(collateral.pckCrl))
    else if (url.includes('identity')) {
      response.end(signed('enclaveIdentity', qeIdentity, qeIdentitySignature))
    } else response.end(signed('tcbInfo', tcbInfo, tcbInfoSignature))
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

beforeAll(async () => {
  pcs = await servePccs(platform.collateral())
})
afterAll(() => {
  for (const server of servers) server.close()
  rmSync(folder, { recursive: true })
})

const file = (name: string, content: Uint8Array | string): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

async function run(options: Partial<FetchOptions>, now = NOW): Promise<string> {
  const lines: string[] = []
  const output: Output = { line: (text) => lines.push(text), error: (text) => lines.push(text) }
  const root = file('root.der', platform.root.certificate)
  const world = { now: () => now * 1_000, sleep: async () => {}, random: () => 0 }
  await fetchBundle({ quote: file('quote.bin', quote), pcs, root, ...options }, output, world)
  return lines.join('\n')
}

async function codeOf(options: Partial<FetchOptions>): Promise<string> {
  const fault: unknown = await run(options).then(
    () => undefined,
    (one: unknown) => one,
  )
  return fault instanceof TacitError ? fault.code : String(fault)
}

describe('tacit collateral fetch', () => {
  it('writes a bundle that verifies, and that tacit verify accepts but for its root', async () => {
    const out = join(folder, 'bundle.json')
    expect(await run({ out })).toContain(`${out}: verified`)
    const bundle = unwrap(parseBundle(readFileSync(out)))
    const { collateral, verifyAt = 0 } = bundle
    const input = { quote, collateral, roots: [platform.root], now: verifyAt }
    const verdict = decideDcap({ ...input, hashes: native.hashes }, (check) => native.verify(check))
    expect(unwrap(verdict).status).toBe('UpToDate')
    const lines: string[] = []
    const output: Output = { line: (text) => lines.push(text), error: (text) => lines.push(text) }
    await verifyFiles([out], { policy: 'none', at: String(NOW) }, output)
    expect(lines.join('\n')).toContain('REJECTED [root_untrusted]')
  })

  it.skipIf(EVIDENCE === undefined)('writes a bundle that tacit verify accepts', async () => {
    const evidence = EVIDENCE ?? ''
    const real = readFileSync(join(evidence, 'dcap/bundles/tdx-v4-phala.json'))
    const { collateral, verifyAt = 0, quote } = unwrap(parseBundle(real))
    const path = join(evidence, quote.type === 'path' ? quote.path : '')
    const root = file('intel.der', INTEL_SGX_ROOT_CA.certificate)
    const out = join(folder, 'real.json')
    await run({ quote: path, root, out, pcs: await servePccs(collateral) }, verifyAt)
    const lines: string[] = []
    const output: Output = { line: (text) => lines.push(text), error: (text) => lines.push(text) }
    expect(await verifyFiles([out], { policy: 'production', at: String(verifyAt) }, output)).toBe(0)
    expect(lines[0]).toBe('ACCEPTED')
  })

  it('reads quotes in hex and roots in PEM, prints the bundle, and keeps what it fetched', async () => {
    const base64 = Buffer.from(platform.root.certificate).toString('base64')
    const lines = (base64.match(/.{1,64}/g) ?? []).join('\n')
    const root = file(
      'root.pem',
      `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    )
    const hex = file('quote.hex', `${bytesToHex(quote)}\n`)
    const cache = join(folder, 'cache')
    const bundle = unwrap(parseBundle(Buffer.from(await run({ quote: hex, root, cache }))))
    expect(bundle.quote).toEqual({ type: 'bytes', bytes: quote })
    const out = join(folder, 'again.json')
    expect(JSON.parse(await run({ cache, root, out, json: true }))).toEqual({
      file: out,
      from: 'cache',
      tcbEvaluationDataNumber: 1,
      validUntil: '2026-06-27T20:26:40Z',
    })
  })

  it.each([
    [
      'a root that does not fit',
      { root: file('other.der', new Uint8Array(300)) },
      'collateral_refused',
    ],
    [
      'what is no quote',
      { quote: file('none.bin', new Uint8Array(100)) },
      'quote_version_unsupported',
    ],
    ['a service that is not there', { pcs: 'http://127.0.0.1:1' }, 'service_unreachable'],
    ['an address that is not allowed', { pcs: 'http://example.org' }, 'url_refused'],
    ['a file that is not there', { quote: join(folder, 'missing') }, 'usage'],
    ['a folder', { quote: folder }, 'usage'],
    ['a file too large', { quote: file('large.bin', new Uint8Array(1_048_577)) }, 'usage'],
    ['JSON without a file', { json: true }, 'usage'],
  ])('refuses %s', async (_, options, code) => {
    expect(await codeOf(options)).toBe(code)
  })
})
