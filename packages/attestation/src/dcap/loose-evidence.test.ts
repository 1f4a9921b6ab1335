import { bytesToHex, err, ok } from '@tacit/base'
import { native } from '@tacit/crypto/native'
import { parseCertificate } from '@tacit/crypto/x509'
import { describe, expect, test } from 'vitest'
import {
  dcapSample,
  dersOf,
  loadDcapSamples,
  readDcap,
  readSigned,
} from '../testing/dcap-samples.ts'
import { decide, evidenceFolder, loadBundles, outcome } from '../testing/kit.ts'
import type { DcapCollateral } from './collateral.ts'
import { parsePckPlatform } from './pck-extension.ts'
import { judgeSgx, judgeTdx } from './platform-tcb.ts'
import { parseQeIdentity } from './qe-identity.ts'
import { parseQuote } from './quote.ts'
import { matchEnclaveLevel } from './quoting-enclave.ts'
import { splitSgxReport } from './sgx-report.ts'
import { parseTcbInfo } from './tcb-info.ts'
import { splitTdReport } from './td-report.ts'

function decided(name: string) {
  return decide(dcapSample(name).input)
}

describe.runIf(evidenceFolder !== undefined)('quotes outside of bundles', () => {
  test('14 are listed', () => {
    expect(loadDcapSamples()).toHaveLength(14)
  })

  test.each(loadDcapSamples())('$name: $what', ({ input, expected }) => {
    expect(outcome(input)).toBe(expected.tcb_status ?? expected.code)
  })

  test("Intel's SGX sample in detail", () => {
    expect(decided('intel-sample-sgx')).toMatchObject({
      value: {
        tee: 'sgx',
        quoteVersion: 3,
        certificationType: 1,
        platform: { ca: 'processor' },
        signatureChecks: 9,
      },
    })
  })

  test.each([
    ['intel-sample-sgx-without-chain', { code: 'pck_chain_missing', type: 1, carried: 'ppid' }],
    ['intel-sample-sgx-other-identity', { code: 'qe_identity_tee_mismatch' }],
    ['intel-sample-tdx', { code: 'tdx_module_unknown', id: 'TDX_C1' }],
    ['sgx-v3-oasis-eppid', { code: 'pck_chain_missing', type: 3, carried: 'ppid_rsa3072' }],
    ['sgx-v3-oasis-eppid-other-chain', { code: 'pck_chain_mismatch', field: 'cpu_svn' }],
  ])('%s says why', (name, error) => {
    expect(decided(name)).toEqual({ ok: false, error })
  })

  test('the chain that the TDX sample carries is the one that is malformed', () => {
    const error = { code: 'chain_malformed', chain: 'pck' }
    expect(decided('intel-sample-tdx-own-chain')).toMatchObject({ error })
  })

  test("Azure's TD has an old module", () => {
    const module = { id: 'TDX_01', isvSvn: 2, status: 'OutOfDate' }
    expect(decided('tdx-v4-azure')).toMatchObject({ value: { debug: false, module } })
  })

  test('where no level matches there is none, and no advisory', () => {
    expect(decided('tdx-v4-oasis-notsupported')).toMatchObject({
      value: { platformLevel: undefined, advisories: [] },
    })
  })

  test.each([
    ['sgx-v3-oasis', 'SWHardeningNeeded', ['INTEL-SA-00615', 'INTEL-SA-00657']],
    ['tdx-v4-oasis', 'UpToDate', []],
  ] as const)('%s: what is said but for the missing lists', (name, status, advisories) => {
    const { quote, collateral } = dcapSample(`${name}-later-lists`).input
    const error = { code: 'collateral_not_yet_valid', item: 'pck_crl' }
    expect(decided(`${name}-later-lists`)).toMatchObject({ error })
    expect(judged(quote, collateral)).toMatchObject({ ok: true, value: { status, advisories } })
  })

  test('TCB info of version 2 and 3 of one month judge one platform alike', () => {
    const v2 = decided('sgx-v3-debug-occlum-tcb-info-v2')
    const v3 = loadBundles().find(({ name }) => name === 'sgx-v3-debug-occlum')
    const other = v3 && decide(v3.input)
    if (!v2.ok || !other?.ok) throw new Error('refused')
    expect(v2.value.status).toBe(other.value.status)
    expect(v2.value.platformLevel?.tcbDate).toBe(other.value.platformLevel?.tcbDate)
    // Version 2 lists no advisories.
    expect(v2.value.advisories).toEqual([])
  })

  test('the chain of another patch level is of the same machine', () => {
    const users = ['sgx-v3-oasis', 'sgx-v3-oasis-eppid'].map((name) => {
      const parsed = parseQuote(readDcap(`quotes/${name}.bin`))
      return parsed.ok ? parsed.value.userData : undefined
    })
    expect(users[0]).toBeDefined()
    expect(users[0]).toEqual(users[1])
  })
})

