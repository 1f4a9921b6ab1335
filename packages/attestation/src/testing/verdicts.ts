import type { GpuSetVerdict, NvidiaVerdict } from '../nvidia/verdict.ts'
import { readGuestPolicy } from '../sev-snp/guest-policy.ts'
import { readPlatformInfo } from '../sev-snp/platform-info.ts'
import type { SnpVerdict } from '../sev-snp/verdict.ts'
import { DAY, NOW, REPORT_DATA } from './kit.ts'

/** What all synthetic verdicts rest on. */
export const ROOT: SnpVerdict['root'] = {
  name: 'Root of tests',
  vendor: 'test',
  fingerprint: new Uint8Array(32).fill(0xaa),
}

const COMMON = {
  root: ROOT,
  debug: false,
  verifiedAt: NOW,
  latestIssue: NOW - DAY,
  earliestExpiry: NOW + DAY,
  signatureChecks: 4,
}
const TCB = { fmc: undefined, bootloader: 10, tee: 0, snp: 0x1b, microcode: 0x56 }

/** A guest on Genoa that the production policy would take, but for its root. */
export function snpVerdict(changes: Partial<SnpVerdict> = {}): SnpVerdict {
  return {
    ...COMMON,
    tee: 'sev-snp',
    family: 'Genoa',
    productName: 'Genoa-B1',
    cpuid: { family: 0x19, model: 0x11, stepping: 1 },
    reportVersion: 3,
    signingKey: 'vcek',
    cspId: undefined,
    policy: readGuestPolicy(Uint8Array.of(0, 0, 3, 0, 0, 0, 0, 0)),
    platformInfo: readPlatformInfo(Uint8Array.of(0x25, 0, 0, 0, 0, 0, 0, 0)),
    vmpl: 0,
    guestSvn: 2,
    familyId: new Uint8Array(16).fill(1),
    imageId: new Uint8Array(16).fill(2),
    measurement: new Uint8Array(48).fill(3),
    hostData: new Uint8Array(32).fill(4),
    idKeyDigest: new Uint8Array(48).fill(5),
    authorKeyDigest: new Uint8Array(48).fill(6),
    authorKeyEnabled: true,
    reportData: REPORT_DATA,
    reportId: new Uint8Array(32).fill(7),
    reportIdMa: new Uint8Array(32).fill(0xff),
    chipId: new Uint8Array(64).fill(8),
    chipIdMasked: false,
    chipKeyMasked: false,
    tcb: { reported: TCB, committed: TCB, current: TCB, launch: TCB },
    firmware: {
      current: { major: 1, minor: 55, build: 21 },
      committed: { major: 1, minor: 55, build: 21 },
    },
    mitigations: undefined,
    issued: { endorsement: NOW - 100 * DAY, crl: NOW - DAY },
    revocationKnownUntil: NOW + DAY,
    ...changes,
  }
}

/** An H100 that the production policy would take, but for its root. */
export function nvidiaVerdict(changes: Partial<NvidiaVerdict> = {}): NvidiaVerdict {
  return {
    ...COMMON,
    tee: 'nvidia',
    kind: 'gpu',
    architecture: 'Hopper',
    hardwareModel: 'GH100 A01 GSP BROM',
    nonce: new Uint8Array(32).fill(1),
    driverVersion: '550.144.03',
    vbiosVersion: '96.00.9F.00.01',
    project: '1010',
    projectSku: '0200',
    chipSku: '882',
    fwid: new Uint8Array(48).fill(2),
    firmwareId: 'matched',
    measurements: [],
    opaque: {},
    nvdec0: 'disabled',
    protectedPcie: 'disabled',
    featureFlag: 'SPT',
    pdi: new Uint8Array(8).fill(3),
    ueid: new Uint8Array(20).fill(4),
    switchPdis: [],
    gpuPdis: [],
    rims: { driver: { status: 'matched', id: 'D' }, vbios: { status: 'matched', id: 'V' } },
    revocation: { unknown: [], onHold: [], until: NOW + DAY },
    ...changes,
  }
}

/** Devices asked with one nonce; GPUs whose links nobody looked into unless told otherwise. */
export function gpuSetVerdict(
  devices: readonly NvidiaVerdict[],
  changes: Partial<GpuSetVerdict> = {},
): GpuSetVerdict {
  const gpus = devices.filter(({ kind }) => kind === 'gpu')
  return {
    ...COMMON,
    tee: 'nvidia',
    kind: 'set',
    devices,
    gpus: gpus.length,
    topology: 'unlinked',
    architectures: [...new Set(devices.map(({ architecture }) => architecture))],
    driverVersions: [...new Set(gpus.flatMap(({ driverVersion }) => driverVersion ?? []))],
    nonce: new Uint8Array(32).fill(1),
    ...changes,
  }
}
