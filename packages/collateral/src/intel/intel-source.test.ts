import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { bytesToHex, err, parseHex, unwrap, utf8 } from '@tacit/base'
import {
  INTEL_SGX_ROOT_CA,
  parseBundle,
  readQuoteScope,
  type CollateralScope,
  type TrustedRoot,
} from '@tacit/attestation'
import { native } from '@tacit/crypto/native'
import { createDevPlatform } from '@tacit/platform-dev'
import { findEvidence, readEvidence, readEvidenceList } from '../../../../vectors/evidence.ts'
import type { Cache } from '../cache/cache.ts'
import { createMemoryCache } from '../cache/memory-cache.ts'
import { createObtain } from '../obtain.ts'
import { answersOf, serveIntel, type FakeIntel, type Platforms } from '../testing/fake-intel.ts'
import { startLocalServer, type LocalServer, type PlainAnswer } from '../testing/local-server.ts'
import { NOW_MS, testHttp } from '../testing/test-http.ts'
import { createIntelSource, type IntelSource } from './intel-source.ts'

const NOW = NOW_MS / 1_000
const DAY = 86_400
const evidence = findEvidence()
const options = { seed: new Uint8Array(32).fill(7), now: NOW }
const platform = createDevPlatform(options)
const quote = platform.launchTd({ image: new Uint8Array(48), role: 'x' }).quote(new Uint8Array(64))
const scope = unwrap(readQuoteScope(quote))
const platforms: Platforms = {
  tee: 'tdx',
  fmspc: bytesToHex(scope.fmspc).toUpperCase(),
  ca: scope.ca,
}

let server: LocalServer
let cache: Cache
let now: number

beforeEach(async () => {
  server = await startLocalServer()
  cache = createMemoryCache()
  now = NOW
})
afterEach(() => server.close())

function source(
  more: { roots?: TrustedRoot[]; subscriptionKey?: string; update?: 'early' } = {},
): IntelSource {
  return createIntelSource({
    http: testHttp({ attempts: 1 }).http,
    obtain: createObtain({ cache, now: () => now, maxAgeSeconds: 3_600 }),
    baseUrl: `${server.url}/`,
    roots: [platform.root],
    verify: (check) => native.verify(check),
    now: () => now,
    ...more,
  })
}

const serve = (dialect: 'pcs' | 'pccs' = 'pccs', made = platform): FakeIntel =>
  serveIntel(server, made.collateral({ now }), platforms, dialect)

describe('collateral for a quote', () => {
  test.each(['pcs', 'pccs'] as const)(
    'comes from a service that speaks as %s does',
    async (dialect) => {
      serve(dialect)
      const found = unwrap(await source().forQuote(quote))
      expect(found.value.collateral).toEqual(platform.collateral())
      expect(found.value.verdict.scope).toEqual(scope)
      expect([found.from, found.fetchedAt]).toEqual(['service', NOW])
      expect(server.asked.map(({ url }) => url).toSorted()).toEqual([
        '/sgx/certification/v4/pckcrl?ca=platform&encoding=der',
        '/sgx/certification/v4/rootcacrl',
        `/tdx/certification/v4/qe/identity`,
        `/tdx/certification/v4/tcb?fmspc=${platforms.fmspc}`,
      ])
    },
  )

  test('asks for SGX documents for an SGX scope, with update and key where given', async () => {
    const collateral = platform.collateral({ tee: 'sgx' })
    const answers = answersOf(collateral, 'pccs')
    server.on(`/sgx/certification/v4/tcb?fmspc=${platforms.fmspc}&update=early`, answers.tcbInfo)
    server.on('/sgx/certification/v4/qe/identity?update=early', answers.qeIdentity)
    server.on('/sgx/certification/v4/pckcrl?ca=platform&encoding=der', answers.pckCrl)
    server.on('/sgx/certification/v4/rootcacrl', answers.rootCrl)
    const intel = source({ update: 'early', subscriptionKey: 'k' })
    expect(await intel.forScope({ ...scope, tee: 'sgx' })).toMatchObject({ ok: true })
    const keys = server.asked.map(({ headers }) => headers['ocp-apim-subscription-key'])
    expect(keys).toEqual(['k', 'k', 'k', 'k'])
  })

  test('of a quote that names no platform is refused before anybody is asked', async () => {
    expect(await source().forQuote(new Uint8Array(10))).toMatchObject({
      error: { code: 'quote_truncated' },
    })
    expect(server.asked).toEqual([])
  })
})

