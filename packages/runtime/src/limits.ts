import type { DispatchClass } from './framework/calls.ts'
import type { PerClass } from './pallets/system/types.ts'
import type { MultiSignature } from './protocol/signature.ts'
import { addWeights, OPERATION_PS, type Weight } from './framework/weights.ts'

const MAX_U64 = 2n ** 64n - 1n

/** Two seconds of reference time; proof bytes are informative and unbounded. */
export const MAX_BLOCK_WEIGHT: Weight = { refTime: 2_000_000_000_000n, proofSize: MAX_U64 }
/** What Normal calls may use of a block: 75 percent. */
export const MAX_NORMAL_WEIGHT: Weight = { refTime: 1_500_000_000_000n, proofSize: MAX_U64 }
/** Bytes of all extrinsics of a block. */
export const MAX_BLOCK_BYTES = 5_000_000
/** Bytes of all Normal extrinsics of a block, hence of any one. */
export const MAX_NORMAL_BYTES = 3_750_000

/** Decoding, one sr25519 signature, nonce and fee: four accounts' worth of storage. */
export const BASE_EXTRINSIC_WEIGHT: Weight = {
  refTime: OPERATION_PS.sr25519 + 100_000_000n,
  proofSize: 0n,
}

/** The base weight of an extrinsic, by how it is signed: more where the signature costs more. */
export function baseWeight(signature?: MultiSignature['type']): Weight {
  return signature === 'Ecdsa' ? ECDSA_EXTRINSIC_WEIGHT : BASE_EXTRINSIC_WEIGHT
}

const ECDSA_EXTRINSIC_WEIGHT: Weight = addWeights(BASE_EXTRINSIC_WEIGHT, {
  refTime: OPERATION_PS.ecdsa - OPERATION_PS.sr25519,
  proofSize: 0n,
})

export const CLASS_KEY: { readonly [C in DispatchClass]: keyof PerClass<unknown> } = {
  Normal: 'normal',
  Operational: 'operational',
  Mandatory: 'mandatory',
}
