import { unwrap } from '@tacit/base'
import { native } from '@tacit/crypto/native'
import { readEvidence, readEvidenceList, type EvidenceFile } from '../../../../vectors/evidence.ts'
import { parseNvidiaEvidence } from '../nvidia/evidence-json.ts'
import { unwrapText } from '../files/unwrap-text.ts'
import type { GpuSetInput } from '../nvidia/gpu-set.ts'
import { NVIDIA_ROOTS } from '../nvidia/roots.ts'
import type { NvidiaInput } from '../nvidia/verify.ts'
import { evidenceFolder, readListedFile } from './kit.ts'

/** When real devices are verified, and when real manifests are: their signers hold for two years. */
export const DEVICES_AT: number = Date.UTC(2026, 6, 1) / 1000
export const RIMS_AT: number = Date.UTC(2026, 5, 1) / 1000

const FILES = readEvidenceList().files.filter(({ path }) => path.startsWith('nvidia/'))

/** Listed reports that have a chain. */
export const LISTED_REPORTS: readonly EvidenceFile[] = FILES.filter(
  ({ chain }) => chain !== undefined,
)

/** Listed JSON with devices. */
export const LISTED_MACHINES: readonly EvidenceFile[] = FILES.filter(
  ({ path, expected }) => path.endsWith('.json') && expected !== undefined,
)

/** Listed chains that no report goes with. */
export const LISTED_CHAINS: readonly EvidenceFile[] = FILES.filter(
  ({ path, expected }) => path.includes('cert_chain_case') && expected !== undefined,
)

/** Listed manifests. */
export const LISTED_RIMS: readonly EvidenceFile[] = FILES.filter(({ path }) =>
  /\.(?:xml|swidtag)$/.test(path),
)

/** The GPUs of a machine of eight, and its four switches. */
export const MACHINE_GPUS = 'nvtrust__ppcie-verifier-sdk-cpp__tests__data__gpu_evidence.json'
export const MACHINE_SWITCHES = 'nvtrust__ppcie-verifier-sdk-cpp__tests__data__switch_evidence.json'

/** Reports that NVIDIA published a VBIOS manifest for, and a time at which its signer held. */
export const WITH_RIM: readonly {
  readonly what: string
  readonly report: string
  readonly rim: string
  readonly now: number
}[] = [
  {
    what: 'GPU',
    report: 'nvsdk__sample_attestation_data__gpu__hopperAttestationReport.txt',
    rim: 'nvtrust__samples__1010_0200_882_96005E0001_PROD.swidtag',
    now: Date.UTC(2024, 6, 1) / 1000,
  },
  {
    what: 'switch',
    report: 'nvsdk__switchAttestationReport.txt',
    rim: 'nvsdk__switchVBIOSRim_NV_SWITCH_BIOS_5612_0002_890_9610550001.xml',
    now: DEVICES_AT,
  },
]

/** Reads a file of the folder `nvidia`. */
export function readNvidia(name: string): Uint8Array {
  return readListedFile(evidenceFolder ?? '', `nvidia/${name}`)
}

/** A listed report with its chain, the nonce that is in it, and NVIDIA's roots. */
export function reportInput(file: EvidenceFile): NvidiaInput {
  const report = unwrapText(readEvidence(evidenceFolder ?? '', file)) ?? new Uint8Array()
  const chain = readListedFile(evidenceFolder ?? '', file.chain ?? '')
  const nonce = report.slice(4, 36)
  return { report, chain, nonce, roots: NVIDIA_ROOTS, now: DEVICES_AT, hashes: native.hashes }
}

/** The same by the file's name in the folder `nvidia`. */
export function nvidiaSample(name: string): NvidiaInput {
  const file = LISTED_REPORTS.find(({ path }) => path === `nvidia/${name}`)
  if (file === undefined) throw new Error(`not listed in vectors/evidence.json: ${name}`)
  return reportInput(file)
}

/** All devices of some files, asked with the nonce of the first. */
export function machineInput(...names: readonly string[]): GpuSetInput {
  const parts = names.map((name) => unwrap(parseNvidiaEvidence(readNvidia(name))))
  return {
    devices: parts.flatMap(({ devices }) => devices),
    nonce: parts[0]?.nonce ?? new Uint8Array(),
    roots: NVIDIA_ROOTS,
    now: DEVICES_AT,
    hashes: native.hashes,
  }
}
