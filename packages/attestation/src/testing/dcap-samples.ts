import { concatBytes, utf8 } from '@tacit/base'
import { native } from '@tacit/crypto/native'
import { parsePemCertificates } from '@tacit/crypto/x509'
import { readEvidenceList, type DcapSample } from '../../../../vectors/evidence.ts'
import type { DcapCollateral } from '../dcap/collateral.ts'
import { parseQuote } from '../dcap/quote.ts'
import { INTEL_SGX_ROOT_CA } from '../dcap/roots.ts'
import type { DcapInput } from '../dcap/verify.ts'
import type { TrustedRoot } from '../trusted-root.ts'
import { evidenceFolder, loadBundles, readListedFile } from './kit.ts'

export interface RealQuote extends DcapSample {
  readonly input: DcapInput
}

type Input = Omit<DcapInput, 'now' | 'hashes'>

/** What each listed quote is verified with. */
const INPUTS: Readonly<Record<string, (quote: Uint8Array) => Input>> = {
  'intel-sample-sgx': () => intelSample(''),
  'intel-sample-sgx-without-chain': () => withoutChain(intelSample('')),
  'intel-sample-sgx-other-identity': () => otherIdentity(intelSample('')),
  'intel-sample-tdx': () => intelSample('tdx__'),
  'intel-sample-tdx-own-chain': () => withoutChain(intelSample('tdx__')),
  'tdx-v4-azure': (file) => ({ ...bundled('tdx-v4-gcp-outofdate'), quote: azureQuote(file) }),
  'tdx-v4-oasis-notsupported': (quote) => ({
    quote,
    roots: [INTEL_SGX_ROOT_CA],
    collateral: collateralOf(
      {
        pckCrlIssuerChain: bundled('tdx-v4-phala').collateral.pckCrlIssuerChain,
        rootCaCrl: readDcap('collateral/gotdx__rootcrl.der'),
        pckCrl: readDcap('collateral/gotdx__pckcrl'),
        tcbInfoIssuerChain: readDcap(OASIS_CHAIN),
      },
      'collateral/oasis__tcb_info_v3_tdx_fmspc_50806F000000.json',
      'collateral/oasis__qe_identity_v2_tdx.json',
    ),
  }),
  'sgx-v3-oasis-later-lists': (quote) =>
    withLaterLists(quote, 'tcb_info_v3_fmspc_00606A000000', 'qe_identity_v2'),
  'tdx-v4-oasis-later-lists': (quote) =>
    withLaterLists(quote, 'tcb_info_v3_tdx_fmspc_C0806F000000', 'qe_identity_v2_tdx2'),
  'sgx-v3-debug-occlum-tcb-info-v2': withTcbInfoV2,
  'sgx-v3-oasis-tcb-info-v2': withTcbInfoV2,
  'sgx-v3-oasis-eppid': withTcbInfoV2,
  'sgx-v3-oasis-eppid-other-chain': (quote) => ({
    ...withTcbInfoV2(quote),
    pckChain: carriedChain(readDcap('quotes/sgx-v3-oasis.bin')),
  }),
  'tdx-v4-phala-pck-ca-signs': (quote) => {
    const input = bundled('tdx-v4-phala')
    const tcbInfoIssuerChain = readDcap(OASIS_CHAIN.replace('.pem', '_bad.pem'))
    return { ...input, quote, collateral: { ...input.collateral, tcbInfoIssuerChain } }
  },
}

const OASIS_CHAIN = 'collateral/oasis__tcb_info_v3_fmspc_00606A000000_certs.pem'

/** All listed quotes that are verified with collateral outside of bundles; none without evidence. */
export function loadDcapSamples(): readonly RealQuote[] {
  if (evidenceFolder === undefined) return []
  return readEvidenceList().dcap_quotes.map((sample) => ({ ...sample, input: inputOf(sample) }))
}

/** A listed quote by its name. */
export function dcapSample(name: string): RealQuote {
  const found = readEvidenceList().dcap_quotes.find((sample) => sample.name === name)
  if (found === undefined) throw new Error(`not listed in vectors/evidence.json: ${name}`)
  return { ...found, input: inputOf(found) }
}

/** Reads a file of the folder `dcap`. */
export function readDcap(name: string): Uint8Array {
  return readListedFile(evidenceFolder ?? '', `dcap/${name}`)
}

