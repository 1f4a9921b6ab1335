import { err, ok, type Result } from '@tacit/base'
import type { SignatureCheck } from '@tacit/crypto'
import { parseOcspResponse, type OcspResponse } from '@tacit/crypto/x509'
import { findAnchor } from '../anchor.ts'
import { decide, type Assessment } from '../assessment.ts'
import { listChainChecks, listIssued, type IssuedCertificate } from '../chain-rules.ts'
import type { TrustedRoot } from '../trusted-root.ts'
import { readClaims } from './claims.ts'
import { identifyDevice, parseDeviceChain } from './device-chain.ts'
import { parseFirmwareIdentity } from './dice-extension.ts'
import type {
  ChainRole,
  IssuedRole,
  NvidiaError,
  NvidiaSignatureError,
  NvidiaTrustError,
} from './errors.ts'
import { isAbout, type MeasuredDevice } from './golden.ts'
import { judgeDevice, type Device } from './judge.ts'
import { parseSpdmReport } from './report.ts'
import { findRevocation, type OcspHashes } from './revocation.ts'
import type { RimIssuedRole } from './rim/errors.ts'
import {
  assessParsedRim,
  parseRim,
  type ParsedRim,
  type RimAssessment,
  type RimVerdict,
} from './rim/rim.ts'
import { listDifferent } from './signature-checks.ts'
import type { NvidiaVerdict } from './verdict.ts'

/** What one GPU or switch says. */
export interface DeviceEvidence {
  /** SPDM request and response; bytes behind the signature are never touched. */
  readonly report: Uint8Array
  /** PEM text: five certificates from the attestation key's to the root. */
  readonly chain: Uint8Array
  /** What the evidence's container says the device is, such as `HOPPER`; checked where given. */
  readonly architecture?: string
}

/** What devices are verified against; nothing else is read, no clock, no network. */
export interface NvidiaContext {
  /** The 32 bytes that the devices must have been asked with. */
  readonly nonce: Uint8Array
  /** Of devices and of manifests; roots of other vendors are passed over. */
  readonly roots: readonly TrustedRoot[]
  /** Unix seconds. */
  readonly now: number
  readonly hashes: OcspHashes
  /** Certificates on hold are told in the verdict in place of being an error. */
  readonly allowCertificateHold?: boolean
}

/** What NVIDIA publishes about devices, as received; what is about other devices is passed over. */
export interface NvidiaCollateral {
  /** Reference integrity manifests, XML. */
  readonly rims: readonly Uint8Array[]
  /** OCSP responses, DER. */
  readonly ocsp: readonly Uint8Array[]
}

/** A pure function of the collateral's bytes, to be kept under their hash. Nothing is trusted yet. */
export interface ParsedNvidiaCollateral {
  readonly rims: readonly ParsedRim[]
  readonly ocsp: readonly OcspResponse[]
  /**
   * Manifests that were verified before, by decideRim() against a root that is still trusted. Their
   * signatures are not decided again; whether they still hold is.
   */
  readonly verifiedRims?: readonly RimVerdict[]
}

export interface NvidiaInput extends NvidiaContext, DeviceEvidence, Partial<NvidiaCollateral> {}

/** The same with collateral that was parsed before. */
export interface DeviceInput extends NvidiaContext, DeviceEvidence {
  readonly collateral: ParsedNvidiaCollateral
}

/** Parsed evidence: what it comes to once the checks have verified. */
export type NvidiaAssessment = Assessment<
  NvidiaVerdict,
  NvidiaSignatureError['code'],
  NvidiaTrustError
>

/**
 * Verifies a GPU's or switch's report with the caller's verifier: NVIDIA's Hopper, Blackwell and
 * LS10 over SPDM 1.1.
 * Source: NVIDIA/nvtrust and NVIDIA/attestation-sdk, whose local verifiers do the same with
 * manifests and OCSP fetched in between.
 * @returns the verdict, whose measurements may well match no manifest: whether it is acceptable is
 *   for a policy to say. Errors: form first, then the first signature that does not verify, then
 *   what the signed content says.
 */
export function decideNvidia(
  input: NvidiaInput,
  verify: (check: SignatureCheck) => boolean,
): Result<NvidiaVerdict, NvidiaError> {
  const assessment = assessNvidia(input)
  return assessment.ok ? decide(assessment.value, verify) : assessment
}

/** Parses collateral and report and lists the checks; errors are about form and the pinned roots. */
export function assessNvidia(input: NvidiaInput): Result<NvidiaAssessment, NvidiaError> {
  const { rims = [], ocsp = [], hashes } = input
  const collateral = parseNvidiaCollateral({ rims, ocsp }, hashes)
  return collateral.ok ? assessDevice({ ...input, collateral: collateral.value }) : collateral
}

