import { bytesToHex, unwrap } from '@tacit/base'
import { expect, test } from 'vitest'
import { explainError, explainVerdict } from '../explain.ts'
import { createVerifier } from '../testing/kit.ts'
import { GPU_NONCE, gpuPlatform, launched, machine, setInput } from '../testing/nvidia-kit.ts'
import { withCollateral } from '../testing/nvidia-cases/case.ts'
import { withBlock } from '../testing/nvidia-cases/reports.ts'
import { nvidiaVerdict } from '../testing/verdicts.ts'
import { verdictToJson } from '../verdict-json.ts'
import { decideGpuSet } from './gpu-set.ts'
import type { GpuSetError } from './errors.ts'
import { describeNvidia } from './explain.ts'
import { decideNvidia } from './verify.ts'

const verify = createVerifier()
const short = (bytes: Uint8Array): string => bytesToHex(bytes.subarray(0, 8))

test('a GPU with manifests and OCSP responses', () => {
  const { device, input } = launched()
  const verdict = unwrap(decideNvidia(withCollateral(input, device), verify))
  const { name, fingerprint } = gpuPlatform.root
  expect(explainVerdict(verdict)).toEqual([
    'NVIDIA Hopper GPU, GH100 A01 GSP BROM; 16 signatures verified',
    `vouched for by ${name} (${short(fingerprint)})`,
    `nonce      ${bytesToHex(GPU_NONCE)}`,
    `device     PDI ${bytesToHex(device.pdi)}, UEID ${bytesToHex(verdict.ueid)}`,
    'board      project 1010, SKU 0200, chip SKU 882',
    "driver     550.144.03: measured as NVIDIA's manifest says",
    "VBIOS      96.00.9F.00.01: measured as NVIDIA's manifest says",
    `firmware   ${bytesToHex(device.fwid)}, named alike by report and certificate`,
    'mode       SPT: one GPU for a guest',
    'PCIe       protection disabled',
    'NVDEC0     disabled',
    'debug      no',
    'revocation none known until 2026-06-02T00:00:00Z',
    'valid      2026-05-31T00:00:00Z to 2026-06-02T00:00:00Z, checked for 2026-06-01T00:00:00Z',
  ])
})

test('a switch of which little is known', () => {
  const { input } = launched({ architecture: 'LS10' })
  const lines = explainVerdict(unwrap(decideNvidia(input, verify)))
  expect(lines[0]).toBe('NVIDIA LS10 switch, LS_10 A01 FSP BROM; 5 signatures verified')
  expect(lines).toContain('VBIOS      96.10.55.00.01: no manifest to compare it with')
  expect(lines).toContain('revocation not known: no OCSP response was given')
  expect(lines.join('\n')).toMatch(/firmware {3}[0-9a-f]{96}, named by the certificate alone/)
  expect(lines.join('\n')).not.toMatch(/driver|mode|PCIe|NVDEC0|board/)
})

test('whatever is wrong is said', () => {
  const { device, input } = launched({}, withBlock(25, new Uint8Array(48)))
  const ocsp = [device.ocsp('device', { status: 'revoked', reason: 6 })]
  const held = { ...input, rims: device.rims(), ocsp, allowCertificateHold: true }
  const lines = explainVerdict(unwrap(decideNvidia(held, verify)))
  expect(lines).toContain("driver     550.144.03: NOT as NVIDIA's manifest says, at 25")
  expect(lines).toContain(
    'revocation none known until 2026-06-02T00:00:00Z, not known of identity_ca, provisioner_ca, rim_product_ca, rim_issuing_ca, rim_signer',
  )
  expect(lines).toContain('hold       ON HOLD: device')
  const worst = nvidiaVerdict({
    fwid: undefined,
    firmwareId: 'not_in_certificate',
    debug: true,
    driverVersion: undefined,
    projectSku: undefined,
    rims: {
      driver: { status: 'mismatched', id: 'D', mismatches: [1, 2], belowFloor: ['a', 'b'] },
      vbios: { status: 'mismatched', id: 'V', mismatches: [], belowFloor: ['c'] },
    },
  })
  expect(describeNvidia(worst).lines).toEqual(
    expect.arrayContaining([
      'board      project 1010, SKU ?, chip SKU 882',
      "driver     unnamed: NOT as NVIDIA's manifest says, at 1, 2 and below the floor of a, b",
      "VBIOS      96.00.9F.00.01: NOT as NVIDIA's manifest says, below the floor of c",
      'firmware   no identity, NOT named by the certificate',
      'debug      YES: its memory is open to its host',
    ]),
  )
})

test('a machine, device by device', () => {
  const verdict = unwrap(decideGpuSet(setInput(), verify))
  const lines = explainVerdict(verdict)
  expect(lines[0]).toBe('8 NVIDIA GPUs and 4 switches, Hopper and LS10; 39 signatures verified')
  expect(lines).toContain(
    'links      eight GPUs and four switches, linked to each other and to nothing else',
  )
  expect(lines).toContain(
    `device 11  LS_10 A01 FSP BROM, PDI ${bytesToHex(machine[11]?.pdi ?? GPU_NONCE)}`,
  )
  expect(lines.filter((line) => line.startsWith('  driver     550.144.03'))).toHaveLength(8)
})

test('GPUs with different drivers', () => {
  const devices = [gpuPlatform.launch(), gpuPlatform.launch({ slot: 1, driverVersion: '575.32' })]
  const [first, , , links] = explainVerdict(unwrap(decideGpuSet(setInput(devices), verify)))
  expect(first).toBe(
    '2 NVIDIA GPUs and 0 switches, Hopper (MIXED: 550.144.03, 575.32); 8 signatures verified',
  )
  expect(links).toBe('links      not looked into: no switches are among the evidence')
})

test('errors in one line', () => {
  const { device, input } = launched()
  const failed = decideNvidia({ ...input, ocsp: device.ocspAll({ until: 0, from: 0 }) }, verify)
  if (failed.ok) throw new Error('accepted')
  expect(explainError(failed.error)).toBe(
    'collateral_expired: ocsp is valid from 1970-01-01T00:00:00Z to 1970-01-01T00:00:00Z; no time suits all of it',
  )
  const linked: GpuSetError = { code: 'topology_mismatch', device: 3 }
  expect(explainError(linked)).toBe('topology_mismatch device=3')
})

test('a verdict as JSON', () => {
  const { device, input } = launched()
  const json = verdictToJson(unwrap(decideNvidia(input, verify)))
  expect(json).toMatchObject({
    tee: 'nvidia',
    kind: 'gpu',
    pdi: bytesToHex(device.pdi),
    rims: { driver: { status: 'absent' } },
    revocation: { unknown: ['identity_ca', 'provisioner_ca', 'device'] },
    opaque: { driverVersion: '3535302e3134342e303300' },
  })
  expect(JSON.parse(JSON.stringify(json))).toEqual(json)
})
