import { bytesToHex, decode, encode } from '@tacit/base'
import { describe, expect, test } from 'vitest'
import { balancesErrors } from '../pallets/balances/types.ts'
import { dispatchError, type DispatchError } from './dispatch-error.ts'
import { freezeReason, holdReason } from './hold-reason.ts'
import { validityError, type TransactionValidityError } from './validity.ts'
import { addWeights, exceeds, lesserWeight, weigh, OPERATION_PS } from './weights.ts'

// Indices: polkadot-sdk, sp_runtime::DispatchError and ::transaction_validity.
const dispatch: [DispatchError, string][] = [
  [{ code: 'other' }, '00'],
  [{ code: 'cannot_lookup' }, '01'],
  [{ code: 'bad_origin' }, '02'],
  [balancesErrors.TooManyHolds, '030a08000000'],
  [{ code: 'consumer_remaining' }, '04'],
  [{ code: 'no_providers' }, '05'],
  [{ code: 'too_many_consumers' }, '06'],
  [{ code: 'token', reason: 'FundsUnavailable' }, '0700'],
  [{ code: 'token', reason: 'Blocked' }, '0709'],
  [{ code: 'arithmetic', reason: 'Overflow' }, '0801'],
  [{ code: 'exhausted' }, '0a'],
  [{ code: 'corruption' }, '0b'],
  [{ code: 'unavailable' }, '0c'],
  [{ code: 'root_not_allowed' }, '0d'],
]
const validity: [TransactionValidityError, string][] = [
  [{ code: 'call' }, '0000'],
  [{ code: 'payment' }, '0001'],
  [{ code: 'future' }, '0002'],
  [{ code: 'stale' }, '0003'],
  [{ code: 'bad_proof' }, '0004'],
  [{ code: 'ancient_birth_block' }, '0005'],
  [{ code: 'exhausts_resources' }, '0006'],
  [{ code: 'custom', value: 200 }, '0007c8'],
  [{ code: 'bad_mandatory' }, '0008'],
  [{ code: 'mandatory_validation' }, '0009'],
  [{ code: 'bad_signer' }, '000a'],
  [{ code: 'cannot_lookup' }, '0100'],
  [{ code: 'no_unsigned_validator' }, '0101'],
]

test.each(dispatch)('dispatch error %j is 0x%s', (error, hex) => {
  const bytes = encode(dispatchError, error)
  expect(bytesToHex(bytes)).toBe(hex)
  const read = decode(dispatchError, bytes)
  if ('pallet' in error)
    expect(read).toMatchObject({ value: { pallet: 10, index: 8, code: '10.8' } })
  else expect(read).toEqual({ ok: true, value: error })
})

test.each(validity)('validity error %j is 0x%s', (error, hex) => {
  const bytes = encode(validityError, error)
  expect(bytesToHex(bytes)).toBe(hex)
  expect(decode(validityError, bytes)).toEqual({ ok: true, value: error })
})

test('unknown ones are malformed', () => {
  expect(decode(validityError, Uint8Array.of(1, 2, 5))).toMatchObject({
    error: { reason: 'value_invalid' },
  })
  expect(decode(validityError, Uint8Array.of(0, 11))).toMatchObject({
    error: { reason: 'variant_unknown' },
  })
  expect(decode(dispatchError, Uint8Array.of(9))).toMatchObject({
    error: { reason: 'variant_unknown' },
  })
})

test('reasons are named by the index of their pallet', () => {
  expect(
    bytesToHex(encode(holdReason, { type: 'Contracts', value: { type: 'StateDeposit' } })),
  ).toBe('1702')
  expect(bytesToHex(encode(holdReason, { type: 'Workers', value: { type: 'Registration' } }))).toBe(
    '1500',
  )
  expect(bytesToHex(encode(freezeReason, { type: 'Governance', value: { type: 'Voting' } }))).toBe(
    '1e00',
  )
})

describe('weights', () => {
  test('are operations times constants', () => {
    const { refTime } = weigh({ reads: 2, writes: 3, bytes: 10, crypto: { p256: 1, pairing: 2 } })
    const { read, write, byte, p256, pairing } = OPERATION_PS
    expect(refTime).toBe(2n * read + 3n * write + 10n * byte + p256 + 2n * pairing)
  })

  test('saturate, compare by part, and never grow by a refund', () => {
    const most = { refTime: 2n ** 64n - 1n, proofSize: 1n }
    const some = { refTime: 5n, proofSize: 9n }
    expect(addWeights(most, some)).toEqual({ refTime: 2n ** 64n - 1n, proofSize: 10n })
    expect([exceeds(some, most), exceeds(some, some)]).toEqual([true, false])
    expect(lesserWeight(most, some)).toEqual({ refTime: 5n, proofSize: 1n })
  })
})
