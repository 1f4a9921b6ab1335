import { ok, type Result } from '@tacit/base'
import {
  registrationReportData,
  type Evidence,
  type RegistrationBinding,
  type Role,
  type SlotId,
} from '@tacit/runtime'
import type { ChainView } from './chain/chain-view.ts'
import type { EvidenceError, EvidenceSource } from './evidence/evidence-source.ts'
import type { InstanceKeys } from './keys.ts'

export interface Registration {
  readonly binding: RegistrationBinding
  readonly evidence: Evidence
}

/** Binds the instance's keys to an operator's slot, under fresh evidence at the justified head. */
export async function createRegistration(
  chain: ChainView,
  instance: InstanceKeys,
  evidence: EvidenceSource,
  as: { readonly role: Role; readonly slot: SlotId },
): Promise<Result<Registration, EvidenceError>> {
  const head = chain.head()
  const binding: RegistrationBinding = {
    genesis: chain.genesis,
    ...as,
    signingKey: instance.signing.publicKey,
    encryptionKey: instance.encryption.publicKey,
    recentNumber: head.number,
    recentHash: head.hash,
    gpuEvidence: undefined,
  }
  const quote = await evidence.quote(registrationReportData(chain.hashes, binding))
  if (!quote.ok) return quote
  const cpu = { type: 'Dcap', value: { quote: quote.value } } as const
  return ok({ binding, evidence: { cpu, gpu: undefined } })
}
