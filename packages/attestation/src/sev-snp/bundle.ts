import { err, ok, utf8, type Result } from '@tacit/base'
import { parseHexOrBase64, readCertificateText } from '../binary-text.ts'
import { parseIsoTime, readJson, type JsonField, type JsonProblem } from '../json-document.ts'
import type { SnpCollateral } from './collateral.ts'
import { SNP_FAMILIES, type SnpFamily } from './family.ts'

/** A report with its collateral and the time to verify it at. */
export interface SnpBundle {
  readonly name: string | undefined
  readonly report: Uint8Array
  readonly collateral: SnpCollateral
  /** Unix seconds; undefined where the bundle leaves it to the reader. */
  readonly verifyAt: number | undefined
  readonly expected: SnpBundleExpectation | undefined
}

/** The recorded result; fields that were not recorded are undefined. */
export interface SnpBundleExpectation {
  /** The code of the error; undefined where the evidence is genuine. */
  readonly code: string | undefined
  readonly family: SnpFamily | undefined
  readonly debug: boolean | undefined
}

/** The text is not a bundle. */
export type SnpBundleError = { readonly code: 'bundle_malformed' } & JsonProblem

const MAX_CHARACTERS = 256 * 1024

/**
 * Reads a bundle: `{name, report, vcek | vlek, chain, crl, verify_at, expected}`. Report and
 * revocation list are hex or base64; the key's certificate is PEM, hex or base64; the chain is PEM
 * text and may be left out, as may the list. At most 256 KiB.
 */
export function parseSnpBundle(text: Uint8Array): Result<SnpBundle, SnpBundleError> {
  const read = readJson(text, (root): SnpBundle => {
    const at = root.maybe('verify_at')
    const expected = root.maybe('expected')
    return {
      name: root.maybe('name')?.text(256),
      report: readBytes(root.get('report')),
      collateral: readCollateral(root),
      verifyAt: at === undefined ? undefined : readTime(at),
      expected: expected === undefined ? undefined : readExpectation(expected),
    }
  })
  return read.ok ? ok(read.value) : err({ code: 'bundle_malformed', ...read.error })
}

function readCollateral(root: JsonField): SnpCollateral {
  const chain = root.maybe('chain')
  const crl = root.maybe('crl')
  return {
    endorsement: readCertificateText(
      root.maybe('vlek') ?? root.get('vcek'),
      MAX_CHARACTERS,
      parseHexOrBase64,
    ),
    chain: chain === undefined ? undefined : utf8(chain.text(MAX_CHARACTERS)),
    crl: crl === undefined ? undefined : readBytes(crl),
  }
}

function readBytes(field: JsonField): Uint8Array {
  return parseHexOrBase64(field.text(MAX_CHARACTERS)) ?? field.fail('value_invalid')
}

/** A time in ISO form or Unix seconds. */
function readTime(field: JsonField): number {
  if (typeof field.value === 'number') return field.integer(0xffff_ffff)
  return parseIsoTime(field.text(20)) ?? field.fail('value_invalid')
}

function readExpectation(field: JsonField): SnpBundleExpectation {
  return {
    code: field.maybe('code')?.text(64),
    family: field.maybe('family')?.oneOf(SNP_FAMILIES),
    debug: field.maybe('debug')?.boolean(),
  }
}