describe.skipIf(evidence === undefined)('real collateral', () => {
  const listed = readEvidenceList().bundles.filter(({ path }) =>
    /tdx-v4-(phala|near)|sgx-v3-phala\.|tdx-v5-gotdx/.test(path),
  )
  test.each(listed.map((one) => [one.path, one] as const))(
    '%s verifies as it came',
    async (_, one) => {
      const folder = evidence ?? ''
      const { collateral, quote, verifyAt = 0 } = unwrap(parseBundle(readEvidence(folder, one)))
      const path = quote.type === 'path' ? quote.path : ''
      const file = readEvidenceList().files.find((listed) => listed.path === path)
      const bytes =
        quote.type === 'bytes' ? quote.bytes : file ? readEvidence(folder, file) : new Uint8Array()
      now = verifyAt
      const real = unwrap(readQuoteScope(bytes))
      const fmspc = bytesToHex(real.fmspc).toUpperCase()
      serveIntel(server, collateral, { tee: real.tee, fmspc, ca: real.ca }, 'pcs')
      const found = unwrap(await source({ roots: [INTEL_SGX_ROOT_CA] }).forQuote(bytes))
      expect(found.value.collateral).toEqual(collateral)
    },
  )
})

describe('an answer is refused', () => {
  const refusal = async (): Promise<unknown> => {
    const found = await source().forQuote(quote)
    expect(
      await cache.get(
        ['intel', server.url, 'standard', 'tdx', bytesToHex(scope.fmspc), 'platform'].join(' '),
      ),
    ).toBeUndefined()
    return found.ok ? found : found.error
  }
  const html = { headers: { 'content-type': 'text/html' }, body: '<html>Service busy</html>' }
  const swapped = (answer: PlainAnswer, changes: PlainAnswer): PlainAnswer => ({
    ...answer,
    ...changes,
  })

  test('for an unknown platform', async () => {
    const { paths } = serve()
    server.on(paths.tcbInfo, { status: 404 })
    expect(await refusal()).toEqual({ code: 'not_found', url: server.url + paths.tcbInfo })
  })

  test.each(['tcbInfo', 'qeIdentity'] as const)('as an error page for %s', async (name) => {
    const { paths } = serve()
    server.on(paths[name], html)
    expect(await refusal()).toMatchObject({ code: 'content_type_wrong', contentType: 'text/html' })
  })

  test.each([
    ['pckCrl', 'pck_crl'],
    ['rootCrl', 'root_crl'],
  ] as const)('as an error page for %s', async (name, crl) => {
    const { paths, answers } = serve()
    server.on(paths[name], swapped(answers[name], html))
    expect(await refusal()).toEqual({ code: 'crl_unreadable', crl })
  })

  test.each([
    ['tcbInfo', 'TCB-Info-Issuer-Chain'],
    ['qeIdentity', 'SGX-Enclave-Identity-Issuer-Chain'],
    ['pckCrl', 'SGX-PCK-CRL-Issuer-Chain'],
  ] as const)('without, or with a strange, issuer chain: %s', async (name, header) => {
    const { paths, answers } = serve()
    const type = { 'content-type': 'application/json' }
    server.on(
      paths[name],
      swapped(answers[name], {
        headers: name === 'pckCrl' ? { 'content-type': 'text/plain' } : type,
      }),
    )
    expect(await refusal()).toEqual({ code: 'header_missing', header })
    for (const value of ['%ZZ', 'nonsense', encodeURIComponent('x'.repeat(20_000))]) {
      const headers = {
        'content-type': name === 'pckCrl' ? 'text/plain' : 'application/json',
        [header]: value,
      }
      server.on(paths[name], swapped(answers[name], { headers }))
      // Node's client itself refuses heads beyond 16 KiB.
      expect(await refusal()).toMatchObject({
        code: value.length > 16_384 ? 'service_unreachable' : 'header_malformed',
      })
    }
  })

  test('for another platform than the one asked for', async () => {
    const other = createDevPlatform(options).attack({
      machine: { fmspc: unwrap(parseHex('00906ed50000')) },
    })
    serve('pccs', other)
    expect(await refusal()).toEqual({ code: 'scope_mismatch', field: 'fmspc' })
  })

  test('for another TEE, or another CA, than the one asked for', async () => {
    const { paths } = serve()
    const sgx = answersOf(platform.collateral({ tee: 'sgx' }), 'pccs')
    server.on(paths.tcbInfo, sgx.tcbInfo)
    expect(await refusal()).toMatchObject({ error: { code: 'qe_identity_tee_mismatch' } })
    server.on(paths.qeIdentity, sgx.qeIdentity)
    expect(await refusal()).toEqual({ code: 'scope_mismatch', field: 'tee' })
    const { answers } = serve()
    server.on('/sgx/certification/v4/pckcrl?ca=processor&encoding=der', answers.pckCrl)
    const wanted: CollateralScope = { ...scope, ca: 'processor' }
    expect(await source().forScope(wanted)).toEqual(err({ code: 'scope_mismatch', field: 'ca' }))
  })

  test('with swapped revocation lists', async () => {
    const { paths, answers } = serve()
    server.on(paths.rootCrl, answers.pckCrl)
    expect(await refusal()).toMatchObject({
      code: 'collateral_refused',
      error: { code: 'root_crl_signature_invalid' },
    })
  })

  test('when it was written anew: the same JSON in other bytes', async () => {
    const { paths, answers } = serve()
    const { body } = answers.tcbInfo as { body: Uint8Array }
    const text = JSON.stringify(JSON.parse(Buffer.from(body).toString()), undefined, 1)
    server.on(paths.tcbInfo, swapped(answers.tcbInfo, { body: utf8(text) }))
    expect(await refusal()).toMatchObject({
      code: 'collateral_refused',
      error: { code: 'tcb_info_signature_invalid' },
    })
  })

  test('under another root', async () => {
    serve('pccs', createDevPlatform({ ...options, seed: new Uint8Array(32).fill(8) }))
    expect(await refusal()).toMatchObject({
      code: 'collateral_refused',
      error: { code: 'root_untrusted' },
    })
  })

  test('that has expired', async () => {
    serveIntel(server, platform.collateral({ now: NOW - 40 * DAY }), platforms)
    expect(await refusal()).toMatchObject({
      code: 'collateral_refused',
      error: { code: 'collateral_expired' },
    })
  })

  test('that is too large', async () => {
    const { paths, answers } = serve()
    server.on(paths.tcbInfo, swapped(answers.tcbInfo, { body: ' '.repeat(262_145) }))
    expect(await refusal()).toMatchObject({ code: 'body_too_large', maxBytes: 262_144 })
  })
})

