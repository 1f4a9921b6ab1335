import { concatBytes, encode, err, ok, u32, type AccountId, type Result } from '@tacit/base'
import { eraDeath } from '../era.ts'
import type { Extrinsic, Signed } from '../extrinsic.ts'
import type { DispatchInfo } from '../framework/calls.ts'
import type { Judged, TransactionSource, TransactionValidityError } from '../framework/validity.ts'
import { addWeights } from '../framework/weights.ts'
import { spendable } from '../pallets/balances/ops.ts'
import { computeFeeDetails, totalFee } from '../pallets/transaction-payment/fees.ts'
import {
  askSignature,
  baseOf,
  checkSender,
  checkSize,
  dispatchInfo,
  lengthLimit,
  weightLimit,
} from './check.ts'
import type { Environment } from './environment.ts'
import { awaitsMigration } from './upgrade.ts'

const MAX_U64 = 2n ** 64n - 1n
/** What an operational call's fee counts in its priority (pallet_transaction_payment). */
const OPERATIONAL_FACTOR = 5n

type Validity = Result<Judged, TransactionValidityError>

/** Judges an extrinsic for the pool; changes nothing. */
export function validate(
  environment: Environment,
  source: TransactionSource,
  extrinsic: Extrinsic,
): Validity {
  const found = environment.composition.find(extrinsic.call)
  const info = dispatchInfo(found)
  const size = checkSize(info, extrinsic)
  if (!size.ok) return size
  if (info.class === 'Mandatory') return err({ code: 'mandatory_validation' })
  if (extrinsic.signed) return validateSigned(environment, extrinsic, extrinsic.signed, info)
  const { pallet, name, args } = found
  if (!pallet.validateUnsigned) return err({ code: 'no_unsigned_validator' })
  const { state, host, block } = environment
  // Its storage may be in a layout that these rules cannot read.
  if (awaitsMigration(state, environment.composition)) return err({ code: 'exhausts_resources' })
  return pallet.validateUnsigned({ state, host, block, source }, name, args)
}

function validateSigned(
  environment: Environment,
  extrinsic: Extrinsic,
  signed: Signed,
  info: DispatchInfo,
): Validity {
  const asked = askSignature(environment, extrinsic, signed)
  if (!asked.ok) return asked
  const { signer, check } = asked.value
  if (!environment.host.verify(check)) return err({ code: 'bad_proof' })
  const { nonce, tip, era } = signed.extensions
  const account = checkSender(environment, signer, nonce)
  if (!account.ok) return account
  const { lengthBytes } = extrinsic
  const base = baseOf(extrinsic)
  const fee = totalFee(computeFeeDetails({ ...info, base, lengthBytes, tip }))
  if (fee > spendable(environment.state, signer, 'Preserve')) return err({ code: 'payment' })
  const { number } = environment.block
  const death = eraDeath(era, number)
  return ok({
    priority: priority(info, extrinsic, tip, fee),
    requires: nonce > account.value.nonce ? [nonceTag(signer, nonce - 1)] : [],
    provides: [nonceTag(signer, nonce)],
    longevity: death === undefined ? MAX_U64 : BigInt(death - number),
    propagate: true,
    signer,
  })
}

/** Tags chain an account's extrinsics in the order of their nonces. */
function nonceTag(signer: AccountId, nonce: number): Uint8Array {
  return concatBytes(signer, encode(u32, nonce))
}

/** Tip for each share of a block that the extrinsic takes, as in pallet_transaction_payment. */
function priority(info: DispatchInfo, extrinsic: Extrinsic, tip: bigint, fee: bigint): bigint {
  const { lengthBytes } = extrinsic
  const weight = addWeights(info.weight, baseOf(extrinsic)).refTime
  const byWeight = weightLimit(info.class).refTime / (weight > 0n ? weight : 1n)
  const byLength = BigInt(Math.floor(lengthLimit(info.class) / Math.max(1, lengthBytes)))
  const perBlock = byWeight < byLength ? byWeight : byLength
  const bonus = info.class === 'Operational' ? fee * OPERATIONAL_FACTOR * perBlock : 0n
  const value = (tip + 1n) * perBlock + bonus
  return value > MAX_U64 ? MAX_U64 : value
}
