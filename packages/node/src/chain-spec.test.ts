import type { AccountId } from '@tacit/base'
import { expect, test } from 'vitest'
import { chainSpecToJson, developmentSpec, parseChainSpec } from './chain-spec.ts'

const SPEC = developmentSpec({
  timeMs: 1_700_000_000_000n,
  attestation: {
    roots: [
      {
        name: 'Root of this network',
        vendor: 'intel',
        certificate: Uint8Array.of(0x30, 0),
        fingerprint: new Uint8Array(32).fill(4),
      },
    ],
    measurements: [
      { role: { type: 'Contracts' }, measurement: new Uint8Array(32).fill(5) as never },
    ],
  },
})

const WHO = SPEC.genesis.balances[0]?.who as AccountId
const VESTING = [{ who: WHO, begin: 10, length: 1_000, liquid: 10n ** 12n }]

type Json = { [name: string]: unknown }

function json(): Json {
  const genesis = { ...SPEC.genesis, vesting: VESTING }
  return JSON.parse(JSON.stringify(chainSpecToJson({ ...SPEC, genesis }))) as Json
}

test('a specification survives its file', () => {
  const genesis = { ...SPEC.genesis, vesting: VESTING }
  expect(parseChainSpec(json())).toEqual({ ok: true, value: { ...SPEC, genesis } })
  const plain = JSON.parse(JSON.stringify(chainSpecToJson(SPEC))) as Json
  expect(parseChainSpec(plain)).toEqual({ ok: true, value: SPEC })
})

test('each way in which a specification can be wrong names the field', () => {
  const first = (list: unknown, changes: Json): Json[] =>
    (list as Json[]).map((item, at) => (at === 0 ? { ...item, ...changes } : item))
  const cases: readonly [string, (spec: Json) => unknown][] = [
    ['specification', () => []],
    ['specification.extra', (spec) => ({ ...spec, extra: 1 })],
    ['name', (spec) => ({ ...spec, name: '' })],
    ['id', (spec) => ({ ...spec, id: '../up' })],
    ['chainClass', (spec) => ({ ...spec, chainClass: 'test' })],
    ['timeMs', (spec) => ({ ...spec, timeMs: 1 })],
    ['authorities', (spec) => ({ ...spec, authorities: [] })],
    [
      'authorities[0].id',
      (spec) => ({ ...spec, authorities: first(spec['authorities'], { id: '0x00' }) }),
    ],
    [
      'authorities[0].weight',
      (spec) => ({ ...spec, authorities: first(spec['authorities'], { weight: '-1' }) }),
    ],
    [
      'authorities',
      (spec) => ({ ...spec, authorities: Array(2).fill((spec['authorities'] as Json[])[0]) }),
    ],
    ['balances', (spec) => ({ ...spec, balances: Array(2).fill((spec['balances'] as Json[])[0]) })],
    ['balances[0].free', (spec) => ({ ...spec, balances: first(spec['balances'], { free: '1' }) })],
    [
      'balances[0].account',
      (spec) => ({ ...spec, balances: first(spec['balances'], { account: 'x' }) }),
    ],
    ['vesting', (spec) => ({ ...spec, vesting: Array(2).fill((spec['vesting'] as Json[])[0]) })],
    [
      'vesting[0].account',
      (spec) => ({ ...spec, vesting: first(spec['vesting'], { account: `0x${'05'.repeat(32)}` }) }),
    ],
    [
      'vesting[0].begin',
      (spec) => ({ ...spec, vesting: first(spec['vesting'], { begin: '4294967296' }) }),
    ],
    [
      'vesting[0].length',
      (spec) => ({ ...spec, vesting: first(spec['vesting'], { length: '-1' }) }),
    ],
    [
      'vesting[0].liquid',
      (spec) => ({ ...spec, vesting: first(spec['vesting'], { liquid: '999999999999999001' }) }),
    ],
    ['attestation.roots', (spec) => ({ ...spec, attestation: { measurements: [] } })],
    [
      'attestation.measurements[0].role',
      (spec) => {
        const attestation = spec['attestation'] as Json
        const measurements = first(attestation['measurements'], { role: 'King' })
        return { ...spec, attestation: { ...attestation, measurements } }
      },
    ],
    [
      'attestation.roots[0].vendor',
      (spec) => {
        const attestation = spec['attestation'] as Json
        return {
          ...spec,
          attestation: { ...attestation, roots: first(attestation['roots'], { vendor: 'me' }) },
        }
      },
    ],
  ]
  for (const [field, change] of cases)
    expect(parseChainSpec(change(json()))).toMatchObject({
      ok: false,
      error: { code: 'chain_spec_invalid', field },
    })
})
