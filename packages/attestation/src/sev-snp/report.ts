import { err, ok, type Result } from '@tacit/base'
import { u32At } from '../dcap/bytes-at.ts'
import { hasBit } from './bits.ts'
import type { SnpFormError, SnpTcbName } from './errors.ts'
import { familyOfCpuid, type SnpCpuid } from './family.ts'
import { POLICY_RESERVED_ONE, readGuestPolicy } from './guest-policy.ts'
import { readPlatformInfo } from './platform-info.ts'
import type { SnpFirmwareVersion, SnpVerdict } from './verdict.ts'

/** A report's own fields, copied; the TCBs stay bytes, since their layout depends on the family. */
export interface SnpReport extends Pick<
  SnpVerdict,
  | 'reportVersion'
  | 'signingKey'
  | 'debug'
  | 'policy'
  | 'platformInfo'
  | 'vmpl'
  | 'guestSvn'
  | 'familyId'
  | 'imageId'
  | 'measurement'
  | 'hostData'
  | 'idKeyDigest'
  | 'authorKeyDigest'
  | 'authorKeyEnabled'
  | 'reportData'
  | 'reportId'
  | 'reportIdMa'
  | 'chipId'
  | 'chipIdMasked'
  | 'chipKeyMasked'
  | 'cpuid'
  | 'firmware'
  | 'mitigations'
> {
  /** 8 bytes each. */
  readonly tcbBytes: Readonly<Record<SnpTcbName, Uint8Array>>
}

/** A report cut into what was signed, the signature, and what it says. */
export interface ParsedSnpReport {
  readonly fields: SnpReport
  /** Bytes 0 to 29Fh, a view of the input. */
  readonly signed: Uint8Array
  /** r||s, big-endian, 96 bytes. */
  readonly signature: Uint8Array
}

export const SNP_REPORT_BYTES = 1184
/** Where the four TCBs begin. */
export const TCB_AT: Readonly<Record<SnpTcbName, number>> = {
  current: 0x38,
  reported: 0x180,
  committed: 0x1e0,
  launch: 0x1f0,
}
const SIGNED_BYTES = 0x2a0
const POLICY = 0x08
const FLAGS = 0x48
const CPUID = 0x188
const MITIGATIONS = 0x1f8
const ECDSA_P384_SHA384 = 1
const SCALAR_BYTES = 48
const SCALAR_FIELD_BYTES = 72

/**
 * Reads a report of version 2, 3, 4 or 5: exact length, known algorithm and signing key, every
 * reserved byte zero. Version 3 adds CPUID, version 4 has its layout, version 5 adds mitigation
 * vectors.
 * Source: SEV-SNP Firmware ABI (AMD 56860), "ATTESTATION_REPORT" and "Signature format".
 */
export function parseSnpReport(report: Uint8Array): Result<ParsedSnpReport, SnpFormError> {
  const problem = findFormProblem(report)
  if (problem !== undefined) return err(problem)
  return ok({
    fields: splitReport(report),
    signed: report.subarray(0, SIGNED_BYTES),
    signature: readSignature(report),
  })
}

function findFormProblem(report: Uint8Array): SnpFormError | undefined {
  const { length } = report
  if (length !== SNP_REPORT_BYTES) return { code: 'report_length_wrong', length }
  const version = u32At(report, 0)
  if (version < 2 || version > 5) return { code: 'report_version_unsupported', version }
  const algorithm = u32At(report, 0x34)
  if (algorithm !== ECDSA_P384_SHA384) return { code: 'report_algorithm_unsupported', algorithm }
  const signingKey = signingKeyOf(report)
  if (signingKey > 1) return { code: 'report_signing_key_unsupported', signingKey }
  const vmpl = u32At(report, 0x30)
  if (vmpl > 3) return { code: 'report_vmpl_unsupported', vmpl }
  const reserved = findReserved(report, version)
  if (reserved !== undefined) return { code: 'report_reserved_nonzero', at: reserved }
  if (!hasBit(report.subarray(POLICY, POLICY + 8), POLICY_RESERVED_ONE)) {
    return { code: 'report_policy_invalid' }
  }
  const cpuid = readCpuid(report)
  if (cpuid !== undefined && familyOfCpuid(cpuid) === undefined) {
    return { code: 'report_processor_unsupported', family: cpuid.family, model: cpuid.model }
  }
  const junk = findNonZero(report, [
    [SIGNED_BYTES + SCALAR_BYTES, SIGNED_BYTES + SCALAR_FIELD_BYTES],
    [SIGNED_BYTES + SCALAR_FIELD_BYTES + SCALAR_BYTES, SNP_REPORT_BYTES],
  ])
  return junk === undefined ? undefined : { code: 'report_signature_malformed', at: junk }
}

