import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { bytesToHex, equalBytes, unwrap, utf8 } from '@tacit/base'
import { decideNvidia, parseRim, NVIDIA_ROOTS, parseSpdmReport } from '@tacit/attestation'
import { parseCertificate, parsePemCertificates } from '@tacit/crypto/x509'
import { native } from '@tacit/crypto/native'
import { createDevGpuPlatform, type DevDevice } from '@tacit/platform-dev'
import { findEvidence, readEvidence, readEvidenceList } from '../../../../vectors/evidence.ts'
import type { Cache } from '../cache/cache.ts'
import { createMemoryCache } from '../cache/memory-cache.ts'
import { createObtain } from '../obtain.ts'
import { startLocalServer, type LocalServer, type PlainAnswer } from '../testing/local-server.ts'
import { NOW_MS, testHttp } from '../testing/test-http.ts'
import { createNvidiaSource, type NvidiaSource } from './nvidia-source.ts'
import { rimNames } from './rim-names.ts'

const NOW = NOW_MS / 1_000
const HOUR = 3_600
const NONCE = new Uint8Array(32).fill(5)
const platform = createDevGpuPlatform({ seed: new Uint8Array(32).fill(7), now: NOW })
const ROLES = ['device', 'provisioner_ca', 'identity_ca'] as const
const verify = (check: Parameters<typeof native.verify>[0]): boolean => native.verify(check)
const evidence = findEvidence()

let server: LocalServer
let cache: Cache
let now: number

beforeEach(async () => {
  server = await startLocalServer()
  cache = createMemoryCache()
  now = NOW
})
afterEach(() => server.close())

function source(made = platform): NvidiaSource {
  return createNvidiaSource({
    http: testHttp({ attempts: 1 }).http,
    obtain: createObtain({ cache, now: () => now, maxAgeSeconds: HOUR }),
    rimUrl: server.url,
    ocspUrl: `${server.url}/ocsp`,
    serviceKey: 'k',
    roots: [made.root, made.rimRoot],
    verify,
    hashes: native.hashes,
    now: () => now,
  })
}

const evidenceOf = (device: DevDevice) => ({ report: device.report(NONCE), chain: device.chain })

/** The names that a device's report gives its manifests. */
function namesOf(device: DevDevice): readonly string[] {
  const input = { ...evidenceOf(device), nonce: NONCE, now: NOW, hashes: native.hashes }
  return rimNames(unwrap(decideNvidia({ ...input, roots: [platform.root] }, verify)))
}

const rimAnswer = (name: string, rim: Uint8Array, more: object = {}): PlainAnswer => ({
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    id: name,
    rim: Buffer.from(rim).toString('base64'),
    sha256: createHash('sha256').update(rim).digest('hex'),
    last_updated: '2025-03-14T15:09:03.011000',
    rim_format: 'TCG',
    request_id: 'ca80a80a-054c-476e-bdd2-7be7e3047fe5',
    ...more,
  }),
})

const OCSP = { 'content-type': 'application/ocsp-response' }

/** NVIDIA's services for one device. */
function serve(
  device: DevDevice,
  respond = (role: (typeof ROLES)[number]) => device.ocsp(role),
  respondForRim = (role: string | undefined): Uint8Array | undefined =>
    role === undefined ? undefined : device.rimOcsp()[RIM_ROLES.indexOf(role)],
): void {
  const rims = device.rims()
  for (const [at, name] of namesOf(device).entries()) {
    server.on(`/v1/rim/${name}`, rimAnswer(name, rims[at] ?? new Uint8Array()))
  }
  const certificates = unwrap(parsePemCertificates(device.chain, 8)).map((der) =>
    unwrap(parseCertificate(der, ['p384'])),
  )
  const signers = rims.flatMap((rim) => unwrap(parseRim(rim, native.hashes)).chain.certificates)
  server.on('/ocsp', (_, response) => {
    const request = server.asked.at(-1)?.body ?? new Uint8Array()
    const at = certificates.findIndex(({ serial }) => endsWith(request, serial))
    const role = ROLES[at - 1]
    const rimRole = signers.find(({ certificate }) => endsWith(request, certificate.serial))?.role
    const body = role ? respond(role) : respondForRim(rimRole)
    response.writeHead(body === undefined ? 404 : 200, OCSP)
    response.end(body)
  })
}

