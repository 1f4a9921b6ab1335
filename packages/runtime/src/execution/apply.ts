import { err, ok, type Result } from '@tacit/base'
import type { Extrinsic, Signed } from '../extrinsic.ts'
import type { DispatchInfo, DispatchResult, PostDispatchInfo } from '../framework/calls.ts'
import type { CallContext } from '../framework/context.ts'
import type { DispatchError } from '../framework/dispatch-error.ts'
import type { FoundCall } from '../framework/composition.ts'
import type { Origin } from '../framework/origin.ts'
import type { TransactionValidityError } from '../framework/validity.ts'
import { addWeights, lesserWeight, type Weight } from '../framework/weights.ts'
import { systemEvents, systemStorage } from '../pallets/system/types.ts'
import { settleFee, takeFee } from '../pallets/transaction-payment/charge.ts'
import { computeFeeDetails, totalFee } from '../pallets/transaction-payment/fees.ts'
import { askSignature, baseOf, checkSender } from './check.ts'
import { palletContext, type Environment } from './environment.ts'

/** What became of an included extrinsic. */
export type Outcome = {
  readonly dispatch: Result<void, DispatchError>
  /** What it used, with the base weight. */
  readonly weight: Weight
  /** What the sender paid, tip included. */
  readonly feePlanck: bigint
}

type Prepared = { readonly origin: Origin; readonly nonce?: number; readonly takenPlanck: bigint }

/** An extrinsic with what was found of its call. */
type Read = {
  readonly extrinsic: Extrinsic
  readonly found: FoundCall
  readonly info: DispatchInfo
}

/** Checks, charges and dispatches one extrinsic. After an error the state is as before. */
export function applyExtrinsic(
  environment: Environment,
  { extrinsic, found, info }: Read,
  index: number,
): Result<Outcome, TransactionValidityError> {
  return environment.attempt(() => {
    const prepared = prepare(environment, extrinsic, info, found)
    if (!prepared.ok) return prepared
    const outcome = dispatch(environment, extrinsic, prepared.value, index)
    if (!outcome.ok && info.class === 'Mandatory') {
      environment.host.log('warn', `${found.pallet.name}.${found.name}: ${outcome.error.code}`)
      return err({ code: 'bad_mandatory' })
    }
    return ok(settle(environment, extrinsic, info, prepared.value, outcome))
  })
}

function prepare(
  environment: Environment,
  extrinsic: Extrinsic,
  info: DispatchInfo,
  found: FoundCall,
): Result<Prepared, TransactionValidityError> {
  if (extrinsic.signed) return prepareSigned(environment, extrinsic, extrinsic.signed, info)
  const none: Prepared = { origin: { type: 'None' }, takenPlanck: 0n }
  if (info.class === 'Mandatory') return ok(none)
  const { pallet, name, args } = found
  if (!pallet.validateUnsigned) return err({ code: 'no_unsigned_validator' })
  const { state, host, block } = environment
  const valid = pallet.validateUnsigned({ state, host, block, source: 'InBlock' }, name, args)
  return valid.ok ? ok(none) : valid
}

function prepareSigned(
  environment: Environment,
  extrinsic: Extrinsic,
  signed: Signed,
  info: DispatchInfo,
): Result<Prepared, TransactionValidityError> {
  const asked = askSignature(environment, extrinsic, signed)
  if (!asked.ok) return asked
  const { signer: who, check } = asked.value
  if (!environment.host.verify(check)) return err({ code: 'bad_proof' })
  const { nonce, tip } = signed.extensions
  const account = checkSender(environment, who, nonce)
  if (!account.ok) return account
  if (nonce > account.value.nonce) return err({ code: 'future' })
  systemStorage.Account.set(environment.state, who, { ...account.value, nonce: nonce + 1 })
  const takenPlanck = totalFee(
    computeFeeDetails({
      ...info,
      base: baseOf(extrinsic),
      lengthBytes: extrinsic.lengthBytes,
      tip,
    }),
  )
  if (!takeFee(palletContext(environment), who, takenPlanck)) return err({ code: 'payment' })
  return ok({ origin: { type: 'Signed', who }, nonce, takenPlanck })
}

function dispatch(
  environment: Environment,
  extrinsic: Extrinsic,
  { origin, nonce }: Prepared,
  extrinsicIndex: number,
): DispatchResult {
  const base = { ...palletContext(environment), origin, extrinsicIndex }
  const context: CallContext = nonce === undefined ? base : { ...base, nonce }
  return environment.composition.dispatch(context, extrinsic.call)
}

function settle(
  environment: Environment,
  extrinsic: Extrinsic,
  info: DispatchInfo,
  prepared: Prepared,
  outcome: DispatchResult,
): Outcome {
  const post: PostDispatchInfo = (outcome.ok ? outcome.value : outcome.post) ?? {}
  const used = post.actualWeight ? lesserWeight(post.actualWeight, info.weight) : info.weight
  const paysFee = info.paysFee && (post.paysFee ?? true)
  const actual = { ...info, weight: used, paysFee }
  const feePlanck = settleSigned(environment, extrinsic, prepared, actual)
  const weight = addWeights(used, baseOf(extrinsic))
  const paid = { type: paysFee ? 'Yes' : 'No' } as const
  const dispatch_info = { weight, class: info.class, pays_fee: paid }
  if (outcome.ok) environment.deposit(systemEvents.ExtrinsicSuccess({ dispatch_info }))
  else
    environment.deposit(
      systemEvents.ExtrinsicFailed({ dispatch_error: outcome.error, dispatch_info }),
    )
  return { dispatch: outcome.ok ? ok() : err(outcome.error), weight, feePlanck }
}

function settleSigned(
  environment: Environment,
  extrinsic: Extrinsic,
  { origin, takenPlanck: taken }: Prepared,
  actual: DispatchInfo,
): bigint {
  if (origin.type !== 'Signed') return 0n
  const { lengthBytes, signed } = extrinsic
  const tip = signed?.extensions.tip ?? 0n
  const base = baseOf(extrinsic)
  const due = totalFee(computeFeeDetails({ ...actual, base, lengthBytes, tip }))
  return settleFee(palletContext(environment), origin.who, { taken, due, tip })
}
