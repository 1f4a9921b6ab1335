import { concatBytes, parseHex, unwrap, utf8 } from '@tacit/base'
import { native } from '@tacit/crypto/native'
import type { HclOptions } from '@tacit/platform-dev'
import { describe, expect, test } from 'vitest'
import { AMD_ROOTS } from '../sev-snp/roots.ts'
import {
  evidenceFolder,
  flipped,
  honest,
  NOW,
  readListedFile,
  tdx,
  verify,
} from '../testing/kit.ts'
import { amdOf, MEASUREMENT } from '../testing/snp-kit.ts'
import { parseAzureEvidence, type AzureEvidence } from './evidence.ts'
import { parseHclReport } from './hcl-report.ts'
import { decideAzureSnp, decideAzureTdx, type AzureSnpInput } from './verify.ts'

const { hashes } = native
const RUNTIME_AT = 1236
const KEY = new Uint8Array(256).fill(0xab)

function blob(options: Partial<HclOptions> = {}): Uint8Array {
  const guest = amdOf().launchGuest({ measurement: MEASUREMENT })
  return guest.hclReport({ attestationKey: KEY, ...options })
}

function errorOf(bytes: Uint8Array): unknown {
  const parsed = parseHclReport(bytes)
  return parsed.ok ? undefined : parsed.error
}

function inputOf(bytes: Uint8Array): AzureSnpInput {
  const { endorsement, chain, crl } = amdOf().collateral()
  const hcl = unwrap(parseHclReport(bytes))
  const evidence = { tee: 'sev-snp', hcl, endorsement } as const
  return { evidence, chain, crl, roots: [amdOf().root], now: NOW, hashes }
}

function code(input: AzureSnpInput): string {
  const result = decideAzureSnp(input, verify)
  return result.ok ? 'ok' : result.error.code
}

describe('parseHclReport', () => {
  test.each([1, 2])('version %d is read', (version) => {
    const { tee, report, runtime } = unwrap(parseHclReport(blob({ version })))
    expect(tee).toBe('sev-snp')
    expect(report).toHaveLength(1184)
    expect(runtime).toEqual({
      attestationKey: KEY,
      vmUniqueId: '00000000-0000-4000-8000-000000000000',
      secureBoot: true,
      tpmEnabled: true,
      tpmPersisted: undefined,
      consoleEnabled: true,
      userData: new Uint8Array(64),
    })
  })

  test('cut short anywhere before its end it is truncated', () => {
    const whole = blob()
    const end = RUNTIME_AT + (whole[1232] ?? 0) + 256 * (whole[1233] ?? 0)
    for (let length = 0; length < end; length++) {
      const needed = length < RUNTIME_AT ? RUNTIME_AT : end
      expect(errorOf(whole.subarray(0, length))).toEqual({ code: 'hcl_truncated', needed, length })
    }
    expect(errorOf(whole.subarray(0, end))).toBeUndefined()
  })

  test('what follows it is ignored, however long', () => {
    const longer = new Uint8Array(64 * 1024 * 1024).fill(1)
    longer.set(blob())
    expect(errorOf(longer)).toBeUndefined()
  })

  test.each([
    ['signature', 0, 'hcl_header_unsupported'],
    ['version', 4, 'hcl_header_unsupported'],
    ['size', 8, 'hcl_length_mismatch'],
    ['request type', 12, 'hcl_header_unsupported'],
    ['runtime size', 1216, 'hcl_length_mismatch'],
    ['report type', 1224, 'hcl_report_type_unsupported'],
    ['hash type', 1228, 'hcl_hash_unsupported'],
    ['data size', 1232, 'hcl_length_mismatch'],
  ])('another %s is refused', (_, at, expected) => {
    expect(errorOf(flipped(blob(), at, 0x10))).toMatchObject({ code: expected })
  })

  test('runtime data above 16 KiB is refused before it is read', () => {
    const edit = (runtime: Record<string, unknown>) => void (runtime['more'] = 'x'.repeat(17_000))
    expect(errorOf(blob({ edit }))).toEqual({ code: 'hcl_length_mismatch' })
  })

  type Runtime = Record<string, unknown>
  const keysOf = (runtime: Runtime) => runtime['keys'] as Runtime[]
  test.each([
    ['no keys', (runtime: Runtime) => delete runtime['keys'], 'missing', 'keys'],
    ['another key only', (runtime: Runtime) => keysOf(runtime).shift(), 'value_invalid', 'keys'],
    [
      'the key twice',
      (runtime: Runtime) => keysOf(runtime).push({ ...keysOf(runtime)[0] }),
      'value_invalid',
      'keys',
    ],
    [
      'another exponent',
      (runtime: Runtime) => Object.assign(keysOf(runtime)[0] ?? {}, { e: 'Aw' }),
      'value_invalid',
      'keys[0].e',
    ],
    [
      'another kind of key',
      (runtime: Runtime) => Object.assign(keysOf(runtime)[0] ?? {}, { kty: 'EC' }),
      'value_invalid',
      'keys[0].kty',
    ],
    [
      'a shorter key',
      (runtime: Runtime) => Object.assign(keysOf(runtime)[0] ?? {}, { n: 'AQAB' }),
      'value_invalid',
      'keys[0].n',
    ],
    [
      'a flag that is text',
      (runtime: Runtime) => (runtime['vm-configuration'] = { 'secure-boot': 'true' }),
      'value_invalid',
      'vm-configuration.secure-boot',
    ],
    [
      'user data of another length',
      (runtime: Runtime) => (runtime['user-data'] = '00'),
      'value_invalid',
      'user-data',
    ],
  ])('%s', (_, edit, reason, path) => {
    const wrong = blob({ edit: (runtime) => void edit(runtime) })
    expect(errorOf(wrong)).toEqual({ code: 'runtime_data_malformed', reason, path })
  })

  test('a configuration that is left out is not known of', () => {
    const edit = (runtime: Record<string, unknown>): void => {
      delete runtime['vm-configuration']
      delete runtime['user-data']
    }
    const { runtime } = unwrap(parseHclReport(blob({ edit })))
    expect(runtime).toMatchObject({ secureBoot: undefined, userData: undefined })
  })
})