const RIM_ROLES = ['rim_signer', 'rim_issuing_ca', 'rim_product_ca']

const endsWith = (bytes: Uint8Array, end: Uint8Array): boolean =>
  equalBytes(bytes.subarray(bytes.length - end.length), end)

describe('collateral for a device', () => {
  test.each(['Hopper', 'Blackwell', 'LS10'] as const)(
    '%s is its manifests and responses',
    async (architecture) => {
      const device = platform.launch({ architecture })
      serve(device)
      const { collateral, verdict } = unwrap(await source().forDevice(evidenceOf(device)))
      expect(collateral.rims).toEqual(device.rims())
      const signers = device.rimOcsp()
      expect(collateral.ocsp).toEqual([...ROLES.map((role) => device.ocsp(role)), ...signers])
      expect(verdict.rims.vbios.status).toBe('matched')
      expect(verdict.revocation.unknown).toEqual([])
      const [first] = server.asked
      expect(first).toMatchObject({ method: 'POST', url: '/ocsp' })
      expect(first?.headers['content-type']).toBe('application/ocsp-request')
      for (const { url, headers } of server.asked) {
        expect(headers.authorization).toBe(url === '/ocsp' ? undefined : 'Bearer k')
      }
    },
  )

  test('needs responses about the certificates of its manifests too', async () => {
    const device = platform.launch()
    serve(device, undefined, () => device.ocsp('device'))
    expect(await source().forDevice(evidenceOf(device))).toEqual({
      ok: false,
      error: {
        code: 'ocsp_unanswered',
        certificates: ['rim_product_ca', 'rim_issuing_ca', 'rim_signer'],
      },
    })
    serve(device, undefined, () => device.rimOcsp({ status: 'revoked' })[0])
    expect(await source().forDevice(evidenceOf(device))).toMatchObject({
      error: { code: 'collateral_refused', error: { code: 'certificate_revoked' } },
    })
  })

  test('is kept, each part under its own name', async () => {
    const device = platform.launch()
    serve(device)
    const nvidia = source()
    unwrap(await nvidia.forDevice(evidenceOf(device)))
    const { length } = server.asked
    unwrap(
      await nvidia.forDevice({ ...evidenceOf(device), report: device.report(new Uint8Array(32)) }),
    )
    expect(server.asked).toHaveLength(length)
    const other = platform.launch({ slot: 1 })
    serve(other)
    unwrap(await nvidia.forDevice(evidenceOf(other)))
    expect(server.asked.slice(length).map(({ url }) => url)).toEqual(['/ocsp', '/ocsp', '/ocsp'])
  })

  test('of a device that does not verify is not asked for', async () => {
    const device = platform.launch()
    const report = device.report(NONCE)
    const last = report.length - 1
    report[last] = (report[last] ?? 0) ^ 1
    expect(await source().forDevice({ report, chain: device.chain })).toMatchObject({
      error: { code: 'collateral_refused', error: { code: 'report_signature_invalid' } },
    })
    const cut = { ...evidenceOf(device), report: report.subarray(0, 50) }
    expect((await source().forDevice(cut)).ok).toBe(false)
    expect(server.asked).toEqual([])
  })
})

