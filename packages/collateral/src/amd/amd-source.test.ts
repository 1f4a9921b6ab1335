import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { unwrap } from '@tacit/base'
import { parseSnpReport, type SnpFamily } from '@tacit/attestation'
import { native } from '@tacit/crypto/native'
import { createDevAmd, type DevAmd } from '@tacit/platform-dev'
import { findEvidence, readEvidence, readEvidenceList } from '../../../../vectors/evidence.ts'
import type { Cache } from '../cache/cache.ts'
import { createMemoryCache } from '../cache/memory-cache.ts'
import { createObtain } from '../obtain.ts'
import { startLocalServer, type LocalServer } from '../testing/local-server.ts'
import { NOW_MS, testHttp } from '../testing/test-http.ts'
import { createAmdSource, type AmdSource } from './amd-source.ts'
import { requestVcek, vcekPath } from './vcek-request.ts'

const NOW = NOW_MS / 1_000
const HOUR = 3_600
const LAUNCH = { measurement: new Uint8Array(48).fill(1) }
const evidence = findEvidence()
const seed = new Uint8Array(32).fill(7)
const genoa = createDevAmd({ seed, now: NOW, tcb: { snp: 23, microcode: 115 } })

let server: LocalServer
let cache: Cache
let now: number

beforeEach(async () => {
  server = await startLocalServer()
  cache = createMemoryCache()
  now = NOW
})
afterEach(() => server.close())

function source(platform: DevAmd = genoa): AmdSource {
  return createAmdSource({
    http: testHttp({ attempts: 2 }).http,
    obtain: createObtain({ cache, now: () => now, maxAgeSeconds: 6 * HOUR }),
    baseUrl: `${server.url}/`,
    roots: [platform.root],
    verify: (check) => native.verify(check),
    now: () => now,
  })
}

const reportOf = (platform: DevAmd, launch: object = {}): Uint8Array =>
  platform.launchGuest({ ...LAUNCH, ...launch }).report(new Uint8Array(64))

/** Where the platform's VCEK is, as AMD spells it. */
function pathOf(platform: DevAmd, family: SnpFamily = 'Genoa'): string {
  const { fields } = unwrap(parseSnpReport(reportOf(platform)))
  return vcekPath(unwrap(requestVcek(fields, family)))
}

/** AMD's service for the platform. */
function serve(platform: DevAmd, family: SnpFamily = 'Genoa'): void {
  const der = { 'content-type': 'application/octet-stream' }
  for (const signingKey of ['vcek', 'vlek'] as const) {
    const { chain, crl } = platform.collateral({ signingKey, now })
    const headers = { 'content-type': 'application/x-pem-file' }
    server.on(`/${signingKey}/v1/${family}/cert_chain`, { headers, body: chain })
    server.on(`/${signingKey}/v1/${family}/crl`, { headers: der, body: crl })
  }
  server.on(pathOf(platform, family), { headers: der, body: platform.collateral().endorsement })
}

