import { developmentPolicy } from '@tacit/attestation'
import { unwrap, utf8 } from '@tacit/base'
import { createDevGpuPlatform, type DevDevice, type DevGpuPlatform } from '@tacit/platform-dev'
import type { GpuEvidence } from '../../protocol/evidence.ts'
import { CAROL, createWorld, devPlatform, filled, START, submit, type World } from './world.ts'

export const GPUS: DevGpuPlatform = createDevGpuPlatform({ seed: filled(0x6e), now: START })

/** How devices report, and what is stapled to it. */
export type GpuReporter = {
  readonly chains: readonly Uint8Array[]
  report(nonce: Uint8Array): GpuEvidence
}

export function gpuReporter(
  devices: readonly DevDevice[],
  ocsp: readonly Uint8Array[] = [],
): GpuReporter {
  return {
    chains: devices.map(({ chain }) => chain),
    report: (nonce) => ({
      devices: devices.map((device) => ({
        certificateChain: device.chain,
        report: device.report(nonce),
      })),
      ocsp,
    }),
  }
}

/** A world with collateral for TDX that trusts the roots of the development GPUs. */
export function createGpuWorld(): World {
  const platform = devPlatform()
  const world = createWorld({ platform, roots: [platform.root, GPUS.root, GPUS.rimRoot] })
  submit(world, platform.collateral())
  return world
}

export function submitRims(world: World, device: DevDevice): void {
  for (const document of device.rims()) {
    unwrap(world.signed(CAROL, 'Attestation', 'submit_rim', { document }), 'manifest')
  }
}

/** Demands of GPUs what a production chain does. */
export function demandMeasuredGpus(world: World): void {
  const policy = {
    ...developmentPolicy([world.platform.root, GPUS.root]),
    debug: false,
    requireRevocationKnown: true,
    nvidia: {
      architectures: ['Hopper', 'LS10'],
      rims: { driver: ['matched'], vbios: ['matched'] },
      requireFirmwareId: true,
    },
  }
  const document = utf8(JSON.stringify(policy))
  unwrap(world.dispatch({ type: 'Root' }, 'Attestation', 'set_policy', { document }), 'policy')
}
