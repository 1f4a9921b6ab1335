import { bytesToHex, unwrap, utf8, type Result } from '@tacit/base'
import { webcrypto } from '@tacit/crypto/webcrypto'
import { expect, test } from 'vitest'
import { decideAsync } from '../../assessment.ts'
import { cpuMs } from '../../testing/cpu-ms.ts'
import { flipped, NOW, verify } from '../../testing/kit.ts'
import { NRAS_CASES } from '../../testing/nras-cases.ts'
import { NRAS_NONCE, nrasInput, nrasService } from '../../testing/nras-kit.ts'
import type { NrasError } from './errors.ts'
import { assessNras, decideNras, NRAS_ISSUER, type NrasInput, type NrasVerdict } from './nras.ts'

function decide(input: NrasInput): Result<NrasVerdict, NrasError> {
  return decideNras(input, verify)
}

test('every claim comes by its name', () => {
  const verdict = unwrap(decide(nrasInput()))
  expect(verdict).toMatchObject({
    issuer: NRAS_ISSUER,
    claimsVersion: '3.0',
    nonce: NRAS_NONCE,
    undisclosed: [],
    verifiedAt: NOW,
    latestIssue: NOW,
    earliestExpiry: NOW + 3600,
    signatureChecks: 3,
  })
  const ueid = bytesToHex(verdict.devices[0]?.ueid ?? new Uint8Array())
  expect(BigInt(`0x${ueid}`)).toBe(490457405999046854973671575630853621547794591064n)
  expect(verdict.devices.map(({ name }) => name)).toEqual(['GPU-0', 'GPU-1'])
  expect({ ...verdict.devices[0], ueid: undefined }).toEqual({
    name: 'GPU-0',
    kind: 'gpu',
    hardwareModel: 'GH100 A01 GSP BROM',
    ueid: undefined,
    oemId: '5703',
    driverVersion: '550.144.03',
    vbiosVersion: '96.00.9F.00.01',
    secureBoot: true,
    debugStatus: 'disabled',
    measurements: 'success',
    warning: undefined,
    checks: {
      secboot: true,
      'x-nvidia-gpu-arch-check': true,
      'x-nvidia-gpu-attestation-report-nonce-match': true,
      'x-nvidia-gpu-attestation-report-signature-verified': true,
    },
    chains: {
      'x-nvidia-gpu-attestation-report-cert-chain': {
        status: 'valid',
        ocspStatus: 'good',
        expiration: '9999-12-31T23:59:59',
        revocationReason: undefined,
      },
    },
  })
})

test('switches, nulls and what is not there', () => {
  const devices = {
    'SWITCH-0': {
      secboot: null,
      dbgstat: null,
      ueid: undefined,
      'x-nvidia-attestation-warning': 'on hold',
    },
  }
  const [device] = unwrap(decide(nrasInput(nrasService, devices))).devices
  expect(device).toMatchObject({
    kind: 'switch',
    driverVersion: undefined,
    vbiosVersion: '96.10.55.00.01',
    secureBoot: undefined,
    debugStatus: undefined,
    ueid: undefined,
    warning: 'on hold',
  })
})

test('a failed claim of one device is for a policy to judge', () => {
  const devices = {
    'GPU-0': { measres: 'fail', 'x-nvidia-gpu-arch-check': false, dbgstat: 'enabled' },
  }
  const [device] = unwrap(decide(nrasInput(nrasService, devices))).devices
  expect(device).toMatchObject({ measurements: 'fail', debugStatus: 'enabled' })
  expect(device?.checks['x-nvidia-gpu-arch-check']).toBe(false)
})

test('the overall token alone names devices that it does not disclose', () => {
  const input = nrasInput()
  const json: unknown = JSON.parse(new TextDecoder().decode(input.result))
  const [[, overall]] = json as [[string, string]]
  const bare = { ...input, result: utf8(`${overall}\n`) }
  expect(unwrap(decide(bare))).toMatchObject({
    devices: [],
    undisclosed: ['GPU-0', 'GPU-1'],
    signatureChecks: 1,
  })
  expect(decide({ ...bare, result: new Uint8Array(70_000) })).toEqual({
    ok: false,
    error: { code: 'nras_malformed', token: 'result', reason: 'too_long', path: '' },
  })
  expect(decide({ ...bare, result: Uint8Array.of(0xff) })).toMatchObject({
    ok: false,
    error: { code: 'nras_malformed', token: 'result', reason: 'not_utf8' },
  })
})

test('claims of version 2.0, which have no nbf in device tokens and a digest without a hyphen', () => {
  const old = nrasService.attack({
    editClaims: (token, claims) => {
      claims['nbf'] = undefined
      if (token !== 'overall') return
      claims['x-nvidia-ver'] = '2.0'
      claims['submods'] = JSON.parse(
        JSON.stringify(claims['submods']).replaceAll('SHA-256', 'SHA256'),
      )
    },
  })
  expect(unwrap(decide(nrasInput(old))).claimsVersion).toBe('2.0')
})

test('the key of the first certificate, where a key has no coordinates', () => {
  const certified = nrasService.attack({
    editKeys: ({ keys }) => void Object.assign(keys[0] ?? {}, { x: undefined, y: undefined }),
  })
  expect(decide(nrasInput(certified)).ok).toBe(true)
})

test('another issuer, where the caller names it', () => {
  const staging = 'https://nras.attestation-stg.nvidia.com'
  const other = nrasService.attack({ editClaims: (_, claims) => void (claims['iss'] = staging) })
  expect(unwrap(decide({ ...nrasInput(other), issuer: staging })).issuer).toBe(staging)
})

test('WebCrypto decides the same', async () => {
  const assessment = unwrap(assessNras(nrasInput()))
  expect(await decideAsync(assessment, (check) => webcrypto.verify(check))).toEqual(
    decide(nrasInput()),
  )
})

test.each(NRAS_CASES)('refused: $name', ({ attack, expected }) => {
  expect(decide(nrasInput(nrasService.attack(attack)))).toMatchObject({
    ok: false,
    error: expected,
  })
})

test('every changed byte is refused', () => {
  const input = nrasInput(nrasService, { 'GPU-0': {} })
  for (let at = 0; at < input.result.length; at += 3) {
    const mutant = { ...input, result: flipped(input.result, at, 1 << (at % 7)) }
    expect(decide(mutant).ok, `at ${at}`).toBe(false)
  }
})

test('the longest answer costs no more than 50 ms', () => {
  const claims = Object.fromEntries(
    Array.from({ length: 100 }, (_, at) => [`x-${at}`, 'a'.repeat(300)]),
  )
  const devices = Object.fromEntries(Array.from({ length: 6 }, (_, at) => [`GPU-${at}`, claims]))
  const input = nrasInput(nrasService, devices)
  expect(input.result.length).toBeGreaterThan(200_000)
  expect(cpuMs(() => unwrap(decide(input)))).toBeLessThan(50)
})