describe('names of manifests', () => {
  const hopper = {
    architecture: 'Hopper',
    driverVersion: '550.90.07',
    vbiosVersion: '96.00.9F.00.01',
    project: '1010',
    projectSku: '0200',
    chipSku: '882',
    opaque: {},
  } as const
  const blackwell = { ...hopper, architecture: 'Blackwell' } as const

  test.each([
    [hopper, ['NV_GPU_DRIVER_GH100_550.90.07', 'NV_GPU_VBIOS_1010_0200_882_96009F0001']],
    [
      { ...blackwell, opaque: { chipInfo: utf8('GB200\0\0') } },
      ['NV_GPU_CC_DRIVER_GB200_550.90.07', 'NV_GPU_VBIOS_1010_0200_882_96009F0001'],
    ],
    [
      { ...blackwell, vbiosVersion: '97.00.e4.00.1e' },
      ['NV_GPU_CC_DRIVER_GB100_550.90.07', 'NV_GPU_VBIOS_1010_0200_882_9700E4001E'],
    ],
    [
      { ...hopper, architecture: 'LS10', driverVersion: undefined, vbiosVersion: '96.10.55.00.01' },
      ['NV_SWITCH_BIOS_5612_0002_890_9610550001'],
    ],
    [{ ...hopper, project: undefined }, ['NV_GPU_DRIVER_GH100_550.90.07']],
    [{ ...hopper, vbiosVersion: undefined, driverVersion: undefined }, []],
  ] as const)('are as the service spells them', (device, names) => {
    expect(rimNames(device)).toEqual(names)
  })

  test.skipIf(evidence === undefined)(
    'of a real switch is that of the manifest recorded with it',
    () => {
      const read = (path: string): Uint8Array => {
        const file = readEvidenceList().files.find((listed) => listed.path === path)
        return file ? readEvidence(evidence ?? '', file) : new Uint8Array()
      }
      const text = new TextDecoder()
        .decode(read('nvidia/nvsdk__switchAttestationReport.txt'))
        .trim()
      const report = Uint8Array.from(Buffer.from(text.replace(/^0x/, ''), 'hex'))
      const { nonce } = unwrap(parseSpdmReport(report))
      const chain = read('nvidia/nvsdk__switchCertChain.txt')
      const input = { report, chain, nonce, now: NOW, hashes: native.hashes, roots: NVIDIA_ROOTS }
      expect(rimNames(unwrap(decideNvidia(input, verify)))).toEqual([
        'NV_SWITCH_BIOS_5612_0002_890_9610550001',
      ])
    },
  )
})

describe('a manifest', () => {
  const device = platform.launch()
  const [name = ''] = namesOf(device)
  const [rim = new Uint8Array()] = device.rims()
  const json = { 'content-type': 'application/json' }
  const refusal = async (answer: PlainAnswer, asked = name): Promise<unknown> => {
    server.on(`/v1/rim/${asked}`, answer)
    const found = await source().rim(asked)
    return found.ok ? found : found.error
  }

  test('comes by its name', async () => {
    server.on(`/v1/rim/${name}`, rimAnswer(name, rim))
    const found = unwrap(await source().rim(name))
    expect(found.value.bytes).toEqual(rim)
    expect(found.value.verdict.kind).toBe('driver')
    const plain = rimAnswer(name, rim, { sha256: undefined, rim_format: undefined })
    server.on(`/v1/rim/${name}`, plain)
    cache = createMemoryCache()
    expect(await source().rim(name)).toMatchObject({ ok: true })
  })

  test.each(['', '../v1/rim/ids', 'a b', 'x'.repeat(129), 'name?x=1'])(
    'by the name %j is not asked for',
    async (bad) => {
      expect(await source().rim(bad)).toMatchObject({ error: { code: 'rim_name_invalid' } })
      expect(server.asked).toEqual([])
    },
  )

  test('is refused where the answer is another or damaged', async () => {
    expect(await refusal({ status: 404 })).toMatchObject({ code: 'not_found' })
    expect(await refusal({ headers: json, body: '<html>' })).toMatchObject({
      code: 'rim_answer_malformed',
      reason: 'not_json',
    })
    expect(await refusal(rimAnswer('OTHER', rim))).toMatchObject({
      code: 'rim_answer_malformed',
      path: 'id',
    })
    expect(await refusal(rimAnswer(name, rim, { rim: '!' }))).toMatchObject({
      code: 'rim_answer_malformed',
      path: 'rim',
    })
    expect(await refusal(rimAnswer(name, rim, { sha256: '00'.repeat(32) }))).toEqual({
      code: 'rim_digest_wrong',
    })
    expect(await refusal(rimAnswer(name, rim, { rim_format: 'CORIM' }))).toEqual({
      code: 'rim_format_unsupported',
      format: 'CORIM',
    })
    const changed = rim.slice()
    changed[1_000] = (changed[1_000] ?? 0) ^ 1
    expect(await refusal(rimAnswer(name, changed))).toMatchObject({ code: 'rim_refused', name })
    expect(await refusal(rimAnswer(name, utf8('<a/>')))).toMatchObject({ code: 'rim_refused' })
    expect(await refusal({ headers: json, body: ' '.repeat(262_145) })).toMatchObject({
      code: 'body_too_large',
    })
  })

  test('of another chip under the right name leaves the measurements unknown', async () => {
    const switched = platform.launch({ architecture: 'LS10' })
    serve(device)
    const [other = new Uint8Array()] = switched.rims()
    server.on(`/v1/rim/${name}`, rimAnswer(name, other))
    const { verdict } = unwrap(await source().forDevice(evidenceOf(device)))
    expect(verdict.rims.driver.status).toBe('absent')
  })
})