describe.runIf(evidenceFolder !== undefined)('collateral outside of bundles', () => {
  const SIGNERS = [
    'automata__solana__signing.der',
    'oasis__tcb_info_v3_fmspc_00606A000000_certs.pem',
  ]

  test.each([
    'automata__0625__tcbinfo.json',
    'automata__0625__tcbinfov3_00806f050000.json',
    'automata__0625__tcbinfov3_90C06F000000.json',
    'automata__1025__tcb_info.json',
    'automata__solana__tcb_info_v3_sgx.json',
    'gotdx__sample_tcbinfo_response_v5',
    'oasis__tcb_info_v3_fmspc_00606A000000.json',
    'oasis__tcb_info_v3_tdx_fmspc_C0806F000000.json',
  ])('%s is read, and Intel signed it', (name) => {
    const { body, signature } = readSigned(`collateral/${name}`)
    expect(parseTcbInfo(body)).toMatchObject({ ok: true })
    expect(isIntels(body, signature)).toBe(true)
  })

  test.each([
    'automata__0625__identity.json',
    'automata__0625__qe_td.json',
    'automata__1025__identity.json',
    'oasis__qe_identity_v2.json',
    'oasis__qe_identity_v2_tdx2.json',
  ])('%s is read, and Intel signed it', (name) => {
    const { body, signature } = readSigned(`collateral/${name}`)
    expect(parseQeIdentity(body)).toMatchObject({ ok: true })
    expect(isIntels(body, signature)).toBe(true)
  })

  function isIntels(message: Uint8Array, signature: Uint8Array): boolean {
    return SIGNERS.some((name) => {
      const bytes = readDcap(`collateral/${name}`)
      const certificate = parseCertificate(dersOf(bytes)[0] ?? bytes)
      if (!certificate.ok) throw new Error(name)
      const publicKey = certificate.value.publicKey.bytes
      return native.verify({ scheme: 'p256', publicKey, message, signature })
    })
  }
})

/** What Intel's documents say of a quote's platform, whatever the time. */
function judged(quote: Uint8Array, { tcbInfo, qeIdentity }: DcapCollateral) {
  const parsed = parseQuote(quote)
  const info = parseTcbInfo(tcbInfo)
  const identity = parseQeIdentity(qeIdentity)
  if (!parsed.ok || !info.ok || !identity.ok) return err({ code: 'malformed' })
  const { certification, tee, body, qeReport } = parsed.value
  const chain = certification.type === 5 ? dersOf(certification.chain) : []
  const pck = parseCertificate(chain[0] ?? new Uint8Array())
  const platform = pck.ok ? parsePckPlatform(pck.value) : pck
  if (!platform.ok) return err({ code: 'malformed' })
  expect(bytesToHex(platform.value.fmspc)).toBe(bytesToHex(info.value.fmspc))
  const { isvSvn } = splitSgxReport(qeReport)
  const { status } = matchEnclaveLevel(identity.value.levels, isvSvn)
  return tee === 'sgx'
    ? ok(judgeSgx(platform.value, info.value, status))
    : judgeTdx(splitTdReport(body), platform.value, info.value, status)
}
