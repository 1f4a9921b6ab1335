import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { unwrap } from '@tacit/base'
import {
  decideNvidia,
  decideSnp,
  parseNvidiaBundle,
  parseSnpBundle,
  parseSnpReport,
} from '@tacit/attestation'
import { native } from '@tacit/crypto/native'
import { createDevAmd, createDevGpuPlatform } from '@tacit/platform-dev'
import { TacitError } from '@tacit/sdk'
import type { Output } from '../output.ts'
import { fetchBundle, type FetchOptions } from './collateral.ts'

const NOW = 1_780_000_000
const SEED = new Uint8Array(32).fill(7)
const folder = mkdtempSync(join(tmpdir(), 'fetch-'))
const servers: Server[] = []
const verify = (check: Parameters<typeof native.verify>[0]): boolean => native.verify(check)

afterAll(() => {
  for (const server of servers) server.close()
  rmSync(folder, { recursive: true })
})

/** A service that gives the first body whose name the path contains. */
async function serve(type: string, bodies: Readonly<Record<string, Uint8Array | string>>) {
  const server = createServer((request, response) => {
    const found = Object.entries(bodies).find(([name]) => request.url?.includes(name))
    response.writeHead(found === undefined ? 404 : 200, { 'content-type': type })
    response.end(found?.[1])
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const file = (name: string, content: Uint8Array | string): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

async function run(options: FetchOptions): Promise<string> {
  const lines: string[] = []
  const output: Output = { line: (text) => lines.push(text), error: (text) => lines.push(text) }
  const world = { now: () => NOW * 1_000, sleep: async () => {}, random: () => 0 }
  await fetchBundle(options, output, world)
  return lines.join('\n')
}

async function codeOf(options: FetchOptions): Promise<string> {
  const fault: unknown = await run(options).then(
    () => undefined,
    (one: unknown) => one,
  )
  return fault instanceof TacitError ? fault.code : String(fault)
}

describe('a SEV-SNP report', () => {
  const amd = createDevAmd({ seed: SEED, now: NOW })
  const root = file('ark.der', amd.root.certificate)
  const reportOf = (launch: object): Uint8Array =>
    amd.launchGuest({ measurement: new Uint8Array(48), ...launch }).report(new Uint8Array(64))
  const serveAmd = (signingKey: 'vcek' | 'vlek' = 'vcek'): Promise<string> => {
    const { chain, crl, endorsement } = amd.collateral({ signingKey })
    return serve('application/octet-stream', { cert_chain: chain, crl, blSPL: endorsement })
  }

  it('becomes a bundle that verifies', async () => {
    const quote = file('snp.bin', reportOf({}))
    const out = join(folder, 'snp.json')
    expect(await run({ quote, root, out, kds: await serveAmd() })).toContain(
      'verified\n  from service, family Genoa, signingKey vcek, valid until ',
    )
    const { report, collateral } = unwrap(parseSnpBundle(readFileSync(out)))
    const verdict = decideSnp({ report, collateral, roots: [amd.root], now: NOW }, verify)
    expect(unwrap(verdict).family).toBe('Genoa')
  })

  it('takes its family and its certificate from the command line', async () => {
    const old = file('v2.bin', reportOf({ reportVersion: 2 }))
    const kds = await serveAmd()
    expect(await codeOf({ quote: old, root, kds })).toBe('family_unknown')
    expect(await codeOf({ quote: old, root, kds, family: 'Rome' })).toBe('usage')
    expect(await run({ quote: old, root, kds, family: 'Genoa' })).toContain('"vcek"')
    const report = reportOf({ signingKey: 'vlek' })
    const quote = file('vlek.bin', report)
    const { endorsement: der } = amd.collateral({ signingKey: 'vlek' })
    const options = { quote, root, kds: await serveAmd('vlek') }
    expect(await codeOf(options)).toBe('vlek_not_published')
    const text = await run({ ...options, endorsement: file('vlek.der', der) })
    const bundle = unwrap(parseSnpBundle(Buffer.from(text)))
    expect(unwrap(parseSnpReport(bundle.report)).fields.signingKey).toBe('vlek')
    expect(bundle.collateral.endorsement).toEqual(der)
  })
})

describe("NVIDIA's devices", () => {
  const platform = createDevGpuPlatform({ seed: SEED, now: NOW })
  const nonce = new Uint8Array(32).fill(3)
  const device = platform.launch()
  const evidence = [
    {
      arch: 'HOPPER',
      nonce: Buffer.from(nonce).toString('hex'),
      evidence: Buffer.from(device.report(nonce)).toString('base64'),
      certificate: Buffer.from(device.chain).toString('base64'),
    },
  ]
  const root = [
    file('device.der', platform.root.certificate),
    file('rim.der', platform.rimRoot.certificate),
  ]

  it('become a bundle that verifies', async () => {
    const [driver = new Uint8Array(), vbios = new Uint8Array()] = device.rims()
    const answer = (id: string, rim: Uint8Array): string =>
      JSON.stringify({ id, rim: Buffer.from(rim).toString('base64') })
    const driverName = `NV_GPU_DRIVER_GH100_${device.driverVersion}`
    const { opaque: _, ...named } = unwrap(
      decideNvidia(
        {
          report: device.report(nonce),
          chain: device.chain,
          nonce,
          roots: [platform.root],
          now: NOW,
          hashes: native.hashes,
        },
        verify,
      ),
    )
    const version = device.vbiosVersion.replaceAll('.', '')
    const vbiosName = `NV_GPU_VBIOS_${named.project}_${named.projectSku}_${named.chipSku}_${version}`
    const rim = await serve('application/json', {
      [driverName]: answer(driverName, driver),
      [vbiosName]: answer(vbiosName, vbios),
    })
    const responses = [...device.ocspAll(), ...device.rimOcsp()]
    const responder = createServer((request, response) => {
      request.resume()
      response.writeHead(200, { 'content-type': 'application/ocsp-response' })
      response.end(responses.shift())
    })
    servers.push(responder)
    await new Promise<void>((resolve) => responder.listen(0, '127.0.0.1', resolve))
    const ocsp = `http://127.0.0.1:${(responder.address() as AddressInfo).port}`
    const quote = file('gpus.json', JSON.stringify(evidence))
    const out = join(folder, 'gpus.bundle.json')
    expect(await run({ quote, root, out, rim, ocsp })).toContain('devices 1, valid until ')
    const bundle = unwrap(parseNvidiaBundle(readFileSync(out)))
    const [first] = bundle.devices
    const input = {
      ...bundle,
      report: first?.report ?? new Uint8Array(),
      chain: first?.chain ?? new Uint8Array(),
      roots: [platform.root, platform.rimRoot],
      now: NOW,
      hashes: native.hashes,
    }
    expect(unwrap(decideNvidia(input, verify)).rims.driver.status).toBe('matched')
  })

  it('that do not verify are named by their place', async () => {
    const quote = file('one.json', JSON.stringify(evidence))
    expect(await codeOf({ quote })).toBe('collateral_refused')
    const fault: unknown = await run({ quote }).catch((one: unknown) => one)
    expect(String(fault)).toContain('"device":0')
  })
})
