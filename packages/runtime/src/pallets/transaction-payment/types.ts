import { accountId, mapped, struct, u128, utf8, type AccountId, type Codec } from '@tacit/base'
import { defineEvents, type Events } from '../../framework/events.ts'
import { defineStorage, storageValue, type StorageValue } from '../../framework/storage.ts'

/** Millionths of a fee that are burned; the rest, and every tip, goes to the treasury. */
export const BURNED_PARTS_PER_MILLION = 500_000n

/** The account of PalletId 'py/trsry': "modl", the id, zeros. */
export const TREASURY_ACCOUNT: AccountId = palletAccount('py/trsry')

function palletAccount(id: string): AccountId {
  const account = new Uint8Array(32)
  account.set(utf8(`modl${id}`))
  return account as AccountId
}

/** 1 as FixedU128. */
const ONE = 10n ** 18n

const fixedU128: Codec<bigint> = mapped(
  u128,
  (value) => value,
  (value) => value,
  {
    kind: 'composite',
    path: ['sp_arithmetic', 'fixed_point', 'FixedU128'],
    params: [],
    fields: [{ type: u128.type, typeName: 'u128' }],
  },
)

export const transactionPaymentStorage: { NextFeeMultiplier: StorageValue<bigint> } = defineStorage(
  'TransactionPayment',
  {
    NextFeeMultiplier: storageValue({
      value: fixedU128,
      default: ONE,
      docs: ['Factor of the weight fee; constant 1.'],
    }),
  },
)

export const transactionPaymentEvents: Events<{
  TransactionFeePaid: {
    readonly who: AccountId
    readonly actual_fee: bigint
    readonly tip: bigint
  }
}> = defineEvents('TransactionPayment', 11, {
  TransactionFeePaid: [
    0,
    struct({ who: accountId, actual_fee: u128, tip: u128 }),
    'A fee was paid; actual_fee includes the tip.',
  ],
})
