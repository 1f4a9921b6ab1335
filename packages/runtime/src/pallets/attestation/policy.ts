import { boundedBytes, err, InvariantError, ok, struct, unwrap, type Codec } from '@tacit/base'
import {
  developmentPolicy,
  parsePolicy,
  PRODUCTION_POLICY,
  type DcapRejudgement,
  type Policy,
  type TrustedRoot,
} from '@tacit/attestation'
import type { DispatchResult } from '../../framework/calls.ts'
import type { CallContext } from '../../framework/context.ts'
import { ensureRoot } from '../../framework/origin.ts'
import type { State } from '../../framework/state.ts'
import { consensusStorage } from '../consensus/types.ts'
import { MAX_POLICY_BYTES } from './records.ts'
import { attestationErrors, attestationEvents, attestationStorage } from './types.ts'

export type SetPolicyArgs = { readonly document: Uint8Array }

export const setPolicyArgs: Codec<SetPolicyArgs> = struct({
  document: boundedBytes(MAX_POLICY_BYTES),
})

/** Judges evidence by a policy from now on; what was admitted by another one must renew. */
export function setPolicy(ctx: CallContext, { document }: SetPolicyArgs): DispatchResult {
  const permitted = ensureRoot(ctx.origin)
  if (!permitted.ok) return permitted
  const policy = parsePolicy(document)
  if (!policy.ok) return err(attestationErrors.PolicyMalformed)
  // A debugger sees secrets on a chain of any class.
  if (policy.value.debug) return err(attestationErrors.PolicyTooLoose)
  const version = policyVersion(ctx.state) + 1
  attestationStorage.Policy.set(ctx.state, { document, version, changedMs: ctx.block.nowMs })
  ctx.deposit(attestationEvents.PolicySet({ version, document }))
  return ok()
}

/** The first policy of a chain that has another one than the preset of its class. */
export function startWithPolicy(state: State, document: Uint8Array): void {
  const policy = parsePolicy(document)
  if (!policy.ok || policy.value.debug || document.length > MAX_POLICY_BYTES) {
    throw new InvariantError('genesis: the policy is malformed or too loose')
  }
  attestationStorage.Policy.set(state, { document, version: 1, changedMs: 0n })
}

/** By what evidence under a root is judged. */
export function chainPolicy(state: State, root: Pick<TrustedRoot, 'fingerprint'>): Policy {
  const stored = attestationStorage.Policy.get(state)
  if (stored) return unwrap(parsePolicy(stored.document), 'the stored policy')
  const chainClass = consensusStorage.ChainClass.get(state)
  if (chainClass === undefined) throw new InvariantError('the chain has no class')
  // The roots were pinned by the chain itself.
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
