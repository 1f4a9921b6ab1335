import { option, struct, u128, type Codec } from '@tacit/base'
import type { Weight } from '../../framework/weights.ts'

/** Planck for each byte of an extrinsic. */
export const FEE_PER_BYTE = 10_000_000n
/** Planck for each picosecond: a full block of Normal calls costs 7.5 PHA. */
export const FEE_PER_PS = 5n

/** pallet_transaction_payment::types::InclusionFee, in planck. */
export type InclusionFee = {
  readonly base_fee: bigint
  readonly len_fee: bigint
  readonly adjusted_weight_fee: bigint
}

/** pallet_transaction_payment::types::FeeDetails; without an inclusion fee the call is free. */
export type FeeDetails = { readonly inclusion_fee: InclusionFee | undefined; readonly tip: bigint }

const typePath = (
  name: string,
): { path: readonly string[]; params: readonly { name: string; type: typeof u128.type }[] } => ({
  path: ['pallet_transaction_payment', 'types', name],
  params: [{ name: 'Balance', type: u128.type }],
})

export const feeDetails: Codec<FeeDetails> = struct(
  {
    inclusion_fee: option(
      struct(
        { base_fee: u128, len_fee: u128, adjusted_weight_fee: u128 },
        typePath('InclusionFee'),
      ),
    ),
    tip: u128,
  },
  typePath('FeeDetails'),
)

/** What decides a fee; `weight` without `base`, which every extrinsic costs by how it is signed. */
export type FeeInput = {
  readonly base: Weight
  readonly lengthBytes: number
  readonly weight: Weight
  readonly paysFee: boolean
  readonly tip: bigint
}

/** Splits a fee into its parts. The multiplier is constant 1. */
export function computeFeeDetails({
  base,
  lengthBytes,
  weight,
  paysFee,
  tip,
}: FeeInput): FeeDetails {
  if (!paysFee) return { inclusion_fee: undefined, tip }
  return {
    inclusion_fee: {
      base_fee: weightToFee(base),
      len_fee: lengthToFee(lengthBytes),
      adjusted_weight_fee: weightToFee(weight),
    },
    tip,
  }
}

/** All parts of a fee with the tip. */
export function totalFee({ inclusion_fee: fee, tip }: FeeDetails): bigint {
  return tip + (fee ? fee.base_fee + fee.len_fee + fee.adjusted_weight_fee : 0n)
}

export function weightToFee(weight: Weight): bigint {
  return weight.refTime * FEE_PER_PS
}

export function lengthToFee(lengthBytes: number): bigint {
  return BigInt(lengthBytes) * FEE_PER_BYTE
}