describe('responses about certificates', () => {
  const device = platform.launch()
  const refusal = async (): Promise<unknown> => {
    const found = await source().forDevice(evidenceOf(device))
    return found.ok ? found : found.error
  }

  test('that are none are refused', async () => {
    serve(device)
    server.on('/ocsp', { headers: OCSP, body: Uint8Array.of(0x30, 3, 0x0a, 1, 6) })
    expect(await refusal()).toEqual({ code: 'ocsp_unreadable', reason: 'value_invalid' })
    server.on('/ocsp', { headers: { 'content-type': 'text/html' }, body: '<html>' })
    expect(await refusal()).toMatchObject({ code: 'content_type_wrong' })
    server.on('/ocsp', { headers: OCSP, body: device.ocsp('device').subarray(0, -1) })
    expect(await refusal()).toEqual({ code: 'ocsp_unreadable', reason: 'truncated' })
  })

  test('about others are no answer', async () => {
    serve(device, () => device.ocsp('device'))
    expect(await refusal()).toEqual({
      code: 'ocsp_unanswered',
      certificates: ['identity_ca', 'provisioner_ca'],
    })
  })

  test('that revoke, or have ended, are refused; a hold is for a policy', async () => {
    serve(device, (role) => device.ocsp(role, role === 'device' ? { status: 'revoked' } : {}))
    expect(await refusal()).toMatchObject({
      code: 'collateral_refused',
      error: { code: 'certificate_revoked' },
    })
    serve(device, (role) => device.ocsp(role, { from: NOW - 3 * HOUR, until: NOW - HOUR }))
    expect(await refusal()).toMatchObject({ error: { code: 'collateral_expired' } })
    serve(device, (role) =>
      device.ocsp(role, role === 'device' ? { status: 'revoked', reason: 6 } : {}),
    )
    const { verdict } = unwrap(await source().forDevice(evidenceOf(device)))
    expect(verdict.revocation.onHold).toEqual(['device'])
  })

  test('older than the last are refused', async () => {
    serve(device)
    const nvidia = source()
    unwrap(await nvidia.forDevice(evidenceOf(device)))
    now += 2 * HOUR
    serve(device, (role) => device.ocsp(role, { from: NOW - HOUR, until: NOW + 3 * HOUR }))
    expect(await nvidia.forDevice(evidenceOf(device))).toMatchObject({
      error: { code: 'answer_stale' },
    })
  })

  test('are named by the hashes that the responder knows', async () => {
    serve(device)
    unwrap(await source().forDevice(evidenceOf(device)))
    const hashes = server.asked.slice(0, 3).map(({ body }) => bytesToHex(body))
    for (const request of hashes) expect(request).toContain('608648016503040201')
  })
})
