import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bytesToHex, parseHex, unwrap, utf8 } from '@tacit/base'
import { describe, expect, test, vi } from 'vitest'
import { decide, evidenceFolder, loadBundles } from '../testing/kit.ts'
import { snpVerdict } from '../testing/verdicts.ts'
import { DCAP_RULES } from './dcap-rules.ts'
import { evaluatePolicy } from './evaluate.ts'
import { NVIDIA_RULES, NVIDIA_SET_RULES } from './nvidia-rules.ts'
import { parsePolicy } from './parse-policy.ts'
import type { Policy } from './policy.ts'
import { SNP_RULES } from './snp-rules.ts'

const DOCS = readFileSync(join(import.meta.dirname, '../../../../docs/policy.md'), 'utf8')

function policies(): readonly Policy[] {
  return [...DOCS.matchAll(/```json\n([^]+?)```/g)].map(([, text = '']) => {
    const parsed = parsePolicy(utf8(text))
    if (!parsed.ok) throw new Error(`${parsed.error.reason} at ${parsed.error.path}`)
    return parsed.value
  })
}

describe('docs/policy.md', () => {
  const names = [DCAP_RULES, SNP_RULES, NVIDIA_RULES, NVIDIA_SET_RULES].flatMap((rules) =>
    Object.keys(rules),
  )
  const common = ['roots', 'debug', 'tees', 'maxEvidenceAgeSeconds', 'maxCollateralAgeSeconds']

  test.each([...new Set([...names, ...common, 'requireRevocationKnown', 'holds', 'nrasIssuers'])])(
    'speaks of %s',
    (name) => {
      expect(DOCS).toContain(`\`${name}\``)
    },
  )

  test.runIf(evidenceFolder !== undefined)('the policy for a TDX program takes one alone', () => {
    const [policy] = policies()
    const accepted = loadBundles().flatMap(({ name, input }) => {
      const decided = decide(input)
      return policy && decided.ok && evaluatePolicy(decided.value, policy).accepted ? [name] : []
    })
    expect(accepted).toEqual(['tdx-v4-dstack'])
  })

  test('the policy for two machines takes these alone', () => {
    const [, policy] = policies()
    if (policy === undefined) throw new Error('no policy')
    const [chip = ''] = policy.sevSnp?.chipIds ?? []
    const [root = ''] = policy.roots
    const smtAllowed = false
    const guest = snpVerdict({
      chipId: unwrap(parseHex(chip)),
      root: { name: 'ARK', vendor: 'amd', fingerprint: unwrap(parseHex(root)) },
      policy: { ...snpVerdict().policy, smtAllowed },
    })
    expect(evaluatePolicy(guest, policy).failed).toEqual([])
    const other = { ...guest, chipId: snpVerdict().chipId }
    expect(evaluatePolicy(other, policy).failed).toEqual([
      {
        rule: 'sevSnp.chipIds',
        found: bytesToHex(other.chipId),
        accepted: policy.sevSnp?.chipIds,
      },
    ])
  })

  test('the code runs', async () => {
    const code = /```ts\n([^]+?)```/.exec(DOCS)?.[1] ?? ''
    const given = [
      `import { snpVerdict } from '../../src/testing/verdicts.ts'`,
      `import { PRODUCTION_POLICY } from '@tacit/attestation'`,
      `const verdict = snpVerdict()`,
      `const readFile = async () => new TextEncoder().encode(JSON.stringify(PRODUCTION_POLICY))`,
    ]
    const dist = join(import.meta.dirname, '../../dist')
    mkdirSync(dist, { recursive: true })
    const target = mkdtempSync(join(dist, 'docs-'))
    const script = join(target, 'example.ts')
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
    try {
      writeFileSync(script, `${given.join('\n')}\n${code}`)
      await import(script)
      expect(log.mock.calls.flat().join('\n')).toMatch(
        /^policy {5}production: REFUSED\n {2}- roots: /,
      )
    } finally {
      log.mockRestore()
      rmSync(target, { recursive: true })
    }
  })
})
