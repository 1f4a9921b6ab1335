import { InvariantError } from '@tacit/base'
import {
  developmentPolicy,
  PRODUCTION_POLICY,
  type DcapRejudgement,
  type Policy,
  type TrustedRoot,
} from '@tacit/attestation'
import type { State } from '../../framework/state.ts'
import { consensusStorage } from '../consensus/types.ts'
import { attestationStorage } from './types.ts'

/** By what evidence under a root is judged. */
export function chainPolicy(state: State, root: Pick<TrustedRoot, 'fingerprint'>): Policy {
  const chainClass = consensusStorage.ChainClass.get(state)
  if (chainClass === undefined) throw new InvariantError('the chain has no class')
  // The roots were pinned by the chain itself, and a debugger sees secrets on any chain.
  return chainClass === 'production'
    ? PRODUCTION_POLICY
    : { ...developmentPolicy([root]), debug: false }
}

/** Which policy is in force; 0 is the preset of the chain's class. */
export function policyVersion(state: State): number {
  return attestationStorage.Policy.get(state)?.version ?? 0
}

/** Whether the policy accepts a patch level as its vendor judges it. */
export function acceptsLevel({ dcap }: Policy, { status, advisories }: DcapRejudgement): boolean {
  if (dcap === undefined) return false
  const { statuses, deniedAdvisories = [] } = dcap
  const isAccepted = status !== 'NotSupported' && statuses.includes(status)
  return isAccepted && !advisories.some((advisory) => deniedAdvisories.includes(advisory))
}
