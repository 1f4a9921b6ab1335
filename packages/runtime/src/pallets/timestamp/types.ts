import { u64 } from '@tacit/base'
import { defineErrors, type Errors } from '../../framework/errors.ts'
import { defineStorage, storageValue, type StorageValue } from '../../framework/storage.ts'

/** A block's time is later than its parent's by this at least. */
export const MINIMUM_PERIOD_MS = 1n
/** Keeps the clock within 48 bits, so that sums of times never overflow 64. */
export const MAX_TIME_MS: bigint = 2n ** 48n - 1n

export const timestampStorage: { Now: StorageValue<bigint> } = defineStorage('Timestamp', {
  Now: storageValue({
    value: u64,
    default: 0n,
    docs: ['The chain clock: Unix milliseconds of the last block.'],
  }),
})

export const timestampErrors: Errors<'NotLater' | 'TooLate'> = defineErrors('Timestamp', 1, {
  NotLater: [0, "The time is not later than the last block's."],
  TooLate: [1, 'The time is beyond the range of the clock.'],
})