describe('decideAzureSnp', () => {
  test('the report vouches for the runtime data', () => {
    const result = unwrap(decideAzureSnp(inputOf(blob()), verify))
    expect(result.platform.family).toBe('Genoa')
    expect(result.runtime.attestationKey).toEqual(KEY)
  })

  test('other runtime data is not vouched for', () => {
    const bytes = blob()
    const id = new TextDecoder().decode(bytes).indexOf('4000-8000')
    expect(code(inputOf(bytes.with(id, 0x35)))).toBe('runtime_data_mismatch')
  })

  test("the report's own faults come first", () => {
    expect(code(inputOf(flipped(blob(), 32 + 0x90)))).toBe('report_signature_invalid')
    expect(code({ ...inputOf(blob()), roots: AMD_ROOTS })).toBe('root_untrusted')
  })

  test('report data with more behind the hash is none', () => {
    const platform = amdOf().attack({ editReport: (report) => void (report[0x70] = 1) })
    const bytes = platform.launchGuest({ measurement: MEASUREMENT }).hclReport()
    expect(code(inputOf(bytes))).toBe('runtime_data_mismatch')
  })
})

describe('decideAzureTdx', () => {
  const hcl = unwrap(parseHclReport(blob().with(1224, 4)))
  const launch = { image: new Uint8Array(48), role: 'azure' }

  function outcome(reportData: Uint8Array): unknown {
    const quote = honest.launchTd(launch).quote(reportData)
    const evidence = { tee: 'tdx', hcl, quote } as const
    const { collateral, roots } = tdx()
    const result = decideAzureTdx({ evidence, collateral, roots, now: NOW, hashes }, verify)
    return result.ok ? [result.value.platform.tee, result.value.runtime] : result.error.code
  }

  test('the quote vouches for the runtime data', () => {
    const reportData = concatBytes(hashes.sha256(hcl.runtimeData), new Uint8Array(32))
    expect(outcome(reportData)).toEqual(['tdx', hcl.runtime])
    expect(outcome(flipped(reportData, 0))).toBe('runtime_data_mismatch')
    expect(outcome(flipped(reportData, 63))).toBe('runtime_data_mismatch')
  })
})

