import { equalBytes, err, ok, type Result } from '@tacit/base'
import type { Hashes, SignatureCheck } from '@tacit/crypto'
import { decide, type Assessment } from '../assessment.ts'
import type { DcapError, DcapSignatureError, DcapTrustError } from '../dcap/errors.ts'
import type { DcapVerdict } from '../dcap/verdict.ts'
import { assessDcap, type DcapInput } from '../dcap/verify.ts'
import type { SnpCollateral } from '../sev-snp/collateral.ts'
import type { SnpError, SnpSignatureError, SnpTrustError } from '../sev-snp/errors.ts'
import type { SnpVerdict } from '../sev-snp/verdict.ts'
import { assessSnp, type SnpInput } from '../sev-snp/verify.ts'
import type { AzureBindingError } from './errors.ts'
import type { AzureEvidence } from './evidence.ts'
import type { HclReport, HclRuntime } from './hcl-report.ts'

/** The hardware's verdict, and the runtime data that its report data is the hash of. */
export interface AzureVerdict<Verdict extends SnpVerdict | DcapVerdict> {
  readonly platform: Verdict
  readonly runtime: HclRuntime
}

/** Azure evidence of SEV-SNP with what else its verification takes. */
export interface AzureSnpInput extends Omit<SnpInput, 'report' | 'collateral'> {
  readonly evidence: Extract<AzureEvidence, { readonly tee: 'sev-snp' }>
  readonly chain: SnpCollateral['chain']
  readonly crl: SnpCollateral['crl']
  readonly hashes: Pick<Hashes, 'sha256'>
}

/** Azure evidence of TDX with what else its verification takes. */
export interface AzureTdxInput extends Omit<DcapInput, 'quote'> {
  readonly evidence: Extract<AzureEvidence, { readonly tee: 'tdx' }>
}

export type AzureSnpAssessment = Assessment<
  AzureVerdict<SnpVerdict>,
  SnpSignatureError['code'],
  SnpTrustError | AzureBindingError
>

export type AzureTdxAssessment = Assessment<
  AzureVerdict<DcapVerdict>,
  DcapSignatureError['code'],
  DcapTrustError | AzureBindingError
>

/** Verifies an Azure VM's SEV-SNP report and that it vouches for the paravisor's runtime data. */
export function decideAzureSnp(
  input: AzureSnpInput,
  verify: (check: SignatureCheck) => boolean,
): Result<AzureVerdict<SnpVerdict>, SnpError | AzureBindingError> {
  const assessment = assessAzureSnp(input)
  return assessment.ok ? decide(assessment.value, verify) : assessment
}

/** The same for a TD and its quote; the report inside the HCL report is not looked at. */
export function decideAzureTdx(
  input: AzureTdxInput,
  verify: (check: SignatureCheck) => boolean,
): Result<AzureVerdict<DcapVerdict>, DcapError | AzureBindingError> {
  const assessment = assessAzureTdx(input)
  return assessment.ok ? decide(assessment.value, verify) : assessment
}

export function assessAzureSnp({
  evidence: { hcl, endorsement },
  chain,
  crl,
  hashes,
  ...input
}: AzureSnpInput): Result<AzureSnpAssessment, SnpError> {
  const collateral = { endorsement, chain, crl }
  const assessment = assessSnp({ ...input, report: hcl.report, collateral })
  return assessment.ok ? ok(bindRuntime(assessment.value, hcl, hashes)) : assessment
}

export function assessAzureTdx({
  evidence: { hcl, quote },
  ...input
}: AzureTdxInput): Result<AzureTdxAssessment, DcapError> {
  const assessment = assessDcap({ ...input, quote })
  return assessment.ok ? ok(bindRuntime(assessment.value, hcl, input.hashes)) : assessment
}

/** The report data must be the SHA-256 of the runtime data, then zeros. */
function bindRuntime<Verdict extends SnpVerdict | DcapVerdict, Code extends string, TrustError>(
  { checks, outcome }: Assessment<Verdict, Code, TrustError>,
  { runtimeData, runtime }: HclReport,
  { sha256 }: Pick<Hashes, 'sha256'>,
): Assessment<AzureVerdict<Verdict>, Code, TrustError | AzureBindingError> {
  if (!outcome.ok) return { checks, outcome }
  const expected = new Uint8Array(64)
  expected.set(sha256(runtimeData))
  const platform = outcome.value
  return equalBytes(platform.reportData, expected)
    ? { checks, outcome: ok({ platform, runtime }) }
    : { checks, outcome: err({ code: 'runtime_data_mismatch' }) }
}
