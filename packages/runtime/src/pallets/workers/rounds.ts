import { equalBytes } from '@tacit/base'
import type { PalletContext } from '../../framework/context.ts'
import { addWeights, weigh, type Weight } from '../../framework/weights.ts'
import { collateralInfoOf } from '../attestation/rejudge.ts'
import { dropInstance } from './instances.ts'
import type { Grace, Instance } from './records.ts'
import { STANDING_EFFORT, standingOf } from './standing.ts'
import { INSTANCES_PER_ROUND, workersEvents, workersStorage } from './types.ts'

/** A look at an instance with all its devices. */
const LOOK: Weight = weigh({ reads: STANDING_EFFORT.reads })
const CHANGE: Weight = weigh({ writes: 8 })
const REJUDGEMENT: Weight = weigh({ bytes: STANDING_EFFORT.bytes })

/**
 * Looks at the standing of a few instances more, beginning again behind the last: takes those that
 * are out of service away, and says where grace begins or ends. What an instance may do never waits
 * for this: it is judged anew whenever it matters.
 */
export function makeRound(ctx: PalletContext): Weight {
  const { RoundAt, Instances } = workersStorage
  const last = RoundAt.get(ctx.state)
  const limit = INSTANCES_PER_ROUND
  const behind = last === undefined ? { limit } : { limit, startAfter: [last] as const }
  const batch = Instances.entries(ctx.state, behind)
  let weight = weigh({ reads: 1, writes: 1 })
  for (const { keys, value } of batch) weight = addWeights(weight, review(ctx, ...keys, value))
  const [end] = batch.at(-1)?.keys ?? []
  if (end !== undefined && batch.length === limit) RoundAt.set(ctx.state, end)
  else if (last !== undefined) RoundAt.delete(ctx.state)
  return weight
}

function review(ctx: PalletContext, signingKey: Uint8Array, instance: Instance): Weight {
  const { slot, verdict, judgedBy } = instance
  const newest = collateralInfoOf(ctx.state, verdict.facts)?.hash ?? judgedBy
  const isJudged = !equalBytes(newest, judgedBy)
  const weight = isJudged ? addWeights(LOOK, REJUDGEMENT) : LOOK
  const standing = standingOf(ctx.state, instance, ctx.block.nowMs)
  if (standing.type === 'Out') {
    dropInstance(ctx, signingKey, instance)
    ctx.deposit(workersEvents.Expired({ signingKey, slot, reason: standing.reason }))
    return addWeights(weight, CHANGE)
  }
  const grace = standing.type === 'Grace' ? standing.grace : undefined
  const isSame = isSameGrace(grace, instance.grace)
  // Collateral under which it is in doubt stays to be judged: the policy may come to accept it.
  if (isSame && (grace !== undefined || !isJudged)) return weight
  const judged = grace === undefined ? newest : judgedBy
  workersStorage.Instances.set(ctx.state, signingKey, { ...instance, judgedBy: judged, grace })
  if (!isSame) {
    ctx.deposit(
      grace === undefined
        ? workersEvents.GraceEnded({ signingKey, slot })
        : workersEvents.GraceBegan({ signingKey, slot, grace }),
    )
  }
  return addWeights(weight, CHANGE)
}

function isSameGrace(one: Grace | undefined, other: Grace | undefined): boolean {
  return one?.reason.type === other?.reason.type && one?.untilMs === other?.untilMs
}
