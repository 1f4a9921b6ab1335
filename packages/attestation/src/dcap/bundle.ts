import { err, ok, parseHex, utf8, type Result } from '@tacit/base'
import type { DcapCollateral } from './collateral.ts'
import { readJson, type JsonField, type JsonProblem } from '../json-document.ts'

/** A quote with its collateral and the time to verify it at. */
export interface DcapBundle {
  readonly name: string | undefined
  readonly quote: BundledQuote
  readonly collateral: DcapCollateral
  /** Unix seconds; undefined where the bundle leaves it to the reader. */
  readonly verifyAt: number | undefined
  readonly expected: BundleExpectation | undefined
}

/** The quote itself, or the path of its file relative to the evidence folder. */
export type BundledQuote =
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  | { readonly type: 'path'; readonly path: string }

/** The recorded result; fields that were not recorded are undefined. */
export interface BundleExpectation {
  readonly tcbStatus: string
  readonly advisories: readonly string[] | undefined
  /** `STATUS@date` of the matched level. */
  readonly platformTcb: string | undefined
  /** `ISVSVN:STATUS` of the quoting enclave. */
  readonly qeIsvSvnStatus: string | undefined
  /** `ID:ISVSVN:STATUS` of the TDX module. */
  readonly tdxModule: string | undefined
  readonly debug: boolean | undefined
  readonly fmspc: string | undefined
  readonly tcbEvaluationDataNumber: number | undefined
}

/** The text is not a bundle. */
export type BundleError = { readonly code: 'bundle_malformed' } & JsonProblem

const MAX_CHARACTERS = 256 * 1024

/**
 * Reads a bundle: `{name, quote, verify_at, collateral, expected}`. The collateral has the fields
 * of Intel's QuoteCollateralV3 in snake case: chains and signed JSON as text, lists and signatures
 * in hex. The quote is hex, or a path. At most 256 KiB.
 */
export function parseBundle(text: Uint8Array): Result<DcapBundle, BundleError> {
  const read = readJson(text, (root): DcapBundle => {
    const expected = root.maybe('expected')
    return {
      name: root.maybe('name')?.text(256),
      quote: readQuote(root.get('quote')),
      collateral: readCollateral(root.get('collateral')),
      verifyAt: root.maybe('verify_at')?.timestamp(),
      expected: expected === undefined ? undefined : readExpectation(expected),
    }
  })
  return read.ok ? ok(read.value) : err({ code: 'bundle_malformed', ...read.error })
}

/** Reads collateral alone: the object that a bundle has under `collateral`. At most 256 KiB. */
export function parseDcapCollateral(text: Uint8Array): Result<DcapCollateral, BundleError> {
  const read = readJson(text, readCollateral)
  return read.ok ? ok(read.value) : err({ code: 'bundle_malformed', ...read.error })
}

function readQuote(field: JsonField): BundledQuote {
  const text = field.text(MAX_CHARACTERS)
  const bytes = parseHex(text)
  if (text.length > 0 && bytes.ok) return { type: 'bytes', bytes: bytes.value }
  const isInside = /^[\w.-]+(?:\/[\w.-]+)*$/.test(text) && !text.split('/').includes('..')
  return isInside ? { type: 'path', path: text } : field.fail('value_invalid')
}

function readCollateral(field: JsonField): DcapCollateral {
  return {
    pckCrlIssuerChain: textOf(field, 'pck_crl_issuer_chain'),
    rootCaCrl: hexOf(field, 'root_ca_crl'),
    pckCrl: hexOf(field, 'pck_crl'),
    tcbInfoIssuerChain: textOf(field, 'tcb_info_issuer_chain'),
    tcbInfo: textOf(field, 'tcb_info'),
    tcbInfoSignature: hexOf(field, 'tcb_info_signature'),
    qeIdentityIssuerChain: textOf(field, 'qe_identity_issuer_chain'),
    qeIdentity: textOf(field, 'qe_identity'),
    qeIdentitySignature: hexOf(field, 'qe_identity_signature'),
  }
}

function textOf(field: JsonField, name: string): Uint8Array {
  return utf8(field.get(name).text(MAX_CHARACTERS))
}

function hexOf(field: JsonField, name: string): Uint8Array {
  return field.get(name).hexBytes(MAX_CHARACTERS)
}

function readExpectation(field: JsonField): BundleExpectation {
  const advisories = field.maybe('advisory_ids')?.items(0, 256)
  const debug = field.maybe('debug')?.value
  return {
    tcbStatus: field.get('tcb_status').text(64),
    advisories: advisories?.map((advisory) => advisory.text(64)),
    platformTcb: field.maybe('platform_tcb')?.text(64),
    qeIsvSvnStatus: field.maybe('qe_isvsvn_status')?.text(64),
    tdxModule: field.maybe('tdx_module')?.text(64),
    debug: typeof debug === 'boolean' ? debug : undefined,
    fmspc: field.maybe('fmspc')?.text(64),
    tcbEvaluationDataNumber: field.maybe('tcb_evaluation_data_number')?.integer(0xffff_ffff),
  }
}