/** A response of Intel's service: what it signed, and the signature. */
export function readSigned(name: string): { body: Uint8Array; signature: Uint8Array } {
  const text = new TextDecoder().decode(readDcap(name))
  const body = text.slice(text.indexOf(':') + 1, text.lastIndexOf(',"signature"'))
  const { signature } = JSON.parse(text) as { signature: string }
  return { body: utf8(body), signature: new Uint8Array(Buffer.from(signature, 'hex')) }
}

/** The certificates of PEM text. */
export function dersOf(text: Uint8Array): readonly Uint8Array[] {
  const ders = parsePemCertificates(text, 8)
  return ders.ok ? ders.value : []
}

function inputOf({ name, quote, verify_at }: DcapSample): DcapInput {
  const compose = INPUTS[name]
  if (compose === undefined) throw new Error(`no collateral for ${name}`)
  const now = Date.parse(verify_at) / 1000
  return { ...compose(readListedFile(evidenceFolder ?? '', quote)), now, hashes: native.hashes }
}

function bundled(name: string): DcapInput {
  const found = loadBundles().find((bundle) => bundle.name === name)
  if (found === undefined) throw new Error(`no bundle ${name}`)
  return found.input
}

function collateralOf(
  parts: Pick<DcapCollateral, 'pckCrlIssuerChain' | 'rootCaCrl' | 'pckCrl' | 'tcbInfoIssuerChain'>,
  tcbInfo: string,
  qeIdentity: string,
): DcapCollateral {
  const info = readSigned(tcbInfo)
  const identity = readSigned(qeIdentity)
  return {
    ...parts,
    tcbInfo: info.body,
    tcbInfoSignature: info.signature,
    qeIdentityIssuerChain: parts.tcbInfoIssuerChain,
    qeIdentity: identity.body,
    qeIdentitySignature: identity.signature,
  }
}

/** Revocation lists of 2025: none of the time of these quotes was published. */
function withLaterLists(quote: Uint8Array, info: string, identity: string): Input {
  const { pckCrlIssuerChain, rootCaCrl, pckCrl } = bundled('tdx-v4-phala').collateral
  const parts = { pckCrlIssuerChain, rootCaCrl, pckCrl, tcbInfoIssuerChain: readDcap(OASIS_CHAIN) }
  const path = (name: string) => `collateral/oasis__${name}.json`
  const collateral = collateralOf(parts, path(info), path(identity))
  return { quote, collateral, roots: [INTEL_SGX_ROOT_CA] }
}

function withTcbInfoV2(quote: Uint8Array): Input {
  const collateral = collateralOf(
    bundled('tdx-v4-phala').collateral,
    'collateral/automata__0625__tcbinfo.json',
    'collateral/automata__0625__identity.json',
  )
  return { quote, collateral, roots: [INTEL_SGX_ROOT_CA] }
}

/** Intel's tool orders its chains either way; ours go from leaf to root. */
function intelSample(prefix: '' | 'tdx__'): Input {
  const at = (name: string) => readDcap(`intel-sample/${prefix}${name}`)
  const [root] = dersOf(at('trustedRootCaCert.pem'))
  if (root === undefined) throw new Error('no root')
  const order = (text: Uint8Array) =>
    pem(dersOf(text).toSorted((a, b) => Number(isSame(a, root)) - Number(isSame(b, root))))
  const pckSignChain = order(at('pckSignChain.pem'))
  const trusted: TrustedRoot = {
    name: "Intel's sample root",
    vendor: 'intel',
    certificate: root,
    fingerprint: native.hashes.sha256(root),
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
  }
}

function withoutChain(input: Input): Input {
  const { pckChain: _, ...without } = input
  return without
}

/** The verification enclave's identity in place of the quoting enclave's. */
function otherIdentity(input: Input): Input {
  const { body, signature } = readSigned('intel-sample/qveIdentity.json')
  const collateral = { ...input.collateral, qeIdentity: body, qeIdentitySignature: signature }
  return { ...input, collateral }
}

function azureQuote(file: Uint8Array): Uint8Array {
  const { td_quote } = JSON.parse(new TextDecoder().decode(file)) as { td_quote: string }
  return new Uint8Array(Buffer.from(td_quote, 'base64url'))
}

function carriedChain(quote: Uint8Array): Uint8Array {
  const parsed = parseQuote(quote)
  if (!parsed.ok || parsed.value.certification.type !== 5) throw new Error('no chain')
  return parsed.value.certification.chain
}

function pem(ders: readonly Uint8Array[]): Uint8Array {
  const blocks = ders.map((der) => {
    const base64 = Buffer.from(der).toString('base64')
    return `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`
  })
  return utf8(blocks.join(''))
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}
