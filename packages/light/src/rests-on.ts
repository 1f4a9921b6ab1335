import { toHex, type Hash } from '@tacit/base'
import { finalityThreshold, totalWeight } from './justification.ts'
import type { LightState } from './light-state.ts'

/** What a verdict about the chain rests on; everything that could make it wrong. */
export type RestsOn = {
  readonly checkpoint: Hash
  readonly chainClass: string
  readonly justifiedHeight: number
  readonly authorityCount: number
  readonly setId: bigint
  readonly totalWeight: bigint
  readonly neededWeight: bigint
  /** Seconds from the evidence's newest document to the time of the verdict. */
  readonly evidenceAgeS?: number
  /** Height to which a revocation of the evidence would be known. */
  readonly revocationKnownTo: number
}

export function restsOn(
  light: LightState,
  facts: { readonly chainClass: string; readonly evidenceAgeS?: number },
): RestsOn {
  const { authorities, setId } = light.set
  return {
    ...facts,
    checkpoint: light.genesisHash,
    justifiedHeight: light.head.number,
    authorityCount: authorities.length,
    setId,
    totalWeight: totalWeight(authorities),
    neededWeight: finalityThreshold(authorities),
    revocationKnownTo: light.head.number,
  }
}

/** The same for a person, a line each. */
export function explainRestsOn(report: RestsOn): readonly string[] {
  const keys = report.authorityCount === 1 ? 'one key' : `${report.authorityCount} keys`
  const age = report.evidenceAgeS === undefined ? [] : [`evidence age: ${report.evidenceAgeS} s`]
  return [
    `checkpoint: genesis ${toHex(report.checkpoint)}`,
    `chain class: ${report.chainClass}`,
    `authority set ${report.setId}: ${keys}, ${report.neededWeight} of ${report.totalWeight} weight needed`,
    `justified height: ${report.justifiedHeight}`,
    ...age,
    `revocations known up to height ${report.revocationKnownTo}`,
  ]
}