/** The first reserved byte that is not zero; bits 5 and up of the flags are reserved too. */
function findReserved(report: Uint8Array, version: number): number | undefined {
  if ((report[FLAGS] ?? 0) >= 0x20) return FLAGS
  return findNonZero(report, [
    [FLAGS + 1, 0x50],
    [version >= 3 ? CPUID + 3 : CPUID, 0x1a0],
    [0x1eb, 0x1ec],
    [0x1ef, 0x1f0],
    [version >= 5 ? MITIGATIONS + 16 : MITIGATIONS, SIGNED_BYTES],
  ])
}

function findNonZero(
  bytes: Uint8Array,
  ranges: readonly (readonly [from: number, to: number])[],
): number | undefined {
  for (const [from, to] of ranges) {
    for (let at = from; at < to; at++) if (bytes[at] !== 0) return at
  }
  return undefined
}

function signingKeyOf(report: Uint8Array): number {
  return ((report[FLAGS] ?? 0) >> 2) & 7
}

function splitReport(report: Uint8Array): SnpReport {
  const policy = readGuestPolicy(report.subarray(POLICY, POLICY + 8))
  const chipId = report.slice(0x1a0, 0x1e0)
  const flags = report[FLAGS] ?? 0
  return {
    reportVersion: versionOf(u32At(report, 0)),
    signingKey: signingKeyOf(report) === 0 ? 'vcek' : 'vlek',
    debug: policy.debugAllowed,
    policy,
    platformInfo: readPlatformInfo(report.subarray(0x40, 0x48)),
    vmpl: u32At(report, 0x30),
    guestSvn: u32At(report, 4),
    familyId: report.slice(0x10, 0x20),
    imageId: report.slice(0x20, 0x30),
    measurement: report.slice(0x90, 0xc0),
    hostData: report.slice(0xc0, 0xe0),
    idKeyDigest: report.slice(0xe0, 0x110),
    authorKeyDigest: report.slice(0x110, 0x140),
    authorKeyEnabled: (flags & 1) === 1,
    reportData: report.slice(0x50, 0x90),
    reportId: report.slice(0x140, 0x160),
    reportIdMa: report.slice(0x160, 0x180),
    chipId,
    chipIdMasked: chipId.every((byte) => byte === 0),
    chipKeyMasked: (flags & 2) === 2,
    cpuid: readCpuid(report),
    tcbBytes: readTcbs(report),
    firmware: { current: readVersion(report, 0x1e8), committed: readVersion(report, 0x1ec) },
    mitigations: readMitigations(report),
  }
}

function versionOf(version: number): SnpReport['reportVersion'] {
  return version === 2 || version === 3 || version === 4 ? version : 5
}

function readCpuid(report: Uint8Array): SnpCpuid | undefined {
  if (u32At(report, 0) < 3) return undefined
  const [family = 0, model = 0, stepping = 0] = report.subarray(CPUID, CPUID + 3)
  return { family, model, stepping }
}

function readTcbs(report: Uint8Array): SnpReport['tcbBytes'] {
  const read = (at: number): Uint8Array => report.slice(at, at + 8)
  return {
    reported: read(TCB_AT.reported),
    committed: read(TCB_AT.committed),
    current: read(TCB_AT.current),
    launch: read(TCB_AT.launch),
  }
}

function readVersion(report: Uint8Array, at: number): SnpFirmwareVersion {
  const [build = 0, minor = 0, major = 0] = report.subarray(at, at + 3)
  return { major, minor, build }
}

function readMitigations(report: Uint8Array): SnpReport['mitigations'] {
  if (u32At(report, 0) < 5) return undefined
  return {
    launch: report.slice(MITIGATIONS, MITIGATIONS + 8),
    current: report.slice(MITIGATIONS + 8, MITIGATIONS + 16),
  }
}

/** AMD writes r and s little-endian into 72 bytes each. */
function readSignature(report: Uint8Array): Uint8Array {
  const signature = new Uint8Array(2 * SCALAR_BYTES)
  const scalar = (at: number): Uint8Array => report.slice(at, at + SCALAR_BYTES).toReversed()
  signature.set(scalar(SIGNED_BYTES), 0)
  signature.set(scalar(SIGNED_BYTES + SCALAR_FIELD_BYTES), SCALAR_BYTES)
  return signature
}
