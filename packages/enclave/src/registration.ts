import { equalBytes, ok, type Result } from '@tacit/base'
import {
  gpuDeviceSet,
  gpuEvidenceHash,
  gpuNonce,
  registrationReportData,
  type Evidence,
  type GpuReports,
  type RegistrationBinding,
  type Role,
  type SlotId,
} from '@tacit/runtime'
import type { ChainView, Head } from './chain/chain-view.ts'
import {
  unavailable,
  type EvidenceError,
  type EvidenceSource,
  type GpuSource,
} from './evidence/evidence-source.ts'
import type { InstanceKeys } from './keys.ts'

export interface Registration {
  readonly binding: RegistrationBinding
  readonly evidence: Evidence
}

/** Where an instance gets its evidence from. */
export interface EvidenceSources {
  readonly evidence: Pick<EvidenceSource, 'collect'>
  /** Only where the instance serves with GPUs. */
  readonly gpus?: Pick<GpuSource, 'collect'>
}

/** Binds the instance's keys to an operator's slot, under fresh evidence at the justified head. */
export async function createRegistration(
  chain: ChainView,
  instance: InstanceKeys,
  sources: EvidenceSources,
  as: { readonly role: Role; readonly slot: SlotId },
): Promise<Result<Registration, EvidenceError>> {
  const head = chain.head()
  const gpu = sources.gpus && (await collectGpus(chain, head, instance, sources.gpus))
  if (gpu?.ok === false) return gpu
  const binding: RegistrationBinding = {
    genesis: chain.genesis,
    ...as,
    signingKey: instance.signing.publicKey,
    encryptionKey: instance.encryption.publicKey,
    recentNumber: head.number,
    recentHash: head.hash,
    gpuEvidence: gpu && gpuEvidenceHash(chain.hashes, gpu.value),
  }
  const cpu = await sources.evidence.collect(registrationReportData(chain.hashes, binding))
  if (!cpu.ok) return cpu
  // What NVIDIA says of the devices is for the worker to add: nothing here has a network.
  return ok({ binding, evidence: { cpu: cpu.value, gpu: gpu && { ...gpu.value, ocsp: [] } } })
}

/**
 * The nonce names the devices by their certificate chains, so they are asked twice: first for who
 * they are, then under the nonce. Nobody else may have joined in between.
 */
async function collectGpus(
  chain: ChainView,
  head: Head,
  instance: InstanceKeys,
  gpus: Pick<GpuSource, 'collect'>,
): Promise<Result<GpuReports, EvidenceError>> {
  const present = await gpus.collect(head.hash)
  if (!present.ok) return present
  const devices = gpuDeviceSet(chain.hashes, present.value.devices)
  const nonce = gpuNonce(chain.hashes, {
    genesis: chain.genesis,
    instance: instance.signing.publicKey,
    purpose: { type: 'Registration' },
    recentNumber: head.number,
    recentHash: head.hash,
    devices,
  })
  const collected = await gpus.collect(nonce)
  if (!collected.ok) return collected
  const found = gpuDeviceSet(chain.hashes, collected.value.devices)
  const isSame =
    found.length === devices.length &&
    found.every((device, at) => equalBytes(device, devices[at] ?? new Uint8Array()))
  return isSame ? collected : unavailable('devices_changed')
}
