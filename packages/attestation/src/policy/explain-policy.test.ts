import { describe, expect, test } from 'vitest'
import { DCAP_RULES } from './dcap-rules.ts'
import { explainFailure, explainPolicy } from './explain-policy.ts'
import { NVIDIA_RULES, NVIDIA_SET_RULES } from './nvidia-rules.ts'
import { SNP_RULES } from './snp-rules.ts'
import type { PolicyRule } from './evaluate.ts'

test('a policy that accepts is one line', () => {
  const result = { policy: 'mine', accepted: true, failed: [] }
  expect(explainPolicy(result)).toEqual(['policy     mine: accepted'])
})

test('each broken rule is a line: what it means, what was found, what is accepted', () => {
  const failed = [
    { rule: 'tees', found: 'sgx', accepted: ['tdx', 'nvidia'] },
    { rule: 'dcap.ppids', found: '00ff', accepted: [] },
    { rule: 'nvidia.kinds', found: 'switch', accepted: ['gpu'], device: 3 },
    { rule: 'sevSnp', found: 'sev-snp', accepted: null },
    { rule: 'sevSnp.guestPolicy', found: { smtAllowed: true }, accepted: { smtAllowed: false } },
  ] as const
  expect(explainPolicy({ policy: 'mine', accepted: false, failed })).toEqual([
    'policy     mine: REFUSED',
    '  - tees: the policy does not take this kind of evidence; found sgx, accepted tdx, nvidia',
    '  - dcap.ppids: the platform is not on the list; found 00ff, accepted none',
    '  - device 3, nvidia.kinds: the policy does not take this kind of device; ' +
      'found switch, accepted gpu',
    '  - sevSnp: the policy has no rules for AMD SEV-SNP, so it does not trust it; found sev-snp, ' +
      'accepted nothing',
    '  - sevSnp.guestPolicy: the guest was launched with another policy; ' +
      'found {"smtAllowed":true}, accepted {"smtAllowed":false}',
  ])
})

test('long lists are cut', () => {
  const accepted = Array.from({ length: 1000 }, () => '00'.repeat(16))
  const line = explainFailure({ rule: 'dcap.ppids', found: '00', accepted })
  expect(line.length).toBeLessThan(300)
  expect(line).toMatch(/\.\.\.$/)
})

describe('every rule has a sentence of its own', () => {
  const sections = {
    dcap: DCAP_RULES,
    sevSnp: SNP_RULES,
    nvidia: { ...NVIDIA_RULES, ...NVIDIA_SET_RULES },
  }
  const rules = Object.entries(sections).flatMap(([section, table]) => {
    return Object.keys(table).map((name) => `${section}.${name}` as PolicyRule)
  })

  test.each(rules)('%s', (rule) => {
    expect(explainFailure({ rule, found: 1, accepted: 2 })).toMatch(
      /: [^;]{10,}; found 1, accepted 2$/,
    )
  })
})
