import { bytesToHex, concatBytes, err, ok, utf8 } from '@tacit/base'
import { native } from '@tacit/crypto/native'
import { parseCertificate, parsePemCertificates } from '@tacit/crypto/x509'
import { describe, expect, test } from 'vitest'
import { decide, evidenceFolder, loadBundles, readListedFile } from '../testing/kit.ts'
import type { TrustedRoot } from '../trusted-root.ts'
import type { DcapCollateral } from './collateral.ts'
import { parsePckPlatform } from './pck-extension.ts'
import { judgeSgx, judgeTdx } from './platform-tcb.ts'
import { parseQeIdentity } from './qe-identity.ts'
import { parseQuote } from './quote.ts'
import { matchEnclaveLevel } from './quoting-enclave.ts'
import { INTEL_SGX_ROOT_CA } from './roots.ts'
import { splitSgxReport } from './sgx-report.ts'
import { parseTcbInfo } from './tcb-info.ts'
import { splitTdReport } from './td-report.ts'
import type { DcapInput } from './verify.ts'

const folder = evidenceFolder ?? ''
const hashes = native.hashes

function read(name: string): Uint8Array {
  return readListedFile(folder, `dcap/${name}`)
}

/** A response of Intel's service: what it signed, and the signature. */
function signed(name: string): { body: Uint8Array; signature: Uint8Array } {
  const text = new TextDecoder().decode(read(name))
  const body = text.slice(text.indexOf(':') + 1, text.lastIndexOf(',"signature"'))
  const { signature } = JSON.parse(text) as { signature: string }
  return { body: utf8(body), signature: new Uint8Array(Buffer.from(signature, 'hex')) }
}

function pem(ders: readonly (Uint8Array | undefined)[]): Uint8Array {
  const blocks = ders.map((der) => {
    const base64 = Buffer.from(der ?? []).toString('base64')
    return `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`
  })
  return utf8(blocks.join(''))
}

function dersOf(text: Uint8Array): readonly Uint8Array[] {
  const ders = parsePemCertificates(text, 8)
  return ders.ok ? ders.value : []
}

function collateralOf(
  parts: Pick<DcapCollateral, 'pckCrlIssuerChain' | 'rootCaCrl' | 'pckCrl' | 'tcbInfoIssuerChain'>,
  tcbInfo: string,
  qeIdentity: string,
): DcapCollateral {
  const info = signed(tcbInfo)
  const identity = signed(qeIdentity)
  return {
    ...parts,
    tcbInfo: info.body,
    tcbInfoSignature: info.signature,
    qeIdentityIssuerChain: parts.tcbInfoIssuerChain,
    qeIdentity: identity.body,
    qeIdentitySignature: identity.signature,
  }
}

/** The PCK CA and the lists come from a bundle or file of the time, the rest is named. */
function bundled(name: string): DcapInput {
  const found = loadBundles().find((bundle) => bundle.name === name)
  if (found === undefined) throw new Error(`no bundle ${name}`)
  return found.input
}

