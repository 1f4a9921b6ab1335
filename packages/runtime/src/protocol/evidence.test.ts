import { bytesToHex, decode, encode, type Hash } from '@tacit/base'
import { native } from '@tacit/crypto/native'
import { describe, expect, it } from 'vitest'
import {
  cpuEvidence,
  evidence,
  evidenceHash,
  gpuDeviceSet,
  gpuEvidence,
  gpuEvidenceHash,
  gpuNonce,
  MAX_CPU_EVIDENCE_BYTES,
  MAX_EVIDENCE_BYTES,
  MAX_GPU_CHAIN_BYTES,
  MAX_GPU_DEVICES,
  MAX_GPU_REPORT_BYTES,
  MAX_OCSP_BYTES,
  MAX_OCSP_RESPONSES,
  MAX_QUOTE_BYTES,
  MAX_SNP_CERTIFICATE_BYTES,
  MAX_SNP_REPORT_BYTES,
  type GpuNonceBinding,
} from './evidence.ts'

const { hashes } = native
const filled = (byte: number, length = 32): Uint8Array => new Uint8Array(length).fill(byte)
const chains = ['chain one', 'chain two'].map((text) => ({
  certificateChain: new TextEncoder().encode(text),
}))
const BINDING: GpuNonceBinding = {
  genesis: filled(1) as Hash,
  instance: filled(2),
  purpose: { type: 'Registration' },
  recentNumber: 7,
  recentHash: filled(3) as Hash,
  devices: gpuDeviceSet(hashes, chains),
}

describe('the nonce of GPU evidence', () => {
  it('is the golden one; computed apart, with hashlib.blake2b of Python', () => {
    expect(bytesToHex(gpuNonce(hashes, BINDING))).toBe(
      '9b39dfac6a00aad0409783d88e63ad4483baf2e619c9f57ecfec8a754ba9ee75',
    )
  })

  it.each([
    ['the chain', { genesis: filled(9) as Hash }],
    ['the instance', { instance: filled(9) }],
    ['the recent block', { recentHash: filled(9) as Hash }],
    ['its number', { recentNumber: 8 }],
    ['the devices', { devices: gpuDeviceSet(hashes, chains.slice(1)) }],
    ['their order', { devices: gpuDeviceSet(hashes, chains.toReversed()) }],
  ])('binds %s', (_, change) => {
    expect(gpuNonce(hashes, { ...BINDING, ...change })).not.toEqual(gpuNonce(hashes, BINDING))
  })
})

describe('evidence', () => {
  const device = { certificateChain: Uint8Array.of(0x63), report: Uint8Array.of(0x72) }
  const gpu = { devices: [device], ocsp: [] }
  const cpu = { type: 'Dcap', value: { quote: filled(4, 9) } } as const

  it('has a hash for its GPU part, computed apart, and one for all of it', () => {
    expect(bytesToHex(gpuEvidenceHash(hashes, gpu))).toBe(
      '273675ac1702f537e183853ced8be79057417715c08743a6cb63a0b55792204a',
    )
    const without = evidenceHash(hashes, { cpu, gpu: undefined })
    expect(evidenceHash(hashes, { cpu, gpu })).not.toEqual(without)
    const stapled = { ...gpu, ocsp: [filled(1)] }
    expect(gpuEvidenceHash(hashes, stapled)).toEqual(gpuEvidenceHash(hashes, gpu))
    expect(evidenceHash(hashes, { cpu, gpu: stapled })).not.toEqual(
      evidenceHash(hashes, { cpu, gpu }),
    )
  })

  const largest = {
    cpu: { type: 'Dcap', value: { quote: filled(1, MAX_QUOTE_BYTES) } } as const,
    gpu: {
      devices: Array.from({ length: MAX_GPU_DEVICES }, () => ({
        certificateChain: filled(1, MAX_GPU_CHAIN_BYTES),
        report: filled(1, MAX_GPU_REPORT_BYTES),
      })),
      ocsp: Array.from({ length: MAX_OCSP_RESPONSES }, () => filled(1, MAX_OCSP_BYTES)),
    },
  }

  it('fits its declared size at its largest', () => {
    const bytes = encode(evidence, largest)
    expect(bytes.length).toBeLessThanOrEqual(MAX_EVIDENCE_BYTES)
    expect(decode(evidence, bytes)).toEqual({ ok: true, value: largest })
    expect(encode(cpuEvidence, largest.cpu).length).toBeLessThanOrEqual(MAX_CPU_EVIDENCE_BYTES)
  })

  it.each([
    ['quote', { type: 'Dcap', value: { quote: filled(0, MAX_QUOTE_BYTES + 1) } } as const],
    [
      'report',
      {
        type: 'SevSnp',
        value: { report: filled(0, MAX_SNP_REPORT_BYTES + 1), certificate: filled(0) },
      } as const,
    ],
    [
      'certificate',
      {
        type: 'SevSnp',
        value: { report: filled(0), certificate: filled(0, MAX_SNP_CERTIFICATE_BYTES + 1) },
      } as const,
    ],
  ])('is refused with a larger %s', (_, tooLarge) => {
    expect(refusal(cpuEvidence, tooLarge)).toBe('too_long')
  })

  it.each([
    ['device more', { devices: [...largest.gpu.devices, device], ocsp: [] }],
    ['response more', { devices: [], ocsp: [...largest.gpu.ocsp, filled(1)] }],
    ['response', { devices: [], ocsp: [filled(1, MAX_OCSP_BYTES + 1)] }],
    [
      'chain',
      { devices: [{ ...device, certificateChain: filled(0, MAX_GPU_CHAIN_BYTES + 1) }], ocsp: [] },
    ],
    ['report', { devices: [{ ...device, report: filled(0, MAX_GPU_REPORT_BYTES + 1) }], ocsp: [] }],
  ])('is refused with a larger %s of GPUs', (_, tooLarge) => {
    expect(refusal(gpuEvidence, tooLarge)).toBe('too_long')
  })
})

function refusal<T>(codec: Parameters<typeof encode<T>>[0], value: T): string {
  const decoded = decode(codec, encode(codec, value))
  return decoded.ok ? 'ok' : decoded.error.reason
}
