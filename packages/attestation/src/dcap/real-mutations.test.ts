import { describe, expect, test } from 'vitest'
import { decide, evidenceFolder, flipped, loadBundles } from '../testing/kit.ts'
import type { DcapCollateral } from './collateral.ts'
import type { DcapError } from './errors.ts'
import { parseQuote } from './quote.ts'
import type { DcapInput } from './verify.ts'

type Code = DcapError['code']
type Region = readonly [name: string, start: number, codes: readonly Code[]]

/** Every bundle starts elsewhere, so that together they cover the offsets of all remainders. */
const STRIDE = 23
const bundles = loadBundles().map((bundle, at) => ({ ...bundle, first: (at * 7) % STRIDE }))

const CERTIFICATE: readonly Code[] = ['certificate_malformed', 'chain_malformed']

/** The parts of a quote in order, each until the next begins, with what a changed bit must give. */
function regionsOf(quote: Uint8Array): readonly Region[] {
  const parsed = parseQuote(quote)
  if (!parsed.ok || parsed.value.certification.type !== 5) throw new Error('malformed')
  const { version, body, signature, attestationKey, qeReport } = parsed.value
  const { qeReportSignature, qeAuthData, certification } = parsed.value
  const at = (part: Uint8Array) => part.byteOffset - quote.byteOffset
  const chain = at(certification.chain)
  return [
    [
      'version',
      0,
      [
        'quote_version_unsupported',
        'quote_body_mismatch',
        'quote_tee_unknown',
        'quote_length_mismatch',
        'quote_truncated',
        'certification_data_unsupported',
      ],
    ],
    ['key type', 2, ['quote_key_type_unsupported']],
    ['TEE type', 4, ['quote_tee_unknown']],
    ['QE and PCE SVN', 8, ['quote_signature_invalid']],
    ['vendor', 12, ['quote_vendor_unknown']],
    ['user data', 28, ['quote_signature_invalid']],
    ['body type and size', 48, ['quote_body_mismatch']],
    ['body', at(body), ['quote_signature_invalid']],
    ['data length', at(signature) - 4, ['quote_truncated', 'quote_length_mismatch']],
    ['signature', at(signature), ['quote_signature_invalid']],
    ['attestation key', at(attestationKey), ['qe_report_data_mismatch']],
    ['outer type', at(attestationKey) + 64, ['certification_data_unsupported']],
    ['outer length', at(qeReport) - (version === 3 ? 0 : 4), ['quote_length_mismatch']],
    ['QE report', at(qeReport), ['qe_report_signature_invalid']],
    ['QE report signature', at(qeReportSignature), ['qe_report_signature_invalid']],
    ['authentication data length', at(qeAuthData) - 2, ['quote_length_mismatch']],
    ['authentication data', at(qeAuthData), ['qe_report_data_mismatch']],
    [
      'certification type',
      chain - 6,
      ['certification_data_unsupported', 'certification_data_malformed', 'pck_chain_missing'],
    ],
    ['certification length', chain - 4, ['quote_length_mismatch']],
    [
      'PCK chain',
      chain,
      [
        ...CERTIFICATE,
        'chain_length_wrong',
        'root_untrusted',
        'pck_extension_malformed',
        'pck_signature_invalid',
        'pck_ca_signature_invalid',
      ],
    ],
    ['trailing bytes', chain + certification.chain.length, []],
  ]
}

const CHAIN: readonly Code[] = [...CERTIFICATE, 'chain_length_wrong', 'root_untrusted']
const COLLATERAL: Readonly<Record<keyof DcapCollateral, readonly Code[]>> = {
  pckCrlIssuerChain: [...CHAIN, 'pck_ca_signature_invalid'],
  rootCaCrl: ['crl_malformed', 'root_crl_signature_invalid'],
  pckCrl: ['crl_malformed', 'pck_crl_signature_invalid'],
  tcbInfoIssuerChain: [...CHAIN, 'tcb_signing_signature_invalid'],
  tcbInfo: [
    'tcb_info_malformed',
    'tcb_info_version_unsupported',
    'tcb_info_type_unsupported',
    'tcb_info_signature_invalid',
  ],
  tcbInfoSignature: ['tcb_info_signature_invalid'],
  qeIdentityIssuerChain: [...CHAIN, 'tcb_signing_signature_invalid'],
  qeIdentity: [
    'qe_identity_malformed',
    'qe_identity_version_unsupported',
    'qe_identity_signature_invalid',
  ],
  qeIdentitySignature: ['qe_identity_signature_invalid'],
}

describe.runIf(evidenceFolder !== undefined)('a changed bit of real evidence', () => {
  test.each(bundles)('$name: quote', ({ input, first }) => {
    const honest = decide(input)
    for (const [name, start, codes, end] of withEnds(regionsOf(input.quote), input.quote.length)) {
      for (const at of offsets(start, end, first)) {
        const decided = decide({ ...input, quote: flipped(input.quote, at, 1 << (at % 8)) })
        if (decided.ok) expect(isUnsigned(name), `${name} at ${at}`).toBe(true)
        if (decided.ok) expect(decided).toEqual(honest)
        else expect(codes, `${name} at ${at}`).toContain(decided.error.code)
      }
    }
  })

  test.each(bundles)('$name: collateral', ({ input, first }) => {
    const honest = decide(input)
    for (const [name, codes] of Object.entries(COLLATERAL)) {
      const field = name as keyof DcapCollateral
      const whole = input.collateral[field]
      for (const at of offsets(0, whole.length, first)) {
        const bytes = flipped(whole, at, 1 << (at % 8))
        const mutant: DcapInput = { ...input, collateral: { ...input.collateral, [field]: bytes } }
        const decided = decide(mutant)
        if (decided.ok) expect(field.endsWith('Chain'), `${name} at ${at}`).toBe(true)
        if (decided.ok) expect(decided).toEqual(honest)
        else expect(codes, `${name} at ${at}`).toContain(decided.error.code)
      }
    }
  })
})

/** Line breaks of PEM text are not signed, nor is what follows the quote. */
function isUnsigned(region: string): boolean {
  return region === 'PCK chain' || region === 'trailing bytes'
}

function withEnds(
  regions: readonly Region[],
  length: number,
): readonly (readonly [...Region, end: number])[] {
  return regions.map((region, index) => [...region, regions[index + 1]?.[1] ?? length])
}

/** At least the first and the last of each region. */
function offsets(start: number, end: number, first: number): readonly number[] {
  const found = end > start ? [start, end - 1] : []
  for (let at = start + first; at < end; at += STRIDE) found.push(at)
  return found
}
