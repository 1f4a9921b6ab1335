import { parseUtf8 } from '@tacit/base'
import type { NvidiaVerdict } from '@tacit/attestation'

type Measured = Pick<
  NvidiaVerdict,
  | 'architecture'
  | 'driverVersion'
  | 'vbiosVersion'
  | 'project'
  | 'projectSku'
  | 'chipSku'
  | 'opaque'
>

/** Reports of switches do not say these; all LS10 boards have the same. */
const SWITCH_BOARD = '5612_0002_890'

/**
 * The names under which NVIDIA's service has the manifests of a device's driver and VBIOS; only
 * the driver's or VBIOS's where the report does not say what the other is. A name that stands for
 * another chip's manifest is harmless: the verifier compares what the manifest itself says.
 * Source: NVIDIA/attestation-sdk, gpu/evidence.cpp (get_driver_rim_id, get_vbios_rim_id).
 */
export function rimNames(device: Measured): readonly string[] {
  return [driverName(device), vbiosName(device)].filter((name) => name !== undefined)
}

function driverName({ architecture, driverVersion, opaque }: Measured): string | undefined {
  if (driverVersion === undefined) return undefined
  if (architecture === 'Hopper') return `NV_GPU_DRIVER_GH100_${driverVersion}`
  const chip = parseUtf8(opaque['chipInfo'] ?? new Uint8Array())?.replaceAll('\0', '')
  return `NV_GPU_CC_DRIVER_${chip === undefined || chip === '' ? 'GB100' : chip}_${driverVersion}`
}

function vbiosName(device: Measured): string | undefined {
  const version = device.vbiosVersion?.replaceAll('.', '').toUpperCase()
  if (version === undefined) return undefined
  if (device.architecture === 'LS10') return `NV_SWITCH_BIOS_${SWITCH_BOARD}_${version}`
  const { project, projectSku, chipSku } = device
  if (project === undefined || projectSku === undefined || chipSku === undefined) return undefined
  return `NV_GPU_VBIOS_${project}_${projectSku}_${chipSku}_${version}`
}