describe.runIf(evidenceFolder !== undefined)("Intel's synthetic samples", () => {
  /** Intel's tool orders its chains either way; ours go from leaf to root. */
  function sample(prefix: string, now: number): DcapInput {
    const at = (name: string) => read(`intel-sample/${prefix}${name}`)
    const [root] = dersOf(at('trustedRootCaCert.pem'))
    if (root === undefined) throw new Error('no root')
    const order = (text: Uint8Array) =>
      pem(dersOf(text).toSorted((a, b) => Number(isSame(a, root)) - Number(isSame(b, root))))
    const pckSignChain = order(at('pckSignChain.pem'))
    const trusted: TrustedRoot = {
      name: "Intel's sample root",
      vendor: 'intel',
      certificate: root,
      fingerprint: hashes.sha256(root),
    }
    const parts = {
      pckCrlIssuerChain: pckSignChain,
      rootCaCrl: at('rootCaCrl.der'),
      pckCrl: at('intermediateCaCrl.der'),
      tcbInfoIssuerChain: order(at('tcbSignChain.pem')),
    }
    return {
      quote: at('quote.dat'),
      pckChain: concatBytes(at('pckCert.pem'), pckSignChain),
      collateral: collateralOf(
        parts,
        `intel-sample/${prefix}tcbInfo.json`,
        `intel-sample/${prefix}qeIdentity.json`,
      ),
      roots: [trusted],
      now,
      hashes,
    }
  }

  const sgx = () => sample('', Date.UTC(2020, 0, 1) / 1000)
  const tdx = () => sample('tdx__', Date.UTC(2022, 0, 1) / 1000)

  test('SGX, PPID in the clear, TCB info of version 2: UpToDate', () => {
    expect(decide(sgx())).toMatchObject({
      value: {
        tee: 'sgx',
        quoteVersion: 3,
        certificationType: 1,
        status: 'UpToDate',
        platform: { ca: 'processor' },
        signatureChecks: 9,
      },
    })
  })

  test('SGX without the PCK chain', () => {
    const { pckChain: _, ...without } = sgx()
    expect(decide(without)).toEqual({
      ok: false,
      error: { code: 'pck_chain_missing', type: 1, carried: 'ppid' },
    })
  })

  test("the verification enclave's identity is not the quoting enclave's", () => {
    const { body, signature } = signed('intel-sample/qveIdentity.json')
    const input = sgx()
    const collateral = { ...input.collateral, qeIdentity: body, qeIdentitySignature: signature }
    expect(decide({ ...input, collateral })).toEqual({
      ok: false,
      error: { code: 'qe_identity_tee_mismatch' },
    })
  })

  test("TDX with random SVNs: its module is unknown, Intel's STATUS_TDX_MODULE_MISMATCH", () => {
    expect(decide(tdx())).toEqual({
      ok: false,
      error: { code: 'tdx_module_unknown', id: 'TDX_C1' },
    })
  })

  test('the chain that the TDX sample carries is in DER, which no quote of a machine does', () => {
    const { pckChain: _, ...without } = tdx()
    expect(decide(without)).toMatchObject({ error: { code: 'chain_malformed', chain: 'pck' } })
  })
})