describe('parseAzureEvidence', () => {
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
  const base64Url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')
  const { endorsement } = amdOf().collateral()
  const pem = `-----BEGIN CERTIFICATE-----\n${base64(endorsement)}\n-----END CERTIFICATE-----\n`
  const parse = (value: unknown) => parseAzureEvidence(utf8(JSON.stringify(value)))

  test('both forms, in either alphabet', () => {
    const hcl = blob()
    const forms = [
      { report: [...hcl], vcek: pem },
      { hcl_report: base64Url(hcl), vcek: base64Url(endorsement) },
      { hcl_report: base64(hcl), vcek: base64(endorsement) },
      { version: 1, hcl_report: `${base64Url(hcl)}=`, vcek: pem, tpm_quote: {} },
    ]
    for (const form of forms) {
      const evidence = unwrap(parse(form))
      expect(evidence).toMatchObject({ tee: 'sev-snp', endorsement })
      expect(evidence.hcl.report).toEqual(hcl.subarray(32, 1216))
    }
  })

  test.each([
    ['nothing', {}, 'missing', 'hcl_report'],
    ['no certificate', { hcl_report: base64Url(blob()) }, 'missing', 'vcek'],
    ['a number too large', { report: [256] }, 'value_invalid', 'report[0]'],
    ['too many numbers', { report: Array.from({ length: 32_769 }, () => 0) }, 'too_many', 'report'],
    ['no base64', { hcl_report: '!' }, 'value_invalid', 'hcl_report'],
    ['much padding', { hcl_report: 'AA===' }, 'value_invalid', 'hcl_report'],
    ['no PEM', { hcl_report: 'AAAA', vcek: '-----BEGIN' }, 'value_invalid', 'vcek'],
  ])('%s', (_, value, reason, path) => {
    const error = { code: 'azure_evidence_malformed', reason, path }
    expect(parse(value)).toEqual({ ok: false, error })
  })

  test("a TD's report needs its quote", () => {
    const td = blob().with(1224, 4)
    expect(parse({ hcl_report: base64Url(td), vcek: pem })).toMatchObject({
      error: { code: 'azure_evidence_malformed', reason: 'missing', path: 'td_quote' },
    })
    expect(parse({ hcl_report: base64Url(td), td_quote: 'AAAA' })).toMatchObject({
      value: { tee: 'tdx', quote: new Uint8Array(3) },
    })
  })

  test('what is inside keeps its own codes', () => {
    expect(parse({ hcl_report: 'AAAA', vcek: pem })).toMatchObject({
      error: { code: 'hcl_truncated' },
    })
  })
})

describe.runIf(evidenceFolder !== undefined)('real evidence', () => {
  const folder = evidenceFolder ?? ''
  const read = (name: string): AzureEvidence =>
    unwrap(parseAzureEvidence(readListedFile(folder, `snp/trustee__az-${name}.json`)))

  test.each([
    ['snp-vtpm__evidence-genoa', '390CBCF5-6C67-4D9B-98EF-C3F1699CC8FC', true],
    ['snp-vtpm__evidence-v1', '26F8BC30-774E-4290-8E7A-535F3B672AEE', undefined],
    ['snp-vtpm__evidence-v2', '7DF7B373-B947-4AAA-96E5-C358F2A03D20', undefined],
  ])('%s: the report vouches for the runtime data', (name, vmUniqueId, tpmPersisted) => {
    const evidence = read(name)
    if (evidence.tee !== 'sev-snp') throw new Error('SEV-SNP is expected')
    const now = Date.UTC(2025, 11, 1) / 1000
    const input = { evidence, chain: undefined, crl: undefined, roots: AMD_ROOTS, now, hashes }
    const { runtime } = unwrap(decideAzureSnp(input, verify))
    expect(runtime).toMatchObject({ vmUniqueId, tpmPersisted, secureBoot: true })
    expect(runtime.attestationKey).toHaveLength(256)
    const isOther = flipped(evidence.hcl.runtimeData, 1000)
    const hcl = { ...evidence.hcl, runtimeData: isOther }
    expect(code({ ...input, evidence: { ...evidence, hcl } })).toBe('runtime_data_mismatch')
  })

  test("what a guest asked for is in the second sample's user data", () => {
    const { hcl } = read('snp-vtpm__evidence-v2')
    const expected = '982f5c6e45df0ed3f10b6f60b02f0c8390e281300f3805e2279c16168cd6ae9a'
    expect(hcl.runtime.userData?.subarray(0, 32)).toEqual(unwrap(parseHex(expected)))
  })

  test("a TD's quote has the hash of the runtime data", () => {
    const evidence = read('tdx-vtpm__evidence-v1')
    if (evidence.tee !== 'tdx') throw new Error('TDX is expected')
    const reportData = evidence.quote.subarray(48 + 520, 48 + 552)
    expect(reportData).toEqual(hashes.sha256(evidence.hcl.runtimeData))
  })
})
