import { unwrap, type Result } from '@tacit/base'
import { webcrypto } from '@tacit/crypto/webcrypto'
import type { RimSpec } from '@tacit/platform-dev'
import { describe, expect, test } from 'vitest'
import { decideAsync } from '../../assessment.ts'
import { evidenceFolder, NOW, readListedFile, verify } from '../../testing/kit.ts'
import { LISTED_RIMS, RIMS_AT } from '../../testing/nvidia-samples.ts'
import { RIM_CASES } from '../../testing/rim-cases.ts'
import { attackedRim, DRIVER, rimAuthority, rimInput } from '../../testing/rim-kit.ts'
import { NVIDIA_RIM_ROOT_CA } from '../roots.ts'
import type { RimError } from './errors.ts'
import { assessRim, decideRim, type RimInput, type RimVerdict } from './rim.ts'

const authority = rimAuthority
const digest = (fill: number): Uint8Array => new Uint8Array(48).fill(fill)

function inputOf(rim: Uint8Array, now: number = NOW): RimInput {
  return { ...rimInput(rim), now }
}

function decide(rim: Uint8Array, now: number = NOW): Result<RimVerdict, RimError> {
  return decideRim(inputOf(rim, now), verify)
}

describe('real manifests', () => {
  test('nine are listed', () => {
    expect(LISTED_RIMS).toHaveLength(9)
  })

  test.runIf(evidenceFolder !== undefined).each(LISTED_RIMS)(
    '$path on 2026-06-01: $expected',
    ({ path, expected }) => {
      const decided = decide(readListedFile(evidenceFolder ?? '', path), RIMS_AT)
      expect(decided.ok ? 'verified' : decided.error.code).toBe(expected)
    },
  )

  test.runIf(evidenceFolder !== undefined)('say what they say', () => {
    const verified = (path: string, now?: number): RimVerdict =>
      unwrap(decide(readListedFile(evidenceFolder ?? '', path), now))
    const driver = verified('nvidia/nvsdk__NV_GPU_DRIVER_GH100_550.144.03.xml')
    expect(driver).toMatchObject({
      id: '8aa5c875798aecff29b7e3ca2e564ccbda4d47c37276f44f927ffc2ca17d84b1ec3198c69854bbe1556270c1feb493cd',
      kind: 'driver',
      version: '550.144.03',
      product: 'GH100',
      device: 'gpu',
      minimumSvns: [],
      root: {
        name: NVIDIA_RIM_ROOT_CA.name,
        vendor: 'nvidia',
        fingerprint: NVIDIA_RIM_ROOT_CA.fingerprint,
      },
      verifiedAt: NOW,
      latestIssue: Date.UTC(2024, 11, 30, 16, 56, 50) / 1000,
      earliestExpiry: Date.UTC(2026, 11, 30, 16, 56, 50) / 1000,
      signatureChecks: 4,
    })
    expect([...driver.values.keys()]).toEqual(Array.from({ length: 64 }, (_, index) => index))
    expect([...driver.values.values()].filter(({ active }) => active)).toHaveLength(21)
    expect(driver.names.get(38)).toBe('HashedMeasurement_38_GSP')
    const bios = 'nvidia/nvsdk__switchVBIOSRim_NV_SWITCH_BIOS_5612_0002_890_9610550001.xml'
    expect(verified(bios)).toMatchObject({
      kind: 'vbios',
      product: 'LS10',
      device: 'switch',
      version: '96.10.55.00.01',
    })
    const vbios = 'nvidia/nvtrust__samples__1010_0200_882_96005E0001_PROD.swidtag'
    expect(verified(vbios, Date.UTC(2024, 6, 1) / 1000)).toMatchObject({
      kind: 'vbios',
      version: '96.00.5E.00.01',
    })
  })

  test.runIf(evidenceFolder !== undefined)('an expired one says when it held', () => {
    const from = Date.UTC(2023, 5, 23, 9, 30, 33) / 1000
    const until = Date.UTC(2025, 5, 22, 9, 30, 33) / 1000
    const path = 'nvidia/nvtrust__samples__1010_0200_882_96005E0001_PROD.swidtag'
    expect(decide(readListedFile(evidenceFolder ?? '', path))).toEqual({
      ok: false,
      error: {
        code: 'certificate_expired',
        certificate: 'rim_signer',
        validFrom: from,
        validUntil: until,
        verifiable: { from, until },
      },
    })
  })
})

test('a manifest of the development authority says what was put in', () => {
  const verdict = unwrap(decide(authority.writeRim(DRIVER)))
  expect(verdict).toMatchObject({
    kind: 'driver',
    product: 'GH100',
    device: 'gpu',
    version: '550.144.03',
  })
  expect(verdict.values.size).toBe(64)
  expect(verdict.values.get(6)).toEqual({ alternatives: [digest(0)], active: false })
  expect(verdict.values.get(7)).toEqual({ alternatives: [digest(1)], active: true })
  expect(verdict.values.get(8)).toEqual({ alternatives: [digest(2), digest(3)], active: true })
  expect(verdict.minimumSvns).toEqual([{ fieldType: 37, name: 'OpaqueData_37', minimum: 5n }])
  expect(verdict.root.fingerprint).toEqual(authority.root.fingerprint)
})

test('a VBIOS of a switch', () => {
  const spec: RimSpec = {
    version: '96.10.55.00.01',
    product: 'LS10',
    device: 'switch',
    values: DRIVER.values,
  }
  expect(unwrap(decide(authority.writeRim(spec)))).toMatchObject({
    kind: 'vbios',
    product: 'LS10',
    device: 'switch',
  })
})

test('WebCrypto decides the same', async () => {
  const input = inputOf(authority.writeRim(DRIVER))
  const assessment = unwrap(assessRim(input))
  const decided = await decideAsync(assessment, (check) => webcrypto.verify(check))
  expect(decided).toEqual(decideRim(input, verify))
})

test('a root of another vendor is passed over', () => {
  const roots = [{ ...authority.root, vendor: 'amd' as const }]
  const input = { ...inputOf(authority.writeRim(DRIVER)), roots }
  expect(decideRim(input, verify)).toEqual({
    ok: false,
    error: { code: 'root_untrusted', chain: 'rim' },
  })
})

const honest = authority.writeRim(DRIVER)

test.each(RIM_CASES)('refused: $name', ({ attack, expected }) => {
  const input = attackedRim(attack)
  expect(input.rim).not.toEqual(honest)
  expect(decideRim(input, verify)).toMatchObject({ ok: false, error: expected })
})
