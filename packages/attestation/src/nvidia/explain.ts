import { bytesToHex } from '@tacit/base'
import { debugLine, formatTime, type Explanation } from '../explain-text.ts'
import type { GpuSetVerdict, NvidiaVerdict, RimComparison } from './verdict.ts'

const FIRMWARE: Readonly<Record<NvidiaVerdict['firmwareId'], string>> = {
  matched: 'named alike by report and certificate',
  not_in_report: 'named by the certificate alone',
  not_in_certificate: 'NOT named by the certificate',
}
const FEATURES: Readonly<Record<NonNullable<NvidiaVerdict['featureFlag']>, string>> = {
  SPT: 'one GPU for a guest',
  MPT: 'several GPUs for a guest',
  PPCIE: 'several GPUs for a guest, through protected switches',
  unknown: 'a mode that is not known here',
}
const TOPOLOGY: Readonly<Record<GpuSetVerdict['topology'], string>> = {
  closed: 'eight GPUs and four switches, linked to each other and to nothing else',
  unlinked: 'not looked into: no switches are among the evidence',
}

/** What a GPU, a switch or a set of them is, and the lines about it. */
export function describeNvidia(verdict: NvidiaVerdict | GpuSetVerdict): Explanation {
  return verdict.kind === 'set' ? describeSet(verdict) : describeDevice(verdict)
}

function describeDevice(verdict: NvidiaVerdict): Explanation {
  const kind = verdict.kind === 'gpu' ? 'GPU' : 'switch'
  return {
    what: `NVIDIA ${verdict.architecture} ${kind}, ${verdict.hardwareModel}`,
    lines: [
      `nonce      ${bytesToHex(verdict.nonce)}`,
      `device     PDI ${bytesToHex(verdict.pdi)}, UEID ${bytesToHex(verdict.ueid)}`,
      ...describeBoard(verdict),
      ...describeRims(verdict),
      `firmware   ${verdict.fwid === undefined ? 'no identity' : bytesToHex(verdict.fwid)}, ${FIRMWARE[verdict.firmwareId]}`,
      ...describeMode(verdict),
      debugLine(verdict.debug),
      ...describeRevocation(verdict),
    ],
  }
}

function describeSet(verdict: GpuSetVerdict): Explanation {
  const { devices, gpus, topology, architectures, driverVersions } = verdict
  const mixed = driverVersions.length > 1 ? ` (MIXED: ${driverVersions.join(', ')})` : ''
  return {
    what: `${gpus} NVIDIA GPUs and ${devices.length - gpus} switches, ${architectures.join(' and ')}${mixed}`,
    lines: [
      `nonce      ${bytesToHex(verdict.nonce)}`,
      `links      ${TOPOLOGY[topology]}`,
      debugLine(verdict.debug),
      ...devices.flatMap((device, at) => describeMember(device, at)),
    ],
  }
}

function describeMember(device: NvidiaVerdict, at: number): string[] {
  const { pdi, hardwareModel } = device
  const name = `${at}`.padEnd(2)
  return [
    `device ${name}  ${hardwareModel}, PDI ${bytesToHex(pdi)}`,
    ...[...describeRims(device), ...describeRevocation(device)].map((line) => `  ${line}`),
  ]
}

function describeBoard({ project, projectSku, chipSku }: NvidiaVerdict): string[] {
  return project === undefined
    ? []
    : [`board      project ${project}, SKU ${projectSku ?? '?'}, chip SKU ${chipSku ?? '?'}`]
}

function describeRims({ kind, driverVersion, vbiosVersion, rims }: NvidiaVerdict): string[] {
  const vbios = `VBIOS      ${vbiosVersion ?? 'unnamed'}: ${compare(rims.vbios)}`
  return kind === 'switch'
    ? [vbios]
    : [`driver     ${driverVersion ?? 'unnamed'}: ${compare(rims.driver)}`, vbios]
}

function compare(comparison: RimComparison): string {
  if (comparison.status === 'absent') return 'no manifest to compare it with'
  if (comparison.status === 'matched') return "measured as NVIDIA's manifest says"
  const { mismatches, belowFloor } = comparison
  const parts = [
    ...(mismatches.length === 0 ? [] : [`at ${mismatches.join(', ')}`]),
    ...(belowFloor.length === 0 ? [] : [`below the floor of ${belowFloor.join(', ')}`]),
  ]
  return `NOT as NVIDIA's manifest says, ${parts.join(' and ')}`
}

function describeMode({ featureFlag, protectedPcie, nvdec0 }: NvidiaVerdict): string[] {
  return [
    ...(featureFlag === undefined ? [] : [`mode       ${featureFlag}: ${FEATURES[featureFlag]}`]),
    ...(protectedPcie === undefined ? [] : [`PCIe       protection ${protectedPcie}`]),
    ...(nvdec0 === undefined ? [] : [`NVDEC0     ${nvdec0}`]),
  ]
}

function describeRevocation({ revocation }: NvidiaVerdict): string[] {
  const { unknown, onHold, until } = revocation
  const known =
    until === undefined
      ? 'not known: no OCSP response was given'
      : `none known until ${formatTime(until)}`
  const open =
    until === undefined || unknown.length === 0 ? '' : `, not known of ${unknown.join(', ')}`
  const hold = onHold.length === 0 ? [] : [`hold       ON HOLD: ${onHold.join(', ')}`]
  return [`revocation ${known}${open}`, ...hold]
}
