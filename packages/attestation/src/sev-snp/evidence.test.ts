import { describe, expect, test } from 'vitest'
import { readEvidenceList } from '../../../../vectors/evidence.ts'
import { evidenceFolder, flipped, verify } from '../testing/kit.ts'
import { loadSnpSamples, snpSample } from '../testing/snp-samples.ts'
import { decideSnp, type SnpInput } from './verify.ts'

test('the list has the counted reports', () => {
  expect(readEvidenceList().snp_reports).toHaveLength(12)
})

function outcome(input: SnpInput): string {
  const result = decideSnp(input, verify)
  return result.ok ? 'ok' : result.error.code
}

describe.runIf(evidenceFolder !== undefined)('real evidence', () => {
  test.each(loadSnpSamples())('$name', ({ input, expected }) => {
    const result = decideSnp(input, verify)
    if (!result.ok) return expect({ code: result.error.code }).toEqual(expected)
    const { family, reportVersion, debug, tcb, productName, signatureChecks } = result.value
    expect(signatureChecks).toBe(3)
    return expect({
      family,
      report_version: reportVersion,
      debug,
      reported_tcb: tcb.reported,
      product_name: productName,
    }).toEqual(expected)
  })

  test('a chain of its own says the same as the one that comes along', () => {
    for (const name of ['milan-v3-microsoft', 'turin-v5-microsoft']) {
      const { input } = snpSample(name)
      expect(input.collateral.chain).toBeDefined()
      expect(outcome(input)).toBe('ok')
      const collateral = { ...input.collateral, chain: undefined }
      expect(outcome({ ...input, collateral })).toBe('ok')
    }
  })

  test('what was signed cannot be changed in any bit of any byte', () => {
    const { input } = snpSample('milan-v3-microsoft')
    const codes = new Set<string>()
    for (let at = 0; at < 0x2a0; at++) {
      const bits = at < 0x50 ? [1, 2, 4, 8, 16, 32, 64, 128] : [1 << (at % 8)]
      for (const bit of bits) {
        const code = outcome({ ...input, report: flipped(input.report, at, bit) })
        expect(code).not.toBe('ok')
        codes.add(code)
      }
    }
    expect([...codes].toSorted()).toEqual([
      'report_algorithm_unsupported',
      'report_policy_invalid',
      'report_processor_unsupported',
      'report_reserved_nonzero',
      'report_signature_invalid',
      'report_signing_key_unsupported',
      'report_version_unsupported',
      'report_vmpl_unsupported',
    ])
  })

  test('neither can the signature, nor what surrounds it', () => {
    const { input } = snpSample('turin-v5-microsoft')
    for (let at = 0x2a0; at < 1184; at++) {
      const isScalar = at < 0x2d0 || (at >= 0x2e8 && at < 0x318)
      const expected = isScalar ? 'report_signature_invalid' : 'report_signature_malformed'
      expect(outcome({ ...input, report: flipped(input.report, at) })).toBe(expected)
    }
  })

  test('nor the certificate of the key', () => {
    const { input } = snpSample('milan-v2-trustee')
    const { endorsement } = input.collateral
    for (let at = 0; at < endorsement.length; at++) {
      const collateral = { ...input.collateral, endorsement: flipped(endorsement, at) }
      expect(outcome({ ...input, collateral })).toMatch(
        /^(?:certificate_malformed|vcek_signature_invalid|endorsement_\w+|root_untrusted)$/,
      )
    }
  })

  test('nor the intermediate; the root beside it counts by its bytes alone', () => {
    const { input } = snpSample('milan-v3-microsoft')
    const chain = input.collateral.chain ?? new Uint8Array()
    for (let at = 0; at < chain.length; at += 7) {
      const collateral = { ...input.collateral, chain: flipped(chain, at) }
      const isBlank = [0x0a, 0x20].includes(chain[at] ?? 0)
      const code = outcome({ ...input, collateral })
      if (isBlank && code === 'ok') continue
      expect(code).toMatch(
        /^(?:chain_malformed|certificate_malformed|ask_signature_invalid|root_untrusted|\w+_signature_invalid)$/,
      )
    }
  })

  test('a certificate cut short at any byte, or longer, is malformed', () => {
    const { input } = snpSample('milan-v2-trustee')
    const { endorsement } = input.collateral
    for (let length = 0; length < endorsement.length; length++) {
      const collateral = { ...input.collateral, endorsement: endorsement.subarray(0, length) }
      expect(outcome({ ...input, collateral })).toBe('certificate_malformed')
    }
    const longer = new Uint8Array(endorsement.length + 1)
    longer.set(endorsement)
    const collateral = { ...input.collateral, endorsement: longer }
    expect(outcome({ ...input, collateral })).toBe('certificate_malformed')
  })

  test('a wrong outer tag on the certificate is malformed', () => {
    const { input } = snpSample('genoa-v3-azure')
    const endorsement = input.collateral.endorsement.with(0, 0x31)
    const code = outcome({ ...input, collateral: { ...input.collateral, endorsement } })
    expect(code).toBe('certificate_malformed')
  })
})
