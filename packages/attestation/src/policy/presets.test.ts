import { bytesToHex, utf8 } from '@tacit/base'
import { native } from '@tacit/crypto/native'
import { describe, expect, test } from 'vitest'
import type { DcapVerdict } from '../dcap/verdict.ts'
import { decideSnp } from '../sev-snp/verify.ts'
import { readGuestPolicy } from '../sev-snp/guest-policy.ts'
import { decide, evidenceFolder, honest, loadBundles, platformOf, tdx } from '../testing/kit.ts'
import { loadSnpSamples } from '../testing/snp-samples.ts'
import { nvidiaVerdict, ROOT, snpVerdict } from '../testing/verdicts.ts'
import type { Verdict } from '../verdict.ts'
import { evaluatePolicy } from './evaluate.ts'
import { parsePolicy } from './parse-policy.ts'
import { developmentPolicy, PRODUCTION_POLICY } from './presets.ts'

const verdict = verdictOf(tdx())

function verdictOf(input: Parameters<typeof decide>[0]): DcapVerdict {
  const decided = decide(input)
  if (!decided.ok) throw new Error(decided.error.code)
  return decided.value
}

function rules(of: Verdict, policy = PRODUCTION_POLICY): readonly string[] {
  return evaluatePolicy(of, policy).failed.map(({ rule }) => rule)
}

test('development accepts the roots that it is given, production refuses them', () => {
  const development = developmentPolicy([honest.root, ROOT])
  for (const one of [verdict, snpVerdict(), nvidiaVerdict()]) {
    expect(rules(one, development)).toEqual([])
    expect(rules(one)).toEqual(['roots'])
  }
  expect(rules(verdict, developmentPolicy([]))).toEqual(['roots'])
  expect(developmentPolicy([]).roots).toEqual(PRODUCTION_POLICY.roots)
})

test('development refuses what is revoked, and what differs from its manifest', () => {
  const revoked = verdictOf(tdx(platformOf({ status: 'Revoked' })))
  expect(rules(revoked, developmentPolicy([honest.root]))).toEqual(['dcap.statuses'])
  const { rims } = nvidiaVerdict()
  const vbios = { status: 'mismatched', id: 'V', mismatches: [0], belowFloor: [] } as const
  const other = nvidiaVerdict({ rims: { ...rims, vbios } })
  expect(rules(other, developmentPolicy([ROOT]))).toEqual(['nvidia.rims'])
})

describe('production', () => {
  const guest = snpVerdict()
  const gpu = nvidiaVerdict()
  const migratable = readGuestPolicy(Uint8Array.of(0, 0, 7, 0, 0, 0, 0, 0))
  const old = { ...guest.tcb, reported: { ...guest.tcb.reported, snp: 0x1a } }

  test.each<[string, Verdict]>([
    ['debug', snpVerdict({ debug: true })],
    ['requireRevocationKnown', snpVerdict({ revocationKnownUntil: undefined })],
    ['sevSnp.families', snpVerdict({ family: 'Milan' })],
    ['sevSnp.deniedAdvisories', snpVerdict({ tcb: old })],
    ['sevSnp.guestPolicy', snpVerdict({ policy: migratable })],
    [
      'sevSnp.deniedAdvisories',
      snpVerdict({ platformInfo: { ...guest.platformInfo, aliasCheckComplete: false } }),
    ],
    [
      'sevSnp.refuseUnknownPolicyBits',
      snpVerdict({ policy: { ...guest.policy, unknownBits: [63] } }),
    ],
    ['sevSnp.maxCollateralAgeSeconds', snpVerdict({ issued: { endorsement: 0, crl: 0 } })],
    ['nvidia.rims', nvidiaVerdict({ rims: { ...gpu.rims, driver: { status: 'absent' } } })],
    ['nvidia.requireFirmwareId', nvidiaVerdict({ firmwareId: 'not_in_report' })],
    [
      'nvidia.refuseCertificateHold',
      nvidiaVerdict({ revocation: { ...gpu.revocation, onHold: ['device'] } }),
    ],
  ])('refuses by %s', (rule, one) => {
    expect(rules(one)).toEqual(['roots', rule].toSorted((a) => (a === 'roots' ? -1 : 1)))
  })

  test.runIf(evidenceFolder !== undefined)('accepts exactly these real bundles', () => {
    const accepted = loadBundles().filter(({ input }) => {
      return evaluatePolicy(verdictOf(input), PRODUCTION_POLICY).accepted
    })
    expect(accepted.map(({ name }) => name)).toEqual([
      'tdx-v4-dstack',
      'tdx-v4-near',
      'tdx-v4-phala',
      'tdx-v5-gotdx',
    ])
  })
})

test.runIf(evidenceFolder !== undefined)('what production finds in real SEV-SNP reports', () => {
  const found = loadSnpSamples().map(({ name, input }) => {
    const decided = decideSnp(input, (check) => native.verify(check))
    // No revocation list is public, so that rule would hide the others.
    const policy = { ...PRODUCTION_POLICY, requireRevocationKnown: false }
    return [name, decided.ok ? rules(decided.value, policy).join(' ') : decided.error.code]
  })
  expect(Object.fromEntries(found)).toMatchInlineSnapshot(`
    {
      "genoa-v3-azure": "sevSnp.deniedAdvisories",
      "milan-v2-azure-hcl": "sevSnp.families sevSnp.deniedAdvisories",
      "milan-v2-debug-google": "debug sevSnp.families sevSnp.deniedAdvisories",
      "milan-v2-trustee": "sevSnp.families sevSnp.deniedAdvisories",
      "milan-v2-trustee-altered-vcek": "vcek_signature_invalid",
      "milan-v2-trustee-altered-vcek-octets": "vcek_signature_invalid",
      "milan-v2-virtee": "sevSnp.families sevSnp.deniedAdvisories",
      "milan-v3-azure-1": "sevSnp.families",
      "milan-v3-azure-2": "sevSnp.families",
      "milan-v3-microsoft": "sevSnp.families",
      "turin-v5-microsoft": "",
      "turin-v5-other-chip": "report_signature_invalid",
    }
  `)
})

test.each([PRODUCTION_POLICY, developmentPolicy([honest.root])])(
  '$name is a policy in JSON',
  (one) => {
    expect(parsePolicy(utf8(JSON.stringify(one)))).toEqual({ ok: true, value: one })
    expect(one.roots.every((root) => root.length === 64)).toBe(true)
    expect(one.roots).not.toContain(bytesToHex(new Uint8Array(32)))
  },
)
