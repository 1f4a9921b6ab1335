import { equalBytes } from '@tacit/base'
import type { NvidiaSetError } from './errors.ts'
import type { NvidiaVerdict } from './verdict.ts'

type Linked = Pick<NvidiaVerdict, 'kind' | 'pdi' | 'switchPdis' | 'gpuPdis'>

/** Of a Hopper machine with protected PCIe, the one kind that measures its links. */
const GPUS = 8
const SWITCHES = 4

/**
 * Looks at the links both ways: every GPU must be linked to all switches and every switch to all
 * GPUs of the set, and neither to anything else. Of one kind alone there is nothing to look at.
 * Source: NVIDIA/nvtrust, guest_tools/ppcie-verifier, "topology check".
 */
export function findTopologyProblem(devices: readonly Linked[]): NvidiaSetError | undefined {
  const duplicate = devices.findIndex(({ pdi }, at) =>
    devices.slice(0, at).some((earlier) => equalBytes(earlier.pdi, pdi)),
  )
  if (duplicate >= 0) return { code: 'device_duplicate', device: duplicate }
  const gpus = devices.filter(({ kind }) => kind === 'gpu')
  const switches = devices.filter(({ kind }) => kind === 'switch')
  if (switches.length === 0 || gpus.length === 0) return undefined
  if (gpus.length !== GPUS || switches.length !== SWITCHES) {
    return { code: 'topology_incomplete', gpus: gpus.length, switches: switches.length }
  }
  const stray = devices.findIndex(({ kind, switchPdis, gpuPdis }) =>
    kind === 'gpu' ? !isSame(switchPdis, switches) : !isSame(gpuPdis, gpus),
  )
  return stray < 0 ? undefined : { code: 'topology_mismatch', device: stray }
}

/** The PDIs are different from each other. */
function isSame(pdis: readonly Uint8Array[], devices: readonly Linked[]): boolean {
  return (
    pdis.length === devices.length &&
    devices.every((device) => pdis.some((pdi) => equalBytes(pdi, device.pdi)))
  )
}