describe('collateral for a report', () => {
  test.each(['Milan', 'Genoa', 'Turin'] as const)(
    'of %s is what AMD has for its chip',
    async (family) => {
      const platform = createDevAmd({ seed, now: NOW, family })
      serve(platform, family)
      const found = unwrap(await source(platform).forReport({ report: reportOf(platform) }))
      expect(found.value.collateral).toEqual(platform.collateral())
      expect(found.value.verdict).toMatchObject({ tee: 'sev-snp', family })
      expect(found.from).toBe('service')
      expect(server.asked.map(({ url }) => url)).toEqual([
        `/vcek/v1/${family}/cert_chain`,
        pathOf(platform, family),
        `/vcek/v1/${family}/crl`,
      ])
    },
  )

  test('asks for the chip and for each level in decimal', () => {
    const chip = Buffer.from(genoa.chip.hwid).toString('hex')
    expect(pathOf(genoa)).toMatch(
      new RegExp(`^/vcek/v1/Genoa/${chip}\\?blSPL=\\d\\d&teeSPL=\\d\\d&snpSPL=23&ucodeSPL=115$`),
    )
  })

  test('of version 2 needs its family from the caller', async () => {
    serve(genoa)
    const report = reportOf(genoa, { reportVersion: 2 })
    expect(await source().forReport({ report })).toEqual({
      ok: false,
      error: { code: 'family_unknown' },
    })
    expect(await source().forReport({ report, family: 'Genoa' })).toMatchObject({ ok: true })
    const newer = reportOf(genoa, { reportVersion: 3 })
    expect(await source().forReport({ report: newer, family: 'Milan' })).toMatchObject({ ok: true })
  })

  test('under a VLEK takes the certificate from the host, the rest from AMD', async () => {
    serve(genoa)
    const report = reportOf(genoa, { signingKey: 'vlek' })
    expect(await source().forReport({ report })).toMatchObject({
      error: { code: 'vlek_not_published' },
    })
    const { endorsement } = genoa.collateral({ signingKey: 'vlek' })
    const found = unwrap(await source().forReport({ report, endorsement }))
    expect(found.value.collateral).toEqual(genoa.collateral({ signingKey: 'vlek' }))
    expect(server.asked.map(({ url }) => url)).toEqual([
      '/vlek/v1/Genoa/cert_chain',
      '/vlek/v1/Genoa/crl',
    ])
  })

  test('of a hidden chip needs the certificate too', async () => {
    const report = reportOf(genoa, { chipIdMasked: true })
    expect(await source().forReport({ report })).toMatchObject({
      error: { code: 'chip_id_masked' },
    })
    expect(server.asked).toEqual([])
  })

  test('of what is no report is refused before anybody is asked', async () => {
    expect(await source().forReport({ report: new Uint8Array(10) })).toMatchObject({
      error: { code: 'report_length_wrong' },
    })
    expect(server.asked).toEqual([])
  })
})

describe.skipIf(evidence === undefined)('real reports', () => {
  const real = (path: string): Uint8Array => {
    const file = readEvidenceList().files.find((listed) => listed.path === path)
    return file ? readEvidence(evidence ?? '', file) : new Uint8Array()
  }

  test('of Turin and Milan name the certificates that were shipped with them', () => {
    const turin = unwrap(parseSnpReport(real('snp/msft__turin_attestation_report.bin'))).fields
    const hwid = Buffer.from(turin.chipId.subarray(0, 8)).toString('hex')
    expect(vcekPath(unwrap(requestVcek(turin, 'Turin')))).toBe(
      `/vcek/v1/Turin/${hwid}?fmcSPL=01&blSPL=01&teeSPL=01&snpSPL=04&ucodeSPL=81`,
    )
    const milan = unwrap(parseSnpReport(real('snp/msft__milan_attestation_report.bin'))).fields
    const path = vcekPath(unwrap(requestVcek(milan, 'Milan')))
    expect(path).toMatch(
      /^\/vcek\/v1\/Milan\/[0-9a-f]{128}\?blSPL=\d\d&teeSPL=\d\d&snpSPL=\d\d&ucodeSPL=\d{2,3}$/,
    )
  })
})

