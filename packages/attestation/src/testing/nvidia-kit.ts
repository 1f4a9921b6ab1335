import { native } from '@tacit/crypto/native'
import {
  createDevGpuPlatform,
  type DevDevice,
  type DevGpuPlatform,
  type DeviceLaunch,
  type GpuAttack,
} from '@tacit/platform-dev'
import type { GpuSetInput } from '../nvidia/gpu-set.ts'
import type { NvidiaInput } from '../nvidia/verify.ts'
import { NOW } from './kit.ts'

const SEED = new Uint8Array(32).fill(7)
export const GPU_NONCE: Uint8Array = Uint8Array.from({ length: 32 }, (_, at) => at)

export const gpuPlatform: DevGpuPlatform = createDevGpuPlatform({ seed: SEED, now: NOW })

/** What a device says under the roots of its platform, without collateral. */
export function deviceInput(
  device: DevDevice,
  platform: DevGpuPlatform = gpuPlatform,
): NvidiaInput {
  return {
    report: device.report(GPU_NONCE),
    chain: device.chain,
    nonce: GPU_NONCE,
    roots: [platform.root, platform.rimRoot],
    now: NOW,
    hashes: native.hashes,
  }
}

/** A device that was launched on a platform with deviations. */
export function launched(
  launch: DeviceLaunch = {},
  attack: GpuAttack = {},
): { readonly device: DevDevice; readonly input: NvidiaInput } {
  const platform = gpuPlatform.attack(attack)
  const device = platform.launch(launch)
  return { device, input: deviceInput(device, platform) }
}

/** The machine of eight GPUs and four switches; its keys and signatures take a while. */
export const machine: readonly DevDevice[] = gpuPlatform.launchSet()

/** What the machine's devices say. */
export function setInput(devices: readonly DevDevice[] = machine): GpuSetInput {
  return {
    devices: devices.map((device) => ({ report: device.report(GPU_NONCE), chain: device.chain })),
    nonce: GPU_NONCE,
    roots: [gpuPlatform.root, gpuPlatform.rimRoot],
    now: NOW,
    hashes: native.hashes,
  }
}