describe('what was fetched', () => {
  test('is kept for its time, then asked for again', async () => {
    serve()
    const intel = source()
    unwrap(await intel.forQuote(quote))
    now += 3_599
    expect(unwrap(await intel.forQuote(quote)).from).toBe('cache')
    expect(server.asked).toHaveLength(4)
    now += 1
    serve()
    expect(unwrap(await intel.forQuote(quote))).toMatchObject({ from: 'service', fetchedAt: now })
    expect(server.asked).toHaveLength(8)
  })

  test('is asked for once by many at the same time', async () => {
    serve()
    const intel = source()
    const found = await Promise.all(Array.from({ length: 5 }, () => intel.forQuote(quote)))
    expect(found.map((one) => unwrap(one).from)).toEqual(['service', ...Array(4).fill('cache')])
    expect(server.asked).toHaveLength(4)
  })

  test('serves beyond its age while the service is away, but never beyond its validity', async () => {
    const { paths } = serve()
    const intel = source()
    unwrap(await intel.forQuote(quote))
    server.on(paths.tcbInfo, { status: 503 })
    now += 29 * DAY
    expect(unwrap(await intel.forQuote(quote)).from).toBe('cache')
    now += 2 * DAY
    expect(await intel.forQuote(quote)).toMatchObject({ error: { code: 'service_failed' } })
  })

  test('is not replaced, nor given out, when the service answers with something older', async () => {
    serve()
    const intel = source()
    unwrap(await intel.forQuote(quote))
    now += 2 * 3_600
    serveIntel(server, platform.collateral({ now: NOW - DAY }), platforms)
    expect(await intel.forQuote(quote)).toMatchObject({ error: { code: 'answer_stale' } })
    const recovered = createDevPlatform({ ...options, tcbEvaluationDataNumber: 2 })
    serveIntel(server, recovered.collateral({ now }), platforms)
    expect(unwrap(await intel.forQuote(quote)).value.verdict.tcbEvaluationDataNumber).toBe(2)
    now += 2 * 3_600
    serveIntel(server, platform.collateral({ now }), platforms)
    expect(await intel.forQuote(quote)).toMatchObject({ error: { code: 'answer_stale' } })
  })

  test('is verified again when it comes out of the cache', async () => {
    serve()
    const intel = source()
    unwrap(await intel.forQuote(quote))
    const damaged: Cache = {
      get: async (key) => {
        const entry = await cache.get(key)
        if (entry) entry.bytes[entry.bytes.length - 1] = 0
        return entry
      },
      set: (key, entry) => cache.set(key, entry),
    }
    const obtain = createObtain({ cache: damaged, now: () => now, maxAgeSeconds: 3_600 })
    const again = createIntelSource({
      http: testHttp().http,
      obtain,
      baseUrl: server.url,
      roots: [platform.root],
      verify: (check) => native.verify(check),
      now: () => now,
    })
    expect(unwrap(await again.forQuote(quote)).from).toBe('service')
  })
})
