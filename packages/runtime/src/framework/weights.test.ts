import { describe, expect, it } from 'vitest'
import measured from '../../../../docs/results/attestation-weights.json' with { type: 'json' }
import { OPERATION_PS } from './weights.ts'

/** The rules may charge up to so many times what the committed benchmark measured. */
const FACTOR = 10
const SCHEMES = ['ed25519', 'sr25519', 'ecdsa', 'p256', 'p384', 'rsa'] as const

describe('the weight of verification', () => {
  it.each(measured.cases.map((one) => [one.name, one.ratio.declared] as const))(
    'of %s is charged in full, and not many times over',
    (_, [, median = 0]) => {
      expect(median).toBeLessThan(1)
      expect(median).toBeGreaterThan(1 / FACTOR)
    },
  )

  it.each(SCHEMES)('of %s was measured against the constant that is in force', (scheme) => {
    const found = measured.cases.find(({ name }) => name === `scheme/${scheme}`)
    const [, median = 0] = found?.ratio.declared ?? []
    const declaredPs = ((found?.ours ?? 0) * 1_000) / median
    expect(declaredPs / Number(OPERATION_PS[scheme])).toBeCloseTo(1, 1)
  })

  it('is measured for each kind of evidence and of collateral', () => {
    const kinds = measured.cases
      .map(({ name }) => name)
      .filter((name) => !name.startsWith('scheme'))
    expect(kinds).toEqual([
      'evidence/tdx',
      'evidence/sgx',
      'evidence/snp',
      'evidence/tdx-gpu',
      'evidence/tdx-8-gpus-4-switches',
      'collateral/intel',
      'collateral/amd',
      'collateral/rim',
    ])
  })
})
