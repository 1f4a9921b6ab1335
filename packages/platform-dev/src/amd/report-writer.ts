import { encodeTcb, type DevAmdChip, type DevAmdTcb } from './chip.ts'

/** What a guest is launched as and how the platform is set up; whatever is not given is usual. */
export interface GuestLaunch {
  /** 48 bytes. */
  readonly measurement: Uint8Array
  /** 2 to 5; 3 where not given. */
  readonly reportVersion?: 2 | 3 | 4 | 5
  /** `vcek` where not given. */
  readonly signingKey?: 'vcek' | 'vlek'
  /** The guest's policy allows debugging. */
  readonly debug?: boolean
  /** The guest's policy allows a migration agent. */
  readonly migration?: boolean
  /** 0 to 3; 0 where not given. */
  readonly vmpl?: number
  readonly guestSvn?: number
  /** 32 bytes. */
  readonly hostData?: Uint8Array
  /** 48 bytes. */
  readonly idKeyDigest?: Uint8Array
  /** 48 bytes. */
  readonly authorKeyDigest?: Uint8Array
  /** PLATFORM_INFO, low byte: SMT, ECC and alias check where not given. */
  readonly platformInfo?: number
  /** The host hides the chip's identity. */
  readonly chipIdMasked?: boolean
  /** The host forbids the chip's keys. */
  readonly chipKeyMasked?: boolean
}

/** A report's four patch levels. */
export interface DevAmdTcbs {
  readonly reported: DevAmdTcb
  readonly committed: DevAmdTcb
  readonly current: DevAmdTcb
  readonly launch: DevAmdTcb
}

export const REPORT_BYTES = 1184
export const REPORT_SIGNED_BYTES = 0x2a0
const SMT_ECC_ALIAS_CHECK = 0x25
const MINIMUM_ABI = 0x1f
const FIRMWARE = [40, 55, 1, 0, 40, 55, 1, 0]

/**
 * An unsigned report.
 * Source: SEV-SNP Firmware ABI (AMD 56860), "ATTESTATION_REPORT".
 */
export function writeReport(
  chip: DevAmdChip,
  tcbs: DevAmdTcbs,
  launch: GuestLaunch,
  reportData: Uint8Array,
): Uint8Array {
  const { reportVersion = 3, vmpl = 0, guestSvn = 0 } = launch
  const report = new Uint8Array(REPORT_BYTES)
  const view = new DataView(report.buffer)
  view.setUint32(0, reportVersion, true)
  view.setUint32(4, guestSvn, true)
  report.set([MINIMUM_ABI, 0, policyOf(launch)], 8)
  view.setUint32(0x30, vmpl, true)
  view.setUint32(0x34, 1, true)
  report[0x40] = launch.platformInfo ?? SMT_ECC_ALIAS_CHECK
  report[0x48] = flagsOf(launch)
  report.set(reportData, 0x50)
  report.set(launch.measurement, 0x90)
  report.set(launch.hostData ?? [], 0xc0)
  report.set(launch.idKeyDigest ?? [], 0xe0)
  report.set(launch.authorKeyDigest ?? [], 0x110)
  report.set(launch.measurement.subarray(0, 32), 0x140)
  report.fill(0xff, 0x160, 0x180)
  if (reportVersion >= 3) report.set(chip.cpuid, 0x188)
  if (!isMasked(launch)) report.set(chip.hwid, 0x1a0)
  report.set(FIRMWARE, 0x1e8)
  writeTcbs(report, chip, tcbs)
  if (reportVersion >= 5) report.set([7, 0, 0, 0, 0, 0, 0, 0, 7], 0x1f8)
  return report
}

/** Puts r||s, big-endian, 96 bytes, where and as AMD has them. */
export function writeSignature(report: Uint8Array, signature: Uint8Array): void {
  report.set(signature.slice(0, 48).toReversed(), REPORT_SIGNED_BYTES)
  report.set(signature.slice(48, 96).toReversed(), REPORT_SIGNED_BYTES + 72)
}

function writeTcbs(report: Uint8Array, { family }: DevAmdChip, tcbs: DevAmdTcbs): void {
  report.set(encodeTcb(family, tcbs.current), 0x38)
  report.set(encodeTcb(family, tcbs.reported), 0x180)
  report.set(encodeTcb(family, tcbs.committed), 0x1e0)
  report.set(encodeTcb(family, tcbs.launch), 0x1f0)
}

/** Bits 16 to 23: SMT, one, migration agent, debug. */
function policyOf({ migration = false, debug = false }: GuestLaunch): number {
  return 0x03 | (migration ? 0x04 : 0) | (debug ? 0x08 : 0)
}

function flagsOf({ signingKey, chipKeyMasked, authorKeyDigest }: GuestLaunch): number {
  const key = signingKey === 'vlek' ? 0x04 : 0
  return key | (chipKeyMasked === true ? 2 : 0) | (authorKeyDigest === undefined ? 0 : 1)
}

/** Clouds that lend keys hide their chips. */
function isMasked({ chipIdMasked, signingKey }: GuestLaunch): boolean {
  return chipIdMasked ?? signingKey === 'vlek'
}
