import {
  bool,
  boundedBytes,
  mapped,
  names,
  struct,
  u64,
  u8,
  variant,
  vec,
  type AccountId,
  type Codec,
} from '@tacit/base'

/**
 * Why an extrinsic may not be included. `custom` carries a pallet's own number (0 to 255).
 * Source: sp_runtime::transaction_validity.
 */
export type InvalidTransaction =
  | { readonly code: InvalidCode }
  | { readonly code: 'custom'; readonly value: number }
export type UnknownTransaction = { readonly code: UnknownCode }
export type TransactionValidityError = InvalidTransaction | UnknownTransaction

type InvalidCode = keyof typeof INVALID
type UnknownCode = keyof typeof UNKNOWN

const INVALID = {
  /** The call is not expected here. */
  call: 'Call',
  /** The sender cannot pay the fee. */
  payment: 'Payment',
  /** The nonce is ahead of the account's. */
  future: 'Future',
  /** The nonce was used. */
  stale: 'Stale',
  /** The signature does not fit the payload, which names chain, version and era. */
  bad_proof: 'BadProof',
  /** The era's first block is unknown: mortality is over or has not begun. */
  ancient_birth_block: 'AncientBirthBlock',
  /** The block, or any block, has no room for it. */
  exhausts_resources: 'ExhaustsResources',
  /** A mandatory call failed. */
  bad_mandatory: 'BadMandatory',
  /** An inherent was sent to the pool. */
  mandatory_validation: 'MandatoryValidation',
  /** The sender may not sign. */
  bad_signer: 'BadSigner',
} as const
const UNKNOWN = {
  cannot_lookup: 'CannotLookup',
  /** The call needs a signature. */
  no_unsigned_validator: 'NoUnsignedValidator',
} as const

export type ValidTransaction = {
  readonly priority: bigint
  /** Tags that other transactions must provide first. */
  readonly requires: readonly Uint8Array[]
  readonly provides: readonly Uint8Array[]
  /** Blocks for which it stays valid. */
  readonly longevity: bigint
  readonly propagate: boolean
}

/** What the pool hears of an extrinsic that may be included. */
export type Judged = ValidTransaction & {
  /** Who signed it. */
  readonly signer?: AccountId
}

export type TransactionSource = 'InBlock' | 'Local' | 'External'

const path = (name: string): { readonly path: readonly string[] } => ({
  path: ['sp_runtime', 'transaction_validity', name],
})
const invalidOnWire = variant(
  {
    Call: [0],
    Payment: [1],
    Future: [2],
    Stale: [3],
    BadProof: [4],
    AncientBirthBlock: [5],
    ExhaustsResources: [6],
    Custom: [7, u8],
    BadMandatory: [8],
    MandatoryValidation: [9],
    BadSigner: [10],
  },
  path('InvalidTransaction'),
)
const unknownOnWire = variant(
  { CannotLookup: [0], NoUnsignedValidator: [1], Custom: [2, u8] },
  path('UnknownTransaction'),
)
const onWire = variant(
  { Invalid: [0, invalidOnWire], Unknown: [1, unknownOnWire] },
  path('TransactionValidityError'),
)
type OnWire = typeof onWire extends Codec<infer T> ? T : never

/** sp_runtime::transaction_validity::TransactionValidityError. */
export const validityError: Codec<TransactionValidityError> = mapped<
  OnWire,
  TransactionValidityError
>(onWire, fromWire, toWire)

function toWire(error: TransactionValidityError): OnWire {
  if (error.code === 'custom')
    return { type: 'Invalid', value: { type: 'Custom', value: error.value } }
  if (error.code in INVALID)
    return { type: 'Invalid', value: { type: INVALID[error.code as InvalidCode] } }
  return { type: 'Unknown', value: { type: UNKNOWN[error.code as UnknownCode] } }
}

function fromWire(error: OnWire): TransactionValidityError | undefined {
  if (error.value.type === 'Custom')
    return error.type === 'Invalid' ? { code: 'custom', value: error.value.value } : undefined
  const named = Object.entries(error.type === 'Invalid' ? INVALID : UNKNOWN)
  const found = named.find(([, name]) => name === error.value.type)
  return found && { code: found[0] as InvalidCode }
}

const tags = vec(boundedBytes(1024), 64)

export const validTransaction: Codec<ValidTransaction> = struct(
  { priority: u64, requires: tags, provides: tags, longevity: u64, propagate: bool },
  path('ValidTransaction'),
)

export const transactionSource: Codec<TransactionSource> = names(
  { InBlock: 0, Local: 1, External: 2 },
  path('TransactionSource'),
)
