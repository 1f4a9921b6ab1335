import { unwrap } from '@tacit/base'
import type { SignatureCheck } from '@tacit/crypto'
import { native } from '@tacit/crypto/native'
import { parseAzureEvidence } from '../../packages/attestation/src/azure/evidence.ts'
import { decideAzureSnp, decideAzureTdx } from '../../packages/attestation/src/azure/verify.ts'
import { decideDcap } from '../../packages/attestation/src/dcap/verify.ts'
import {
  parseDstackReport,
  verifyDstackReport,
} from '../../packages/attestation/src/event-log/dstack-report.ts'
import { decideGpuSet } from '../../packages/attestation/src/nvidia/gpu-set.ts'
import { decideRim } from '../../packages/attestation/src/nvidia/rim/rim.ts'
import { NVIDIA_ROOTS } from '../../packages/attestation/src/nvidia/roots.ts'
import { decideNvidia } from '../../packages/attestation/src/nvidia/verify.ts'
import { decideSnp } from '../../packages/attestation/src/sev-snp/verify.ts'
import { loadDcapSamples, readDcap } from '../../packages/attestation/src/testing/dcap-samples.ts'
import {
  evidenceFolder,
  loadBundles,
  readListedFile,
  type RealBundle,
} from '../../packages/attestation/src/testing/kit.ts'
import {
  DEVICES_AT,
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
  RIMS_AT,
  WITH_RIM,
} from '../../packages/attestation/src/testing/nvidia-samples.ts'
import { loadSnpSamples, type RealSnp } from '../../packages/attestation/src/testing/snp-samples.ts'
import { readEvidenceList, type EvidenceFile } from '../../vectors/evidence.ts'
import type { Decided, Outcome } from './outcome.ts'

/** Evidence that hardware made, or a vendor. */
export interface RealCase {
  readonly name: string
  /** Path of the evidence itself in vectors/evidence.json. */
  readonly evidence: string
  /** Unix seconds. */
  readonly at: number
  readonly expected: Outcome
  readonly decide: () => Decided
  /** What Intel's own library says; undefined where nobody recorded it. */
  readonly intelQvl?: string | undefined
}

export interface RealSection {
  readonly title: string
  /** Whether Intel's own library could say something about it. */
  readonly isIntels: boolean
  readonly cases: readonly RealCase[]
}

type Verify = (check: SignatureCheck) => boolean

/** Everything that vectors/evidence.json has a result for. */
export function listRealSections(verify: Verify): readonly RealSection[] {
  return [
    { title: 'Quotes with their collateral', isIntels: true, cases: bundles(verify) },
    { title: 'Quotes with other collateral', isIntels: true, cases: looseQuotes(verify) },
    { title: 'Event log of a dstack guest', isIntels: false, cases: eventLogs(verify) },
    { title: 'AMD SEV-SNP', isIntels: false, cases: snpReports(verify) },
    { title: "Azure: who vouches for the paravisor's data", isIntels: false, cases: azure(verify) },
    { title: 'NVIDIA devices', isIntels: false, cases: devices(verify) },
    { title: 'NVIDIA devices of one machine', isIntels: false, cases: machines(verify) },
    { title: "NVIDIA's manifests", isIntels: false, cases: manifests(verify) },
  ]
}

function bundles(verify: Verify): readonly RealCase[] {
  const listed = readEvidenceList().bundles
  return loadBundles().map((bundle) => {
    const { name, input } = bundle
    const record = listed.find(({ path }) => path.endsWith(`/${name}.json`))
    const status = record?.expected['intel_qvl_quote_status']
    return {
      name,
      evidence: record?.quote ?? '',
      at: input.now,
      expected: { verdict: bundleVerdict(bundle) },
      decide: () => decideDcap(input, verify),
      intelQvl: typeof status === 'string' ? status : undefined,
    }
  })
}

function bundleVerdict({ bundle: { expected } }: RealBundle): object {
  const { tcbStatus, debug, advisories = [] } = expected ?? {}
  return { status: tcbStatus, ...(debug === undefined ? {} : { debug }), advisories }
}

function looseQuotes(verify: Verify): readonly RealCase[] {
  return loadDcapSamples().map(({ name, quote, expected, input }) => ({
    name,
    evidence: quote,
    at: input.now,
    expected:
      expected.code === undefined
        ? { verdict: { status: expected.tcb_status } }
        : { code: expected.code },
    decide: () => decideDcap(input, verify),
    intelQvl: expected.intel_qvl_quote_status,
  }))
}

