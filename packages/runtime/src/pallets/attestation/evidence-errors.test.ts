import golden from './error-indices.json' with { type: 'json' }
import { describe, expect, it } from 'vitest'
import { EVIDENCE_ERRORS, evidenceErrorName } from './evidence-errors.ts'
import { attestationErrors } from './types.ts'

const codes = Object.keys(EVIDENCE_ERRORS) as (keyof typeof EVIDENCE_ERRORS)[]

// That every code of the verifier is in the table is the compiler's to check: it is a total record.
describe('the errors of evidence on chain', () => {
  it('have the indices that they always had: a new one gets a new line there', () => {
    const indices = Object.values(attestationErrors).map(({ name, index }) => [name, index])
    expect(Object.fromEntries(indices)).toEqual(golden)
  })

  it('are one for each code of the verifier', () => {
    for (const code of codes) {
      const error = attestationErrors[evidenceErrorName(code)]
      expect(error.code).toBe(`Attestation.${evidenceErrorName(code)}`)
      expect(error.index).toBe(EVIDENCE_ERRORS[code][0])
    }
  })

  it('have names in PascalCase', () => {
    expect(evidenceErrorName('quote_signature_invalid')).toBe('QuoteSignatureInvalid')
    expect(evidenceErrorName('qe_isv_prod_id_mismatch')).toBe('QeIsvProdIdMismatch')
  })

  it('share no index with each other or with the pallet’s own', () => {
    const indices = Object.values(attestationErrors).map(({ index }) => index)
    expect(new Set(indices).size).toBe(indices.length)
    expect(Math.max(...indices)).toBeLessThan(256)
  })
})