describe('an answer is refused', () => {
  const refusal = async (): Promise<unknown> => {
    const found = await source().forReport({ report: reportOf(genoa) })
    return found.ok ? found : found.error
  }
  const der = { 'content-type': 'application/octet-stream' }

  test('for an unknown chip', async () => {
    serve(genoa)
    server.on(pathOf(genoa), { status: 404 })
    expect(await refusal()).toEqual({ code: 'not_found', url: server.url + pathOf(genoa) })
  })

  test('while AMD wants no more questions', async () => {
    serve(genoa)
    server.on(pathOf(genoa), { status: 429, headers: { 'retry-after': '3600' } })
    expect(await refusal()).toMatchObject({ code: 'rate_limited', retryAfterMs: 3_600_000 })
  })

  test('with the certificate of another chip, or for another patch level', async () => {
    serve(genoa)
    const path = pathOf(genoa)
    const other = createDevAmd({ seed: new Uint8Array(32).fill(8), now: NOW })
    server.on(path, { headers: der, body: other.collateral().endorsement })
    expect(await refusal()).toMatchObject({
      code: 'collateral_refused',
      error: { code: 'vcek_signature_invalid' },
    })
    const older = createDevAmd({ seed, now: NOW, tcb: { snp: 1, microcode: 115 } })
    server.on(path, { headers: der, body: older.collateral().endorsement })
    expect(await refusal()).toMatchObject({
      code: 'collateral_refused',
      error: { code: 'tcb_mismatch' },
    })
  })

  test('with an error page, cut, or too large', async () => {
    serve(genoa)
    const path = pathOf(genoa)
    server.on(path, { headers: { 'content-type': 'text/html' }, body: '<html>' })
    expect(await refusal()).toMatchObject({ code: 'content_type_wrong' })
    server.on(path, { headers: der, body: genoa.collateral().endorsement.subarray(0, -1) })
    expect(await refusal()).toMatchObject({
      code: 'collateral_refused',
      error: { code: 'certificate_malformed' },
    })
    server.on(path, { headers: der, body: new Uint8Array(16_385) })
    expect(await refusal()).toMatchObject({ code: 'body_too_large', maxBytes: 16_384 })
  })

  test("with a revocation list that revokes, has expired, or is another family's", async () => {
    serve(genoa)
    const path = '/vcek/v1/Genoa/crl'
    const crl = (platform: DevAmd, at = NOW): void =>
      server.on(path, { headers: der, body: platform.collateral({ now: at }).crl })
    crl(genoa.attack({ revoked: ['ask'] }))
    expect(await refusal()).toMatchObject({
      code: 'collateral_refused',
      error: { code: 'ask_revoked' },
    })
    crl(genoa, NOW - 60 * 86_400)
    expect(await refusal()).toMatchObject({ error: { code: 'collateral_expired' } })
    crl(createDevAmd({ seed, now: NOW, family: 'Milan' }))
    expect(await refusal()).toMatchObject({ code: 'collateral_refused' })
  })

  test('under another root', async () => {
    const other = createDevAmd({ seed: new Uint8Array(32).fill(9), now: NOW })
    serve(genoa)
    expect(await source(other).forReport({ report: reportOf(genoa) })).toMatchObject({
      error: { code: 'collateral_refused', error: { code: 'root_untrusted' } },
    })
  })
})

describe('what was fetched', () => {
  test('is kept: the list for hours, the certificates for a month', async () => {
    serve(genoa)
    const amd = source()
    const report = reportOf(genoa)
    unwrap(await amd.forReport({ report }))
    now += 6 * HOUR - 1
    expect(unwrap(await amd.forReport({ report })).from).toBe('cache')
    expect(server.asked).toHaveLength(3)
    now += 1
    serve(genoa)
    expect(unwrap(await amd.forReport({ report })).from).toBe('service')
    expect(server.asked.slice(3).map(({ url }) => url)).toEqual(['/vcek/v1/Genoa/crl'])
    now += 31 * 86_400
    serve(genoa)
    unwrap(await amd.forReport({ report }))
    expect(server.asked).toHaveLength(7)
  })

  test('is not replaced by an older list', async () => {
    serve(genoa)
    const amd = source()
    const report = reportOf(genoa)
    unwrap(await amd.forReport({ report }))
    now += 7 * HOUR
    const { crl } = genoa.collateral({ now: NOW - HOUR })
    server.on('/vcek/v1/Genoa/crl', {
      headers: { 'content-type': 'application/pkix-crl' },
      body: crl,
    })
    expect(await amd.forReport({ report })).toMatchObject({ error: { code: 'answer_stale' } })
  })

  test('is not replaced by an older list, be the certificate younger than both', async () => {
    const certificates = { vcek: { notBefore: NOW } }
    const young = genoa.attack({ certificates })
    serve(young)
    const amd = source(young)
    const report = reportOf(young)
    unwrap(await amd.forReport({ report }))
    now += 7 * HOUR
    server.on('/vcek/v1/Genoa/crl', {
      headers: { 'content-type': 'application/pkix-crl' },
      body: young.collateral({ now: NOW - HOUR }).crl,
    })
    expect(await amd.forReport({ report })).toMatchObject({ error: { code: 'answer_stale' } })
  })

  test('for one patch level does not serve another', async () => {
    serve(genoa)
    unwrap(await source().forReport({ report: reportOf(genoa) }))
    const updated = createDevAmd({ seed, now: NOW, tcb: { snp: 24, microcode: 115 } })
    serve(updated)
    const found = unwrap(await source().forReport({ report: reportOf(updated) }))
    expect(found.value.collateral).toEqual(updated.collateral())
  })
})