describe.runIf(evidenceFolder !== undefined)('quotes outside of bundles', () => {
  test('Azure TD quote, as Intel rates it', () => {
    const path = 'snp/trustee__az-tdx-vtpm__evidence-v1.json'
    const { td_quote: text } = JSON.parse(
      new TextDecoder().decode(readListedFile(folder, path)),
    ) as { td_quote: string }
    const quote = new Uint8Array(Buffer.from(text, 'base64url'))
    expect(decide({ ...bundled('tdx-v4-gcp-outofdate'), quote })).toMatchObject({
      value: {
        status: 'OutOfDate',
        debug: false,
        module: { id: 'TDX_01', isvSvn: 2, status: 'OutOfDate' },
      },
    })
  })

  test('tdx-v4-oasis-notsupported: no matching level', () => {
    const parts = {
      pckCrlIssuerChain: bundled('tdx-v4-phala').collateral.pckCrlIssuerChain,
      rootCaCrl: read('collateral/gotdx__rootcrl.der'),
      pckCrl: read('collateral/gotdx__pckcrl'),
      tcbInfoIssuerChain: read('collateral/oasis__tcb_info_v3_fmspc_00606A000000_certs.pem'),
    }
    const collateral = collateralOf(
      parts,
      'collateral/oasis__tcb_info_v3_tdx_fmspc_50806F000000.json',
      'collateral/oasis__qe_identity_v2_tdx.json',
    )
    const quote = read('quotes/tdx-v4-oasis-notsupported.bin')
    const now = Date.UTC(2023, 5, 20) / 1000
    expect(decide({ quote, collateral, roots: [INTEL_SGX_ROOT_CA], now, hashes })).toMatchObject({
      value: { status: 'NotSupported', platformLevel: undefined, advisories: [] },
    })
  })

  /** No revocation list of their time was published: all signatures hold, and the lists are too new. */
  test.each([
    [
      'sgx-v3-oasis',
      Date.UTC(2022, 11, 25),
      'oasis__tcb_info_v3_fmspc_00606A000000.json',
      'oasis__qe_identity_v2.json',
      'SWHardeningNeeded',
      ['INTEL-SA-00615', 'INTEL-SA-00657'],
    ],
    [
      'tdx-v4-oasis',
      Date.UTC(2024, 8, 10),
      'oasis__tcb_info_v3_tdx_fmspc_C0806F000000.json',
      'oasis__qe_identity_v2_tdx2.json',
      'UpToDate',
      [],
    ],
  ] as const)('%s: all but the missing lists', (name, at, info, identity, status, advisories) => {
    const quote = read(`quotes/${name}.bin`)
    const { collateral: later } = bundled('tdx-v4-phala')
    const parts = {
      pckCrlIssuerChain: later.pckCrlIssuerChain,
      rootCaCrl: later.rootCaCrl,
      pckCrl: later.pckCrl,
      tcbInfoIssuerChain: read('collateral/oasis__tcb_info_v3_fmspc_00606A000000_certs.pem'),
    }
    const collateral = collateralOf(parts, `collateral/${info}`, `collateral/${identity}`)
    const input = { quote, collateral, roots: [INTEL_SGX_ROOT_CA], now: at / 1000, hashes }
    expect(decide(input)).toMatchObject({
      error: { code: 'collateral_not_yet_valid', item: 'pck_crl' },
    })
    expect(judged(quote, collateral)).toMatchObject({ ok: true, value: { status, advisories } })
  })

  /** TCB info of version 2 and 3 of one month judge one platform alike. */
  test('an SGX quote with TCB info of version 2', () => {
    const { collateral: month } = bundled('tdx-v4-phala')
    const collateral = collateralOf(
      month,
      'collateral/automata__0625__tcbinfo.json',
      'collateral/automata__0625__identity.json',
    )
    const now = Date.UTC(2025, 5, 25) / 1000
    const input = { collateral, roots: [INTEL_SGX_ROOT_CA], now, hashes }
    const debug = decide({ ...input, quote: read('quotes/sgx-v3-debug-occlum.bin') })
    const v3 = decide(bundled('sgx-v3-debug-occlum'))
    if (!debug.ok || !v3.ok) throw new Error('refused')
    expect(debug.value.status).toBe(v3.value.status)
    expect(debug.value.platformLevel?.tcbDate).toBe(v3.value.platformLevel?.tcbDate)
    // Version 2 lists no advisories.
    expect(debug.value.advisories).toEqual([])
    const oasis = decide({ ...input, quote: read('quotes/sgx-v3-oasis.bin') })
    expect(oasis).toMatchObject({ value: { tee: 'sgx', status: 'OutOfDate' } })
  })

  test('an encrypted PPID: the chain of the same machine at another patch level is not its own', () => {
    const other = parseQuote(read('quotes/sgx-v3-oasis.bin'))
    const quote = read('quotes/sgx-v3-oasis-eppid.bin')
    const own = parseQuote(quote)
    if (!other.ok || !own.ok || other.value.certification.type !== 5) throw new Error('malformed')
    expect(other.value.userData).toEqual(own.value.userData)
    const pckChain = other.value.certification.chain
    const collateral = collateralOf(
      bundled('tdx-v4-phala').collateral,
      'collateral/automata__0625__tcbinfo.json',
      'collateral/automata__0625__identity.json',
    )
    const input = { quote, collateral, roots: [INTEL_SGX_ROOT_CA], now: 0, hashes }
    expect(decide({ ...input, pckChain })).toEqual({
      ok: false,
      error: { code: 'pck_chain_mismatch', field: 'cpu_svn' },
    })
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
    const { body, signature } = signed(`collateral/${name}`)
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
    const { body, signature } = signed(`collateral/${name}`)
    expect(parseQeIdentity(body)).toMatchObject({ ok: true })
    expect(isIntels(body, signature)).toBe(true)
  })

  function isIntels(message: Uint8Array, signature: Uint8Array): boolean {
    return SIGNERS.some((name) => {
      const bytes = read(`collateral/${name}`)
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

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return bytesToHex(a) === bytesToHex(b)
}
