import { equalBytes, err, ok, type Result } from '@tacit/base'
import type { Anchor } from '../anchor.ts'
import { findChainProblem, type IssuedCertificate } from '../chain-rules.ts'
import { commonWindow, datedCertificates, findInvalid, type Dated } from '../validity.ts'
import type { ReportClaims } from './claims.ts'
import { DEVICE_RULES, type DeviceChain, type DeviceIdentity } from './device-chain.ts'
import type { FirmwareIdentity } from './dice-extension.ts'
import type { CertificateRole, ChainRole, IssuedRole, NvidiaTrustError } from './errors.ts'
import { compareRims } from './measurements.ts'
import type { SpdmReport } from './report.ts'
import type { RevocationFindings } from './revocation.ts'
import type { RimAssessment } from './rim/rim.ts'
import type { NvidiaVerdict } from './verdict.ts'

/** A device's evidence and what is published about it, read but not judged. */
export interface Device {
  readonly report: SpdmReport
  readonly chain: DeviceChain
  readonly anchor: Anchor
  readonly identity: DeviceIdentity
  readonly claims: ReportClaims
  readonly firmware: FirmwareIdentity | undefined
  /** The chain's certificates, issuers first. */
  readonly issued: readonly IssuedCertificate<ChainRole>[]
  readonly revocation: RevocationFindings
  /** The manifests that are about the device. */
  readonly rims: readonly RimAssessment[]
}

/** What the caller, or the evidence's container, demands of a device. */
export interface DeviceExpectation {
  readonly nonce: Uint8Array
  readonly architecture?: string
  /** Unix seconds. */
  readonly now: number
}

/** What the evidence says, taking every signature for granted. */
export function judgeDevice(
  device: Device,
  expected: DeviceExpectation,
  signatureChecks: number,
): Result<NvidiaVerdict, NvidiaTrustError> {
  const { identity, claims, firmware, report, anchor, issued, revocation, rims } = device
  const certificates: readonly IssuedCertificate<IssuedRole>[] = [
    ...issued,
    ...revocation.responders,
  ]
  const dated: readonly Dated<'ocsp', CertificateRole>[] = [
    ...revocation.dated,
    ...datedCertificates(certificates, anchor.root),
  ]
  const problem =
    findChainProblem(certificates, anchor.root, DEVICE_RULES) ??
    findInvalid(dated, expected.now) ??
    revocation.problem ??
    findMismatch(expected, device)
  if (problem !== undefined) return err(problem)
  const compared = compareRims(rims, report, claims.nvdec0 === 'disabled')
  if (!compared.ok) return compared
  const { comparisons, windows } = compared.value
  const { from, until } = commonWindow([...dated, ...windows])
  const { product: _, ...described } = identity
  const { ownPdi: __, chipInfo: ___, ...said } = claims
  const { name, vendor, fingerprint } = anchor.trusted
  return ok({
    tee: 'nvidia',
    ...described,
    ...said,
    nonce: report.nonce.slice(),
    fwid: firmware?.fwid.slice() ?? claims.fwid,
    firmwareId: compareFirmware(device),
    measurements: report.blocks.map(({ value }) => value.slice()),
    rims: comparisons,
    revocation: revocation.knowledge,
    root: { name, vendor, fingerprint },
    debug: firmware?.debug ?? false,
    verifiedAt: expected.now,
    latestIssue: from,
    earliestExpiry: until,
    signatureChecks,
  })
}

/** Whether request, container, report and certificates speak of the same device. */
function findMismatch(
  { nonce, architecture }: DeviceExpectation,
  { report, identity, claims, firmware }: Device,
): NvidiaTrustError | undefined {
  if (!equalBytes(nonce, report.nonce)) return { code: 'nonce_mismatch' }
  const found = identity.architecture
  if (architecture !== undefined && architecture.toUpperCase() !== found.toUpperCase()) {
    return { code: 'architecture_mismatch', found }
  }
  if (claims.ownPdi !== undefined && !equalBytes(claims.ownPdi, identity.pdi)) {
    return { code: 'pdi_mismatch' }
  }
  const { fwid } = claims
  const isOther = fwid !== undefined && firmware !== undefined && !equalBytes(fwid, firmware.fwid)
  return isOther ? { code: 'fwid_mismatch' } : undefined
}

function compareFirmware({ claims, firmware }: Device): NvidiaVerdict['firmwareId'] {
  if (firmware === undefined) return 'not_in_certificate'
  return claims.fwid === undefined ? 'not_in_report' : 'matched'
}
