import { bytesToHex, unwrap } from '@tacit/base'
import { native } from '@tacit/crypto/native'
import { portable } from '@tacit/crypto/portable'
import { webcrypto } from '@tacit/crypto/webcrypto'
import { describe, expect, test } from 'vitest'
import { readEvidence, readEvidenceList } from '../../../../vectors/evidence.ts'
import { decideAsync } from '../assessment.ts'
import { createVerifier, evidenceFolder, flipped, readListedFile } from '../testing/kit.ts'
import { parseNvidiaEvidence, type NvidiaEvidence } from './evidence-json.ts'
import { decideGpuSet, type GpuSetInput } from './gpu-set.ts'
import { parseHexReport } from './hex-report.ts'
import { NVIDIA_ROOTS } from './roots.ts'
import { assessNvidia, decideNvidia, type NvidiaInput } from './verify.ts'

const AT = Date.UTC(2026, 6, 1) / 1000
const verify = createVerifier()
const listed = readEvidenceList().files.filter(({ path }) => path.startsWith('nvidia/'))
const reports = listed.filter(({ chain }) => chain !== undefined)

describe.runIf(evidenceFolder !== undefined)('real evidence of devices', () => {
  const folder = evidenceFolder ?? ''
  const read = (name: string) => readListedFile(folder, `nvidia/${name}`)

  function reportInput(file: (typeof reports)[number]): NvidiaInput {
    const report = parseHexReport(readEvidence(folder, file)) ?? new Uint8Array()
    const chain = readListedFile(folder, file.chain ?? '')
    const nonce = report.slice(4, 36)
    return { report, chain, nonce, roots: NVIDIA_ROOTS, now: AT, hashes: native.hashes }
  }

  function inputOf(name: string): NvidiaInput {
    const file = reports.find(({ path }) => path === `nvidia/${name}`)
    if (file === undefined) throw new Error(`not listed: ${name}`)
    return reportInput(file)
  }

  function setOf(...names: readonly string[]): GpuSetInput {
    const parts = names.map((name): NvidiaEvidence => unwrap(parseNvidiaEvidence(read(name))))
    return {
      devices: parts.flatMap(({ devices }) => devices),
      nonce: parts[0]?.nonce ?? new Uint8Array(),
      roots: NVIDIA_ROOTS,
      now: AT,
      hashes: native.hashes,
    }
  }

  const GPUS = 'nvtrust__ppcie-verifier-sdk-cpp__tests__data__gpu_evidence.json'
  const SWITCHES = 'nvtrust__ppcie-verifier-sdk-cpp__tests__data__switch_evidence.json'

  test('all of it is listed: eight reports with chains', () => {
    expect(reports).toHaveLength(8)
  })

  test.each(reports)('$path gives $expected', (file) => {
    const decided = decideNvidia(reportInput(file), verify)
    expect(decided.ok ? 'verified' : decided.error.code).toBe(file.expected)
  })

  test.each(listed.filter(({ path }) => /cert_chain_case/.test(path)))(
    '$path gives $expected',
    (file) => {
      const chain = readEvidence(folder, file)
      const decided = decideNvidia(
        { ...inputOf('nvtrust__samples__hopperAttestationReport.txt'), chain },
        verify,
      )
      expect(decided).toMatchObject({ ok: false, error: { code: expect.any(String) } })
      if (!decided.ok)
        expect([file.expected, 'certificate_malformed']).toContain(decided.error.code)
    },
  )

  test.each(
    listed.filter(({ path, expected }) => path.endsWith('.json') && expected !== undefined),
  )('$path gives $expected', (file) => {
    const name = file.path.slice('nvidia/'.length)
    const decided = decideGpuSet(name === SWITCHES ? setOf(GPUS, SWITCHES) : setOf(name), verify)
    expect(decided.ok ? 'verified' : decided.error.code).toBe(file.expected)
  })

  test('a machine of eight GPUs and four switches is closed', () => {
    const verdict = unwrap(decideGpuSet(setOf(GPUS, SWITCHES), verify))
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
    expect(unwrap(decideGpuSet(setOf(GPUS), verify))).toMatchObject({
      gpus: 8,
      topology: 'unlinked',
    })
  })

  test('its switches alone are none', () => {
    expect(decideGpuSet(setOf(SWITCHES), verify)).toEqual({
      ok: false,
      error: { code: 'topology_incomplete', gpus: 0, switches: 4 },
    })
  })

  test('another machine among its devices is found out', () => {
    const input = setOf(GPUS, SWITCHES)
    const stranger = setOf('nvsdk__serialized_test_evidence__hopper_evidence_cert_hold.json')
    const devices = [...stranger.devices, ...input.devices.slice(1)]
    expect(decideGpuSet({ ...input, devices }, verify)).toMatchObject({
      error: { code: 'nonce_mismatch', device: 0 },
    })
  })

  test("a Hopper GPU reads as another project's claims say", () => {
    const verdict = unwrap(
      decideNvidia(inputOf('nvtrust__samples__hopperAttestationReport.txt'), verify),
    )
    const { arch, config } = JSON.parse(
      new TextDecoder().decode(read('trustee__nvidia__hopperAttestationReport-claims.txt')),
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

  test.each([
    [
      'GPU',
      'nvsdk__sample_attestation_data__gpu__hopperAttestationReport.txt',
      'nvtrust__samples__1010_0200_882_96005E0001_PROD.swidtag',
      Date.UTC(2024, 6, 1) / 1000,
    ],
    [
      'switch',
      'nvsdk__switchAttestationReport.txt',
      'nvsdk__switchVBIOSRim_NV_SWITCH_BIOS_5612_0002_890_9610550001.xml',
      AT,
    ],
  ])("a %s's measurements match NVIDIA's manifest", (_, report, rim, now) => {
    const input = { ...inputOf(report), rims: [read(rim)], now }
    const verdict = unwrap(decideNvidia(input, verify))
    expect(verdict.rims.vbios).toMatchObject({ status: 'matched' })
    expect(verdict.rims.driver).toEqual({ status: 'absent' })
    expect(verdict.signatureChecks).toBe(9)
  })

  test('a manifest whose signer has expired is an error that says so', () => {
    const input = inputOf('nvsdk__sample_attestation_data__gpu__hopperAttestationReport.txt')
    const rims = [read('nvtrust__samples__1010_0200_882_96005E0001_PROD.swidtag')]
    expect(decideNvidia({ ...input, rims }, verify)).toMatchObject({
      error: { code: 'certificate_expired', certificate: 'rim_signer' },
    })
  })

  test('manifests for other chips and versions are passed over', () => {
    const rims = listed
      .filter(({ path }) => /\.(?:swidtag|xml)$/.test(path) && !/incorrect|sample_rims/.test(path))
      .map((file) => readEvidence(folder, file))
    const input = inputOf('nvsdk__hopperAttestationReport.txt')
    const verdict = unwrap(decideNvidia({ ...input, rims }, verify))
    expect(verdict.rims).toEqual({ driver: { status: 'absent' }, vbios: { status: 'absent' } })
  })

  test('the answers of the portable provider and of WebCrypto are the same', async () => {
    const input = inputOf('nvsdk__sample_attestation_data__gpu__blackwellAttestationReport.txt')
    const verdict = decideNvidia(input, verify)
    const { hashes } = portable
    expect(decideNvidia({ ...input, hashes }, (check) => portable.verify(check))).toEqual(verdict)
    const assessment = unwrap(assessNvidia(input))
    expect(await decideAsync(assessment, (check) => webcrypto.verify(check))).toEqual(verdict)
  })

  test('every changed byte of every real report is refused', () => {
    for (const file of reports.filter(({ expected }) => expected === 'verified')) {
      const input = reportInput(file)
      for (let at = reports.length; at < input.report.length; at += 41) {
        const decided = decideNvidia({ ...input, report: flipped(input.report, at) }, verify)
        expect(decided.ok, `${file.path} at ${at}`).toBe(false)
      }
    }
  })
})
