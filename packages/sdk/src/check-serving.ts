import { bytesToHex } from '@tacit/base'
import { PRODUCTION_POLICY } from '@tacit/attestation'
import { checkTrustingPeriod } from '@tacit/light'
import type { ChainClass, Instance } from '@tacit/runtime'
import { TacitError } from './errors.ts'

/** What an instance is judged by, all proved at one justified block but the reader's clock. */
export type ServingFacts = {
  readonly record: Instance
  readonly chainClass: ChainClass
  /** The chain's clock, Unix milliseconds. */
  readonly chainTimeMs: bigint
  /** The reader's clock, Unix seconds. */
  readonly now: number
  /** Seconds that the block may be old. */
  readonly maxHeadAgeS: number
}

/**
 * Refuses an instance to which nobody should speak, whatever the node and its worker say: one that
 * a block of long ago vouches for, whose evidence has expired or is in grace, or whose verdict the policy of the
 * chain's class refuses.
 * @throws TacitError `session_stale`, `chain_time_ahead`, `instance_not_serving`,
 *   `instance_refused`.
 */
export function checkServing({ record, chainClass, ...clock }: ServingFacts): void {
  checkAge(clock)
  if (record.role.type !== 'Contracts') throw notServing(`it has the role ${record.role.type}`)
  if (clock.chainTimeMs >= record.expiresMs) throw notServing('its evidence has expired')
  if (record.grace !== undefined) {
    throw notServing(`it gets no keys any more, for ${record.grace.reason.type}`)
  }
  const { debug, rootFingerprint, rootName, status } = record.verdict
  if (debug) throw refused('it was launched in debug mode')
  if (chainClass !== 'production') return
  const { roots, dcap } = PRODUCTION_POLICY
  if (!roots.includes(bytesToHex(rootFingerprint))) throw refused(`${rootName} vouches for it`)
  if (!dcap?.statuses.some((one) => one === status.type))
    throw refused(`its platform is ${status.type}`)
}

function checkAge({
  chainTimeMs,
  now,
  maxHeadAgeS,
}: Omit<ServingFacts, 'record' | 'chainClass'>): void {
  const age = checkTrustingPeriod(chainTimeMs, now, maxHeadAgeS)
  if (age.ok) return
  const { error } = age
  if (error.code === 'chain_time_ahead') {
    throw new TacitError({
      code: error.code,
      shortMessage: `The chain's clock is ${error.aheadS} s ahead of this machine's`,
      fix: "Set this machine's clock.",
    })
  }
  throw new TacitError({
    code: 'session_stale',
    shortMessage: `The newest block that the node shows is ${error.ageS} s old`,
    fix: "Connect to another node, or set this machine's clock.",
  })
}

function notServing(why: string): TacitError {
  return new TacitError({
    code: 'instance_not_serving',
    shortMessage: `The contract's enclave may not serve now: ${why}`,
    fix: 'Wait until its worker has registered again, or ask the owner for another one.',
  })
}

function refused(why: string): TacitError {
  return new TacitError({
    code: 'instance_refused',
    shortMessage: `The contract's enclave is not one to trust with secrets: ${why}`,
    fix: 'Ask the owner of the contract for another worker.',
  })
}