/** The log is the quote's own: its registers are what it is replayed against. */
function eventLogs(verify: Verify): readonly RealCase[] {
  const bundle = loadBundles().find(({ name }) => name === 'tdx-v4-dstack')
  if (bundle === undefined) return []
  const { input } = bundle
  return [
    {
      name: 'dstack-quote-report',
      evidence: 'dcap/dstack-quote-report.json',
      at: input.now,
      expected: { verdict: { keyProvider: { name: 'local-sgx' }, configuration: 'none' } },
      decide: () => {
        const report = parseDstackReport(readDcap('dstack-quote-report.json'))
        if (!report.ok) return report
        const verdict = decideDcap({ ...input, quote: report.value.quote }, verify)
        if (!verdict.ok) return verdict
        if (verdict.value.tee !== 'tdx') return { ok: false, error: { code: 'tee_other' } }
        return verifyDstackReport(report.value, verdict.value, native.hashes)
      },
    },
  ]
}

function snpReports(verify: Verify): readonly RealCase[] {
  return loadSnpSamples().map((sample) => ({
    name: sample.name,
    evidence: sample.evidence,
    at: sample.input.now,
    expected: snpExpected(sample),
    decide: () => decideSnp(sample.input, verify),
  }))
}

function snpExpected({ expected }: RealSnp): Outcome {
  const { code, family, report_version, debug, reported_tcb, product_name } = expected
  if (typeof code === 'string') return { code }
  const tcb = { reported: reported_tcb }
  return {
    verdict: { family, productName: product_name, reportVersion: report_version, debug, tcb },
  }
}

function azure(verify: Verify): readonly RealCase[] {
  const guests = loadSnpSamples().filter(({ as }) => as === 'azure')
  const td = loadDcapSamples().find(({ name }) => name === 'tdx-v4-azure')
  return [
    ...guests.map(({ name, evidence, input, expected }) => ({
      name,
      evidence,
      at: input.now,
      expected: { verdict: { platform: { family: expected['family'] } } },
      decide: (): Decided => {
        const read = readAzure(evidence)
        if (read.tee !== 'sev-snp') return { ok: false, error: { code: 'tee_other' } }
        const { collateral, ...rest } = input
        const { hashes } = native
        return decideAzureSnp({ ...rest, ...collateral, evidence: read, hashes }, verify)
      },
    })),
    ...(td === undefined ? [] : [td]).map(({ name, quote, input, expected }) => ({
      name,
      evidence: quote,
      at: input.now,
      expected: { verdict: { platform: { status: expected.tcb_status } } },
      decide: (): Decided => {
        const read = readAzure(quote)
        if (read.tee !== 'tdx') return { ok: false, error: { code: 'tee_other' } }
        return decideAzureTdx({ ...input, evidence: read }, verify)
      },
    })),
  ]
}

function readAzure(path: string) {
  return unwrap(parseAzureEvidence(readListedFile(evidenceFolder ?? '', path)))
}

function devices(verify: Verify): readonly RealCase[] {
  const reports = LISTED_REPORTS.map((file) =>
    listedCase(file, DEVICES_AT, () => decideNvidia(reportInput(file), verify)),
  )
  const golden = WITH_RIM.map(({ what, report, rim, now }) => ({
    name: `${what} with its manifest`,
    evidence: `nvidia/${report}`,
    at: now,
    expected: { verdict: { rims: { vbios: { status: 'matched' }, driver: { status: 'absent' } } } },
    decide: () => decideNvidia({ ...nvidiaSample(report), rims: [readNvidia(rim)], now }, verify),
  }))
  const chains = LISTED_CHAINS.map((file) =>
    listedCase(file, DEVICES_AT, () => {
      const input = nvidiaSample('nvtrust__samples__hopperAttestationReport.txt')
      return decideNvidia({ ...input, chain: readNvidia(nameOf(file)) }, verify)
    }),
  )
  return [...reports, ...golden, ...chains]
}

/** The switches are verified with the GPUs that they link. */
function machines(verify: Verify): readonly RealCase[] {
  return LISTED_MACHINES.map((file) =>
    listedCase(file, DEVICES_AT, () => {
      const name = nameOf(file)
      const names = name === MACHINE_SWITCHES ? [MACHINE_GPUS, name] : [name]
      return decideGpuSet(machineInput(...names), verify)
    }),
  )
}

function manifests(verify: Verify): readonly RealCase[] {
  return LISTED_RIMS.map((file) =>
    listedCase(file, RIMS_AT, () => {
      const rim = readNvidia(nameOf(file))
      return decideRim({ rim, roots: NVIDIA_ROOTS, now: RIMS_AT, hashes: native.hashes }, verify)
    }),
  )
}

function listedCase(file: EvidenceFile, at: number, decide: () => Decided): RealCase {
  const { path, expected = 'verified' } = file
  const outcome = expected === 'verified' ? { verdict: {} } : { code: expected }
  return { name: nameOf(file), evidence: path, at, expected: outcome, decide }
}

function nameOf({ path }: EvidenceFile): string {
  return path.slice(path.indexOf('/') + 1)
}