export function parseNvidiaCollateral(
  { rims, ocsp }: NvidiaCollateral,
  hashes: OcspHashes,
): Result<ParsedNvidiaCollateral, NvidiaError> {
  const parsed: { rims: ParsedRim[]; ocsp: OcspResponse[] } = { rims: [], ocsp: [] }
  for (const bytes of rims) {
    const rim = parseRim(bytes, hashes)
    if (!rim.ok) return rim
    parsed.rims.push(rim.value)
  }
  for (const [index, der] of ocsp.entries()) {
    const response = parseOcspResponse(der)
    if (!response.ok) {
      return err({ code: 'ocsp_malformed', index, reason: response.error.reason })
    }
    parsed.ocsp.push(response.value)
  }
  return ok(parsed)
}

/** As assessNvidia(), with collateral that was parsed before. */
export function assessDevice(input: DeviceInput): Result<NvidiaAssessment, NvidiaError> {
  const report = parseSpdmReport(input.report)
  if (!report.ok) return report
  const chain = parseDeviceChain(input.chain)
  if (!chain.ok) return chain
  const anchor = findAnchor([chain.value], input.roots, 'nvidia')
  if (!anchor.ok) return anchor
  const identity = identifyDevice(chain.value)
  if (!identity.ok) return identity
  const claims = readClaims(report.value.opaque, identity.value.kind)
  if (!claims.ok) return claims
  const firmware = parseFirmwareIdentity(chain.value.leaf)
  if (!firmware.ok) return firmware
  const product = claims.value.chipInfo ?? identity.value.product
  const rims = assessRims(input, { ...claims.value, kind: identity.value.kind, product })
  if (!rims.ok) return rims
  const issued = listIssued<ChainRole>([chain.value], anchor.value.root)
  const { collateral, hashes, allowCertificateHold = false } = input
  const revocable = [...issued.filter(isRevocable), ...rims.value.issued]
  const device: Device = {
    report: report.value,
    chain: chain.value,
    anchor: anchor.value,
    identity: identity.value,
    claims: claims.value,
    firmware: firmware.value,
    issued,
    revocation: findRevocation(revocable, collateral.ocsp, hashes, allowCertificateHold),
    rims: rims.value.assessments,
  }
  return ok(assess(device, input))
}

function isRevocable(
  link: IssuedCertificate<ChainRole>,
): link is IssuedCertificate<Exclude<ChainRole, 'attestation'>> {
  return link.role !== 'attestation'
}

interface AssessedRims {
  readonly assessments: readonly RimAssessment[]
  /** The certificates of all manifests, issuers first. */
  readonly issued: readonly IssuedCertificate<RimIssuedRole>[]
}

/** The manifests that are about the device. */
function assessRims(
  { collateral, roots, now }: DeviceInput,
  device: MeasuredDevice,
): Result<AssessedRims, NvidiaError> {
  const assessments: RimAssessment[] = []
  const issued: IssuedCertificate<RimIssuedRole>[] = []
  for (const rim of collateral.rims.filter(({ content }) => isAbout(content, device))) {
    const anchor = findAnchor([rim.chain], roots, 'nvidia')
    if (!anchor.ok) return anchor
    const assessment = assessParsedRim({ rim, roots, now })
    if (!assessment.ok) return assessment
    assessments.push(assessment.value)
    issued.push(...listIssued([rim.chain], anchor.value.root))
  }
  for (const rim of collateral.verifiedRims ?? []) {
    const holds = rim.latestIssue <= now && now <= rim.earliestExpiry
    if (holds && isAbout(rim, device)) assessments.push({ checks: [], outcome: ok(rim) })
  }
  return ok({ assessments, issued })
}

/** The chain's signatures, the report's, those of OCSP responses and of manifests, in this order. */
function assess(device: Device, input: DeviceInput): NvidiaAssessment {
  const { report, chain, issued, revocation, rims } = device
  const checks = listDifferent([
    ...listChainChecks<IssuedRole>([...issued, ...revocation.responders]),
    {
      failure: 'report_signature_invalid',
      scheme: 'p384',
      publicKey: chain.leaf.publicKey.bytes,
      message: report.signed,
      signature: report.signature,
    },
    ...revocation.checks,
    ...rims.flatMap((rim) => rim.checks),
  ])
  return { checks, outcome: judgeDevice(device, input, checks.length) }
}
