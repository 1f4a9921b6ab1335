import { measurementId } from '@tacit/attestation'
import type { Hash } from '@tacit/base'
import { native } from '@tacit/crypto/native'
import {
  createDevAmd,
  createDevGpuPlatform,
  createDevPlatform,
  type DevAmd,
  type DevDevice,
  type DevGpuPlatform,
  type DevPlatform,
} from '@tacit/platform-dev'
import {
  ATTESTATION_INDEX,
  attestationCalls,
  encodeCall,
  type GenesisSpec,
  type Role,
} from '@tacit/runtime'
import type { Staple } from '../instance.ts'
import type { EvidenceFunction, GpuFunction } from '../tee-server.ts'

type Roots = NonNullable<GenesisSpec['attestation']>['roots']

/** What a worker runs on: hardware that platform-dev plays, and what its vendor publishes. */
export interface Machine {
  readonly roots: Roots
  /** Calls by which anyone gives the chain the collateral. */
  readonly collateral: readonly Uint8Array[]
  /** Launches a program in a role; the same program has the same measurement. */
  launch(role: Role['type']): LaunchedProgram
  readonly gpus?: { readonly collect: GpuFunction; readonly staple: Staple }
}

export interface LaunchedProgram {
  readonly measurement: Hash
  readonly evidence: EvidenceFunction
}

const SEED = new Uint8Array(32).fill(7)
const IMAGE = new Uint8Array(48).fill(0x42)
/** Enclaves have no argument that is measured: a program for each role. */
const ROLE_BYTES = { Gatekeeper: 1, Contracts: 2, Inference: 3, Compose: 4 } as const

function call<N extends keyof typeof attestationCalls>(
  name: N,
  args: Parameters<(typeof attestationCalls)[N]['dispatch']>[1],
): Uint8Array {
  return encodeCall(ATTESTATION_INDEX, attestationCalls[name] as never, args as never)
}

/** A machine with Intel TDX. @param now Unix seconds. */
export function tdxMachine(now: number, options: { readonly debug?: boolean } = {}): Machine {
  const platform = createDevPlatform({ seed: SEED, now })
  return {
    roots: [platform.root],
    collateral: [call('submit_collateral', { collateral: platform.collateral() })],
    launch: (role) => launchTd(platform, role, options),
  }
}

function launchTd(
  platform: DevPlatform,
  role: Role['type'],
  options: { readonly debug?: boolean },
): LaunchedProgram {
  const td = platform.launchTd({ image: IMAGE, role, ...options })
  const measurement = measurementId({ tee: 'tdx', ...td }, native.hashes) as Hash
  return { measurement, evidence: (reportData) => td.quote(reportData) }
}

/** The same with NVIDIA GPUs. */
export function tdxGpuMachine(
  now: number,
  choose: (platform: DevGpuPlatform) => readonly DevDevice[] = (gpus) => gpus.launchSet(),
  answer: (device: DevDevice) => readonly Uint8Array[] = (device) => device.ocspAll(),
): Machine {
  const tdx = tdxMachine(now)
  const platform = createDevGpuPlatform({ seed: SEED, now })
  const devices = choose(platform)
  const rims = new Map(devices.map((device) => [device.architecture, device.rims()]))
  const documents = [...rims.values()].flat()
  return {
    ...tdx,
    roots: [...tdx.roots, platform.root, platform.rimRoot],
    collateral: [
      ...tdx.collateral,
      ...documents.map((document) => call('submit_rim', { document })),
    ],
    gpus: {
      collect: (nonce) => ({
        devices: devices.map((device) => ({
          certificateChain: device.chain,
          report: device.report(nonce),
        })),
      }),
      staple: () => Promise.resolve(devices.flatMap((device) => answer(device))),
    },
  }
}

/** A machine with Intel SGX. */
export function sgxMachine(now: number, options: { readonly debug?: boolean } = {}): Machine {
  const platform = createDevPlatform({ seed: SEED, now })
  const collateral = platform.collateral({ tee: 'sgx' })
  return {
    roots: [platform.root],
    collateral: [call('submit_collateral', { collateral })],
    launch: (role) => {
      const mrEnclave = new Uint8Array(32).fill(ROLE_BYTES[role])
      const mrSigner = new Uint8Array(32).fill(0x51)
      const measured = { mrEnclave, mrSigner, isvProdId: 1, isvSvn: 1 }
      const enclave = platform.launchEnclave({ ...measured, ...options })
      const measurement = measurementId({ tee: 'sgx', ...measured }, native.hashes) as Hash
      return { measurement, evidence: (reportData) => enclave.quote(reportData) }
    },
  }
}

/** A machine with AMD SEV-SNP; its keys take seconds to derive. */
export function snpMachine(
  now: number,
  options: { readonly debug?: boolean; readonly chipIdMasked?: boolean } = {},
): Machine {
  const platform = createDevAmd({ seed: SEED, now })
  return {
    roots: [platform.root],
    collateral: [call('submit_amd_collateral', { collateral: platform.collateral() })],
    launch: (role) => launchGuest(platform, role, options),
  }
}

function launchGuest(
  platform: DevAmd,
  role: Role['type'],
  options: { readonly debug?: boolean; readonly chipIdMasked?: boolean },
): LaunchedProgram {
  const hostData = new Uint8Array(32).fill(ROLE_BYTES[role])
  const measurement = new Uint8Array(48).fill(0x53)
  const guest = platform.launchGuest({ measurement, hostData, ...options })
  const { endorsement: certificate } = platform.collateral()
  const measured = { tee: 'sev-snp', measurement, hostData, vmpl: 0 } as const
  return {
    measurement: measurementId(measured, native.hashes) as Hash,
    evidence: (reportData) => ({
      type: 'SevSnp',
      value: { report: guest.report(reportData), certificate },
    }),
  }
}
