import { bytesToHex, unwrap, utf8 } from '@tacit/base'
import { describe, expect, test } from 'vitest'
import { createVerifier, DAY, NOW } from '../testing/kit.ts'
import { GPU_NONCE, gpuPlatform, launched } from '../testing/nvidia-kit.ts'
import { parseNvidiaBundle, parseNvidiaEvidence } from './evidence-json.ts'
import { decideGpuSet } from './gpu-set.ts'

const { device, input } = launched()
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
const nonce = bytesToHex(GPU_NONCE)
const item = {
  arch: 'HOPPER',
  nonce,
  evidence: base64(input.report),
  certificate: base64(input.chain),
  version: '1.0',
}
const bundle = {
  name: 'a GPU',
  nonce,
  devices: [
    {
      arch: 'HOPPER',
      report: bytesToHex(input.report),
      chain: Buffer.from(input.chain).toString(),
    },
  ],
  rims: device.rims().map((rim) => Buffer.from(rim).toString()),
  ocsp: device.ocspAll().map(bytesToHex),
  verify_at: '2026-06-01T00:00:00Z',
}
const json = (value: unknown): Uint8Array => utf8(JSON.stringify(value))
const context = { roots: input.roots, hashes: input.hashes, now: NOW }

function problem(result: ReturnType<typeof parseNvidiaEvidence | typeof parseNvidiaBundle>) {
  return result.ok ? undefined : `${result.error.reason} ${result.error.path}`
}

describe("the JSON of NVIDIA's tools", () => {
  test.each([
    ['a list', [item]],
    ['what the remote service takes', { nonce, arch: 'HOPPER', evidence_list: [item] }],
    [
      'the same with the architecture once',
      { nonce, arch: 'HOPPER', evidence_list: [{ ...item, arch: undefined }] },
    ],
  ])('%s', (_, value) => {
    const evidence = unwrap(parseNvidiaEvidence(json(value)))
    expect(evidence).toEqual({
      nonce: GPU_NONCE,
      devices: [{ report: input.report, chain: input.chain, architecture: 'HOPPER' }],
    })
    const decided = decideGpuSet({ ...context, ...evidence }, createVerifier())
    expect(decided.ok).toBe(true)
  })

  test('without an architecture there is none to check', () => {
    const { arch: _, ...rest } = item
    const evidence = unwrap(parseNvidiaEvidence(json({ nonce, evidence_list: [rest] })))
    expect(evidence.devices[0]).toEqual({ report: input.report, chain: input.chain })
  })

  test.each([
    ['no list', 7, 'value_invalid '],
    ['an empty list', [], 'value_invalid '],
    ['seventeen devices', Array.from({ length: 17 }, () => item), 'too_many '],
    ['no nonce', [{ ...item, nonce: undefined }], 'missing [0].nonce'],
    ['a short nonce', [{ ...item, nonce: nonce.slice(2) }], 'value_invalid [0].nonce'],
    ['two nonces', [item, { ...item, nonce: '00'.repeat(32) }], 'value_invalid [1].nonce'],
    ['no architecture', [{ ...item, arch: undefined }], 'missing [0].arch'],
    ['a long architecture', [{ ...item, arch: 'x'.repeat(33) }], 'value_invalid [0].arch'],
    ['evidence that is not base64', [{ ...item, evidence: '*' }], 'value_invalid [0].evidence'],
    ['no certificate', [{ ...item, certificate: undefined }], 'missing [0].certificate'],
    ['a long report', [{ ...item, evidence: 'A'.repeat(1 << 17) }], 'value_invalid [0].evidence'],
  ])('%s', (_, value, expected) => {
    expect(problem(parseNvidiaEvidence(json(value)))).toBe(expected)
  })

  test('more than 1 MiB is refused', () => {
    expect(problem(parseNvidiaEvidence(new Uint8Array((1 << 20) + 1)))).toBe('too_long ')
  })
})

describe('a bundle', () => {
  test('has all that verification needs', () => {
    const read = unwrap(parseNvidiaBundle(json(bundle)))
    expect(read).toMatchObject({ name: 'a GPU', nonce: GPU_NONCE, verifyAt: NOW })
    const decided = decideGpuSet({ ...context, ...read }, createVerifier())
    expect(decided).toMatchObject({
      value: {
        earliestExpiry: NOW + DAY,
        devices: [{ rims: { driver: { status: 'matched' }, vbios: { status: 'matched' } } }],
      },
    })
  })

  test('needs no collateral, name or time', () => {
    const { devices } = bundle
    const read = unwrap(parseNvidiaBundle(json({ nonce, devices })))
    expect(read).toMatchObject({ name: undefined, rims: [], ocsp: [], verifyAt: undefined })
  })

  test.each([
    ['no devices', { ...bundle, devices: [] }, 'value_invalid devices'],
    ['no chain', { ...bundle, devices: [{ report: '00' }] }, 'missing devices[0].chain'],
    [
      'a report that is not hex',
      { ...bundle, devices: [{ report: 'x', chain: '' }] },
      'value_invalid devices[0].report',
    ],
    ['a response that is not hex', { ...bundle, ocsp: ['x'] }, 'value_invalid ocsp[0]'],
    ['a manifest that is no text', { ...bundle, rims: [1] }, 'value_invalid rims[0]'],
    ['nine manifests', { ...bundle, rims: Array.from({ length: 9 }, () => '') }, 'too_many rims'],
    ['65 responses', { ...bundle, ocsp: Array.from({ length: 65 }, () => '') }, 'too_many ocsp'],
    ['no time', { ...bundle, verify_at: 'now' }, 'value_invalid verify_at'],
  ])('%s', (_, value, expected) => {
    expect(problem(parseNvidiaBundle(json(value)))).toBe(expected)
  })
})

test('the platform of the tests is the same for the same seed', () => {
  expect(gpuPlatform.launch().report(GPU_NONCE)).toEqual(input.report)
})
