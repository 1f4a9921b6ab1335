import { bytesToHex } from '@tacit/base'
import type { GpuSetVerdict, NvidiaVerdict } from '../nvidia/verdict.ts'
import type { NvidiaPolicy } from './nvidia-policy.ts'
import { ifRequired, isVersionBelow, unlessListed, unlessMeasured, type Rules } from './rules.ts'

/** Rules about devices together. */
type SetRule = 'topologies' | 'requireSameDriver'

/** Fields of the section that are judged elsewhere. */
type OtherRule = 'maxCollateralAgeSeconds' | 'nrasIssuers' | SetRule

/** What rules ask of a device, be it by its own report or by NVIDIA's word. */
export type DeviceFacts = Pick<
  NvidiaVerdict,
  | 'kind'
  | 'driverVersion'
  | 'vbiosVersion'
  | 'project'
  | 'projectSku'
  | 'chipSku'
  | 'fwid'
  | 'firmwareId'
  | 'protectedPcie'
  | 'featureFlag'
  | 'rims'
> & {
  readonly architecture: NvidiaVerdict['architecture'] | undefined
  readonly hardwareModel: string | undefined
  readonly pdi: Uint8Array | undefined
  readonly ueid: Uint8Array | undefined
  readonly revocation: { readonly onHold: readonly string[] }
}

/** What the policy for NVIDIA demands of each device. */
export const NVIDIA_RULES: Rules<DeviceFacts, Omit<NvidiaPolicy, OtherRule>> = {
  architectures: ({ architecture }, accepted) => unlessListed(architecture, accepted),
  rims: ({ kind, rims }, accepted) => {
    const isDriverAccepted = kind === 'switch' || accepted.driver.includes(rims.driver.status)
    if (isDriverAccepted && accepted.vbios.includes(rims.vbios.status)) return undefined
    return { driver: { ...rims.driver }, vbios: { ...rims.vbios } }
  },
  kinds: ({ kind }, accepted) => unlessListed(kind, accepted),
  minimumDriverVersion: ({ kind, driverVersion = '' }, minimum) => {
    const isBelow = kind === 'gpu' && isVersionBelow(driverVersion, minimum, 10)
    return isBelow ? driverVersion : undefined
  },
  driverVersions: ({ kind, driverVersion }, accepted) => {
    return kind === 'gpu' ? unlessListed(driverVersion, accepted) : undefined
  },
  minimumVbiosVersions: ({ architecture, vbiosVersion = '' }, minima) => {
    const minimum = architecture && minima[architecture]
    const isBelow = minimum !== undefined && isVersionBelow(vbiosVersion, minimum, 16)
    return isBelow ? vbiosVersion : undefined
  },
  vbiosVersions: ({ vbiosVersion }, accepted) => unlessListed(vbiosVersion, accepted),
  requireFirmwareId: ({ kind, firmwareId }, isRequired) => {
    // Reports of switches name no firmware.
    return ifRequired(isRequired, kind === 'switch' || firmwareId === 'matched', firmwareId)
  },
  refuseCertificateHold: ({ revocation: { onHold } }, isRequired) => {
    return ifRequired(isRequired, onHold.length === 0, onHold)
  },
  requireProtectedPcie: ({ protectedPcie }, isRequired) => {
    return ifRequired(isRequired, protectedPcie === 'enabled', protectedPcie ?? null)
  },
  featureFlags: ({ featureFlag }, accepted) => {
    return unlessListed<string>(featureFlag, accepted)
  },
  pdis: ({ pdi }, accepted) => unlessListed(pdi && bytesToHex(pdi), accepted),
  ueids: ({ ueid }, accepted) => unlessListed(ueid && bytesToHex(ueid), accepted),
  measurements: (verdict, accepted) => unlessMeasured(describeDevice(verdict), accepted),
}

/** What rules ask of devices together; a device that comes alone has no topology. */
export interface SetFacts {
  readonly topology: GpuSetVerdict['topology'] | undefined
  /** The different versions of GPU drivers. */
  readonly driverVersions: readonly string[]
  /** One of several GPUs does not say which driver it runs. */
  readonly hasUnnamedDriver: boolean
}

/** Whether one of several GPUs names no driver, which may then be any. */
export function hasUnnamedDriver(
  devices: readonly Pick<DeviceFacts, 'kind' | 'driverVersion'>[],
): boolean {
  const gpus = devices.filter(({ kind }) => kind === 'gpu')
  return gpus.length > 1 && gpus.some(({ driverVersion }) => driverVersion === undefined)
}

/** What it demands of devices together. */
export const NVIDIA_SET_RULES: Rules<SetFacts, Pick<NvidiaPolicy, SetRule>> = {
  topologies: ({ topology }, accepted) => unlessListed(topology, accepted),
  requireSameDriver: ({ driverVersions, hasUnnamedDriver }, isRequired) => {
    const isSame = driverVersions.length <= 1 && !hasUnnamedDriver
    return ifRequired(isRequired, isSame, driverVersions)
  },
}

/** Under the names that allow lists use; what the device does not say is on no list. */
function describeDevice(verdict: DeviceFacts): Readonly<Record<string, string>> {
  const { hardwareModel, driverVersion, vbiosVersion, project, projectSku, chipSku, fwid } = verdict
  const said = { hardwareModel, driverVersion, vbiosVersion, project, projectSku, chipSku }
  const texts = { ...said, fwid: fwid && bytesToHex(fwid) }
  return Object.fromEntries(
    Object.entries(texts).flatMap(([name, text]) => (text === undefined ? [] : [[name, text]])),
  )
}
