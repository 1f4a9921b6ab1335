export {
  parseBundle,
  type BundledQuote,
  type BundleError,
  type BundleExpectation,
  type DcapBundle,
} from './dcap/bundle.ts'
export {
  dcapCollateralCodec,
  parseCollateral,
  type DcapCollateral,
  type ParsedCollateral,
} from './dcap/collateral.ts'
export { createCollateralCache, type CollateralCache } from './dcap/collateral-cache.ts'
export type * from './dcap/errors.ts'
export { readJson, type JsonField, type JsonProblem } from './json-document.ts'
export type { PckPlatform, PlatformConfiguration } from './dcap/pck-extension.ts'
export type { Certification } from './dcap/certification.ts'
export { parseQuote, type Quote, type Tee } from './dcap/quote.ts'
export { dcapFacts, rejudgeDcap, type DcapFacts, type DcapRejudgement } from './dcap/rejudge.ts'
export { INTEL_SGX_ROOT_CA } from './dcap/roots.ts'
export type { SgxFlags, SgxReport } from './dcap/sgx-report.ts'
export type { DcapCheck } from './dcap/signature-checks.ts'
export { TCB_STATUSES, type EnclaveStatus, type TcbStatus } from './dcap/tcb-status.ts'
export type { TdFlags, TdReport } from './dcap/td-report.ts'
export type {
  DcapVerdict,
  MatchedLevel,
  PlatformLevel,
  SgxVerdict,
  LevelComponent,
  TdxVerdict,
} from './dcap/verdict.ts'
export { assessDcap, assessQuote, decideDcap, type DcapInput } from './dcap/verify.ts'
export type { DcapAssessment } from './dcap/assess-quote.ts'
export type { QuoteInput } from './dcap/judge-quote.ts'
export {
  decideCollateral,
  readCollateralScope,
  readQuoteScope,
  type CollateralScope,
  type CollateralVerdict,
  type CollateralInput,
} from './dcap/verify-collateral.ts'
export type * from './azure/errors.ts'
export { parseAzureEvidence, type AzureEvidence } from './azure/evidence.ts'
export { parseHclReport, type HclReport, type HclRuntime } from './azure/hcl-report.ts'
export {
  assessAzureSnp,
  assessAzureTdx,
  decideAzureSnp,
  decideAzureTdx,
  type AzureSnpAssessment,
  type AzureSnpInput,
  type AzureTdxAssessment,
  type AzureTdxInput,
  type AzureVerdict,
} from './azure/verify.ts'
export {
  parseSnpBundle,
  type SnpBundle,
  type SnpBundleError,
  type SnpBundleExpectation,
} from './sev-snp/bundle.ts'
export { findOpenAdvisories, SNP_ADVISORIES, type SnpAdvisory } from './sev-snp/advisories.ts'
export {
  parseCertificateTable,
  type CertificateTableError,
  type SnpCertificateTable,
} from './sev-snp/certificate-table.ts'
export { createSnpCache, type CachedSnpInput, type SnpCache } from './sev-snp/collateral-cache.ts'
export type { VerifiedCache } from './verified-cache.ts'
export {
  parseSnpCollateral,
  type ParsedSnpCollateral,
  type SnpCollateral,
} from './sev-snp/collateral.ts'
export type { SnpEndorsement } from './sev-snp/endorsement.ts'
export type * from './sev-snp/errors.ts'
export { familyOfCpuid, SNP_FAMILIES, type SnpCpuid, type SnpFamily } from './sev-snp/family.ts'
export type { SnpGuestPolicy } from './sev-snp/guest-policy.ts'
export type { SnpPlatformInfo } from './sev-snp/platform-info.ts'
export { parseSnpReport, type ParsedSnpReport, type SnpReport } from './sev-snp/report.ts'
export { AMD_ARK_GENOA, AMD_ARK_MILAN, AMD_ARK_TURIN, AMD_ROOTS } from './sev-snp/roots.ts'
export { findTcbBelow, splitTcb, type SnpTcb, type TcbComponent } from './sev-snp/tcb.ts'
export type { SnpFirmwareVersion, SnpSigningKey, SnpVerdict } from './sev-snp/verdict.ts'
export {
  decideSnpIssuer,
  readSnpIssuerScope,
  readSnpScope,
  snpIssuerCollateralCodec,
  type SnpIssuerCollateral,
  type SnpIssuerVerdict,
  type SnpScope,
} from './sev-snp/verify-issuer.ts'
export {
  assessSnp,
  assessSnpReport,
  decideSnp,
  type SnpAssessment,
  type SnpCheck,
  type SnpInput,
  type SnpReportInput,
} from './sev-snp/verify.ts'
export type { GoldenMeasurements, GoldenValue, MeasuredDevice } from './nvidia/golden.ts'
export type {
  GpuSetError,
  NvidiaError,
  NvidiaFormError,
  NvidiaSetError,
  NvidiaSignatureError,
  NvidiaTrustError,
} from './nvidia/errors.ts'
export {
  parseNvidiaBundle,
  parseNvidiaEvidence,
  type NvidiaBundle,
  type NvidiaBundleError,
  type NvidiaEvidence,
} from './nvidia/evidence-json.ts'
export {
  assessDevices,
  assessGpuSet,
  decideGpuSet,
  type GpuSetAssessment,
  type GpuSetInput,
  type ParsedGpuSetInput,
} from './nvidia/gpu-set.ts'
export { readDeviceScope } from './nvidia/device-scope.ts'
export { parseSpdmReport, type MeasurementBlock, type SpdmReport } from './nvidia/report.ts'
export type { NrasChain, NrasDevice } from './nvidia/nras/claims.ts'
export type {
  NrasError,
  NrasFormError,
  NrasSignatureError,
  NrasTrustError,
} from './nvidia/nras/errors.ts'
export {
  assessNras,
  decideNras,
  NRAS_ISSUER,
  type NrasAssessment,
  type NrasInput,
  type NrasVerdict,
} from './nvidia/nras/nras.ts'
export type {
  RimError,
  RimFormError,
  RimSignatureError,
  RimTrustError,
} from './nvidia/rim/errors.ts'
export { createRimCache, type RimCache } from './nvidia/rim/rim-cache.ts'
export {
  assessParsedRim,
  assessRim,
  decideRim,
  parseRim,
  type ParsedRim,
  type ParsedRimInput,
  type RimAssessment,
  type RimInput,
  type RimVerdict,
} from './nvidia/rim/rim.ts'
export type { MinimumSvn, RimContent } from './nvidia/rim/swid.ts'
export { NVIDIA_DEVICE_IDENTITY_CA, NVIDIA_RIM_ROOT_CA, NVIDIA_ROOTS } from './nvidia/roots.ts'
export type {
  FieldStatus,
  GpuSetVerdict,
  NvidiaArchitecture,
  NvidiaVerdict,
  RevocationKnowledge,
  RimComparison,
} from './nvidia/verdict.ts'
export type { NvidiaCheck } from './nvidia/signature-checks.ts'
export {
  assessDevice,
  assessNvidia,
  decideNvidia,
  parseNvidiaCollateral,
  type DeviceEvidence,
  type DeviceInput,
  type NvidiaAssessment,
  type NvidiaCollateral,
  type NvidiaContext,
  type NvidiaInput,
  type ParsedNvidiaCollateral,
} from './nvidia/verify.ts'
export { conclude, decide, decideAsync, type Assessment, type EvidenceCheck } from './assessment.ts'
export type { ChainFormError } from './chain.ts'
export type { ChainRuleError, RevocationError } from './chain-rules.ts'
export type { TrustedRoot, Vendor } from './trusted-root.ts'
export { VENDOR_ROOTS } from './vendor-roots.ts'
export { measurementId } from './measurement-id.ts'
export { formatTime } from './explain-text.ts'
export { explainError, explainVerdict } from './explain.ts'
export {
  evaluatePolicy,
  type PolicyFailure,
  type PolicyResult,
  type PolicyRule,
} from './policy/evaluate.ts'
export { evaluateNras } from './policy/evaluate-nras.ts'
export { explainFailure, explainPolicy } from './policy/explain-policy.ts'
export { parsePolicy, POLICY_SCHEMA, type PolicyFormError } from './policy/parse-policy.ts'
export type * from './policy/dcap-policy.ts'
export type * from './policy/nvidia-policy.ts'
export type * from './policy/snp-policy.ts'
export type { Policy } from './policy/policy.ts'
export { developmentPolicy, PRODUCTION_POLICY } from './policy/presets.ts'
export type { ValidityError, ValidityWindow } from './validity.ts'
export { toJson, verdictToJson, type Json } from './verdict-json.ts'
export type { Verdict } from './verdict.ts'
export { readCcelTable, type CcelTable } from './event-log/ccel-table.ts'
export { parseCcel } from './event-log/ccel.ts'
export type { DstackFacts } from './event-log/dstack-facts.ts'
export { parseDstackLog } from './event-log/dstack-log.ts'
export {
  parseDstackReport,
  verifyDstackReport,
  type DstackEvidence,
  type DstackReport,
} from './event-log/dstack-report.ts'
export type * from './event-log/errors.ts'
export type { LoggedEvent, MeasuredEvent } from './event-log/event.ts'
export { canonicalJson } from './event-log/jcs.ts'
export { verifyEventLog, type Registers } from './event-log/replay.ts'
export type { EvidenceFileError } from './files/errors.ts'
export { assembleEvidence, type EvidenceSet } from './files/evidence-set.ts'
export { explainEvidenceError } from './files/explain-error.ts'
export { readFileContent, type EvidenceFile, type FileContent } from './files/file-content.ts'
export {
  evaluateFindings,
  explainFindings,
  findHeldAt,
  findingsToJson,
  refusalOf,
} from './files/findings.ts'
export {
  assessEvidence,
  type CodedError,
  type EvidenceAssessment,
  type EvidenceContext,
  type Findings,
} from './files/verify-evidence.ts'
