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
 * a block of long ago vouches for, whose evidence has expired or is in grace, or whose verdict the
 * policy of the chain's class refuses.
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
  const { debug, rootFingerprint, rootName } = record.verdict
  if (debug) throw refused('it was launched in debug mode')
  if (chainClass !== 'production') return
  const { roots } = PRODUCTION_POLICY
  if (!roots.includes(bytesToHex(rootFingerprint))) throw refused(`${rootName} vouches for it`)
  const fault = findPlatformFault(record.verdict) ?? findGpuFault(record.verdict)
  if (fault !== undefined) throw refused(fault)
}

/** What the production policy has against a platform, as far as the chain's record shows it. */
function findPlatformFault({ facts, status, advisories }: Instance['verdict']): string | undefined {
  const { dcap, sevSnp } = PRODUCTION_POLICY
  const denied = (facts.type === 'Dcap' ? dcap : sevSnp)?.deniedAdvisories ?? []
  const open = advisories.filter((advisory) => denied.includes(advisory))
  if (open.length > 0) return `its platform leaves ${open.join(' ')} open`
  if (facts.type === 'Dcap') {
    const isAccepted = dcap?.statuses.some((one) => one === status.type)
    return isAccepted === true ? undefined : `its platform is ${status.type}`
  }
  const { type: family } = facts.value.collateral.family
  const isAccepted = sevSnp?.families.includes(family)
  return isAccepted === true ? undefined : `its processor is of the family ${family}`
}

function findGpuFault({ gpus, gpuRoots }: Instance['verdict']): string | undefined {
  const { roots } = PRODUCTION_POLICY
  // The roots of manifests are among these, which policies do not name.
  const [deviceRoot] = gpuRoots
  if (deviceRoot && !roots.includes(bytesToHex(deviceRoot))) {
    return 'a development root vouches for its GPUs'
  }
  for (const { kind, model, driverRim, vbiosRim, isRevocationKnown } of gpus) {
    const isMeasured = vbiosRim !== undefined && (kind.type === 'Switch' || driverRim !== undefined)
    if (!isMeasured) return `its ${model} runs what no manifest knows`
    if (!isRevocationKnown) return `nobody says that its ${model} was not revoked`
  }
  return undefined
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
