import { bytesToHex, unwrap } from '@tacit/base'
import { portable } from '@tacit/crypto/portable'
import { webcrypto } from '@tacit/crypto/webcrypto'
import { describe, expect, test } from 'vitest'
import { readEvidence } from '../../../../vectors/evidence.ts'
import { decideAsync } from '../assessment.ts'
import { createVerifier, evidenceFolder, flipped } from '../testing/kit.ts'
import {
  LISTED_CHAINS,
  LISTED_MACHINES,
  LISTED_REPORTS,
  LISTED_RIMS,
  MACHINE_GPUS,
  MACHINE_SWITCHES,
  machineInput,
  nvidiaSample,
  readNvidia,
  reportInput,
  WITH_RIM,
} from '../testing/nvidia-samples.ts'
import { decideGpuSet } from './gpu-set.ts'
import { assessNvidia, decideNvidia } from './verify.ts'

const verify = createVerifier()

describe.runIf(evidenceFolder !== undefined)('real evidence of devices', () => {
  const folder = evidenceFolder ?? ''
  test('all of it is listed: eight reports with chains', () => {
    expect(LISTED_REPORTS).toHaveLength(8)
  })

  test.each(LISTED_REPORTS)('$path gives $expected', (file) => {
    const decided = decideNvidia(reportInput(file), verify)
    expect(decided.ok ? 'verified' : decided.error.code).toBe(file.expected)
  })

  test.each(LISTED_CHAINS)('$path gives $expected', (file) => {
    const input = nvidiaSample('nvtrust__samples__hopperAttestationReport.txt')
    const decided = decideNvidia({ ...input, chain: readEvidence(folder, file) }, verify)
    expect(decided.ok ? 'verified' : decided.error.code).toBe(file.expected)
  })

  test.each(LISTED_MACHINES)('$path gives $expected', (file) => {
    const name = file.path.slice('nvidia/'.length)
    const names = name === MACHINE_SWITCHES ? [MACHINE_GPUS, name] : [name]
    const decided = decideGpuSet(machineInput(...names), verify)
    expect(decided.ok ? 'verified' : decided.error.code).toBe(file.expected)
  })

  test('a machine of eight GPUs and four switches is closed', () => {
    const verdict = unwrap(decideGpuSet(machineInput(MACHINE_GPUS, MACHINE_SWITCHES), verify))
    expect(verdict).toMatchObject({
      kind: 'set',
      gpus: 8,
      topology: 'closed',
      architectures: ['Hopper', 'LS10'],
      driverVersions: ['590.12'],
      debug: false,
    })
    expect(verdict.devices.map(({ protectedPcie }) => protectedPcie)).toEqual([
      ...Array.from({ length: 8 }, () => 'enabled'),
      ...Array.from({ length: 4 }, () => undefined),
    ])
    expect(new Set(verdict.devices.map(({ pdi }) => bytesToHex(pdi))).size).toBe(12)
    expect(verdict.signatureChecks).toBeLessThan(12 * 5)
  })

  test('its GPUs alone are a set whose links nobody looked into', () => {
    expect(unwrap(decideGpuSet(machineInput(MACHINE_GPUS), verify))).toMatchObject({
      gpus: 8,
      topology: 'unlinked',
    })
  })

  test('its switches alone are one too', () => {
    expect(unwrap(decideGpuSet(machineInput(MACHINE_SWITCHES), verify))).toMatchObject({
      gpus: 0,
      topology: 'unlinked',
    })
  })

  test('another machine among its devices is found out', () => {
    const input = machineInput(MACHINE_GPUS, MACHINE_SWITCHES)
    const stranger = machineInput('nvsdk__serialized_test_evidence__hopper_evidence_cert_hold.json')
    const devices = [...stranger.devices, ...input.devices.slice(1)]
    expect(decideGpuSet({ ...input, devices }, verify)).toMatchObject({
      error: { code: 'nonce_mismatch', device: 0 },
    })
  })

  test("a Hopper GPU reads as another project's claims say", () => {
    const verdict = unwrap(
      decideNvidia(nvidiaSample('nvtrust__samples__hopperAttestationReport.txt'), verify),
    )
    const { arch, config } = JSON.parse(
      new TextDecoder().decode(readNvidia('trustee__nvidia__hopperAttestationReport-claims.txt')),
    )
    expect({
      arch: verdict.architecture,
      driver_version: verdict.driverVersion,
      vbios_version: verdict.vbiosVersion?.toLowerCase(),
      project: verdict.project,
      project_sku: verdict.projectSku,
      chip_sku: verdict.chipSku,
      fwid: bytesToHex(verdict.fwid ?? new Uint8Array()),
      board_id: bytesToHex(verdict.opaque['boardId'] ?? new Uint8Array()),
      cpr_info: bytesToHex(verdict.opaque['cprInfo'] ?? new Uint8Array()),
      gpu_info: bytesToHex(verdict.opaque['gpuInfo'] ?? new Uint8Array()),
    }).toEqual({
      arch,
      driver_version: config.driver_version,
      vbios_version: config.vbios_version,
      project: config.project,
      project_sku: config.project_sku,
      chip_sku: config.chip_sku,
      fwid: config.fwid,
      board_id: config.board_id,
      cpr_info: config.cpr_info,
      gpu_info: config.gpu_info,
    })
    // 0x55, `U` in that project's text.
    expect([config.nvdec0_status, config.protected_pcie_status]).toEqual(['U', 'U'])
    expect([verdict.nvdec0, verdict.protectedPcie]).toEqual(['disabled', 'disabled'])
    expect(verdict.firmwareId).toBe('matched')
  })

  test.each(WITH_RIM)("a $what's measurements match NVIDIA's manifest", ({ report, rim, now }) => {
    const input = { ...nvidiaSample(report), rims: [readNvidia(rim)], now }
    const verdict = unwrap(decideNvidia(input, verify))
    expect(verdict.rims.vbios).toMatchObject({ status: 'matched' })
    expect(verdict.rims.driver).toEqual({ status: 'absent' })
    expect(verdict.signatureChecks).toBe(9)
  })

  test('a manifest whose signer has expired is an error that says so', () => {
    const input = nvidiaSample('nvsdk__sample_attestation_data__gpu__hopperAttestationReport.txt')
    const rims = [readNvidia('nvtrust__samples__1010_0200_882_96005E0001_PROD.swidtag')]
    expect(decideNvidia({ ...input, rims }, verify)).toMatchObject({
      error: { code: 'certificate_expired', certificate: 'rim_signer' },
    })
  })

  test('manifests for other chips and versions are passed over', () => {
    const rims = LISTED_RIMS.filter(({ path }) => !/incorrect|sample_rims/.test(path)).map((file) =>
      readEvidence(folder, file),
    )
    const input = nvidiaSample('nvsdk__hopperAttestationReport.txt')
    const verdict = unwrap(decideNvidia({ ...input, rims }, verify))
    expect(verdict.rims).toEqual({ driver: { status: 'absent' }, vbios: { status: 'absent' } })
  })

  test('the answers of the portable provider and of WebCrypto are the same', async () => {
    const input = nvidiaSample(
      'nvsdk__sample_attestation_data__gpu__blackwellAttestationReport.txt',
    )
    const verdict = decideNvidia(input, verify)
    const { hashes } = portable
    expect(decideNvidia({ ...input, hashes }, (check) => portable.verify(check))).toEqual(verdict)
    const assessment = unwrap(assessNvidia(input))
    expect(await decideAsync(assessment, (check) => webcrypto.verify(check))).toEqual(verdict)
  })

  test('every changed byte of every real report is refused', () => {
    for (const file of LISTED_REPORTS.filter(({ expected }) => expected === 'verified')) {
      const input = reportInput(file)
      for (let at = LISTED_REPORTS.length; at < input.report.length; at += 41) {
        const decided = decideNvidia({ ...input, report: flipped(input.report, at) }, verify)
        expect(decided.ok, `${file.path} at ${at}`).toBe(false)
      }
    }
  })
})
