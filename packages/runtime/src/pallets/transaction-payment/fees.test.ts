import { unwrap } from '@tacit/base'
import { beforeEach, describe, expect, test } from 'vitest'
import { encodeCall } from '../../extrinsic.ts'
import { weigh } from '../../framework/weights.ts'
import { idAddress } from '../../framework/multi-address.ts'
import { BASE_EXTRINSIC_WEIGHT } from '../../limits.ts'
import { countIssuance, createTestChain, PHA, type TestChain } from '../../testing/chain.ts'
import {
  alice,
  bob,
  carol,
  contextOf,
  dave,
  eventsOf,
  remarkCall,
  richChain,
  transferCall,
} from '../../testing/scenario.ts'
import { balancesCalls } from '../balances/calls.ts'
import { burn } from '../balances/ops.ts'
import { balancesStorage, EXISTENTIAL_DEPOSIT as ED } from '../balances/types.ts'
import { settleFee, takeFee } from './charge.ts'
import { FEE_PER_BYTE, FEE_PER_PS } from './fees.ts'
import { TREASURY_ACCOUNT } from './types.ts'

let chain: TestChain
beforeEach(() => {
  chain = richChain()
})

/** The fee by its definition, from the length and the work that the calls declare. */
const feeOf = (bytes: Uint8Array, work: bigint): bigint =>
  BigInt(bytes.length) * FEE_PER_BYTE + (BASE_EXTRINSIC_WEIGHT.refTime + work) * FEE_PER_PS
const TRANSFER_WORK = weigh({ reads: 4, writes: 4 }).refTime

function expectExact(): void {
  const { onAccounts, byTotals, issued } = countIssuance(chain.state)
  expect([onAccounts, byTotals]).toEqual([issued, issued])
}

test('a transfer costs base, length and weight; half is burned, the rest and the tip go to the treasury', () => {
  const tip = 777n
  const bytes = chain.sign(bob, transferCall(alice.who, PHA), { tip })
  const fee = feeOf(bytes, TRANSFER_WORK)
  const { feePlanck, weight } = unwrap(chain.run(bytes))
  expect(feePlanck).toBe(fee + tip)
  expect(weight.refTime).toBe(TRANSFER_WORK + BASE_EXTRINSIC_WEIGHT.refTime)
  expect(chain.free(bob.who)).toBe(99n * PHA - fee - tip)
  expect(chain.free(alice.who)).toBe(1_001n * PHA)
  const burned = fee / 2n
  expect(balancesStorage.Burned.get(chain.state)).toBe(burned)
  expect(chain.free(TREASURY_ACCOUNT)).toBe(PHA + fee - burned + tip)
  expectExact()
})

test('a failing call costs the same and leaves nothing else', () => {
  const bytes = chain.sign(bob, transferCall(dave.who, 1n))
  const { feePlanck, dispatch } = unwrap(chain.run(bytes))
  expect(dispatch).toEqual({ ok: false, error: { code: 'token', reason: 'BelowMinimum' } })
  expect(feePlanck).toBe(feeOf(bytes, TRANSFER_WORK))
  expect(chain.free(bob.who)).toBe(100n * PHA - feePlanck)
  expect(chain.free(dave.who)).toBe(0n)
  expectExact()
})

test('events come in the order that clients expect: the outcome last', () => {
  const paid = ['Balances.Deposit', 'TransactionPayment.TransactionFeePaid']
  expect(eventsOf(chain, chain.sign(alice, transferCall(bob.who, 5n)))).toEqual([
    'Balances.Withdraw',
    'Balances.Transfer',
    ...paid,
    'System.ExtrinsicSuccess',
  ])
  expect(eventsOf(chain, chain.sign(alice, transferCall(dave.who, 5n)))).toEqual([
    'Balances.Withdraw',
    ...paid,
    'System.ExtrinsicFailed',
  ])
})

test('who sends all but one fee cannot pay another', () => {
  const call = encodeCall(10, balancesCalls.transfer_all, {
    dest: idAddress(alice.who),
    keep_alive: true,
  })
  unwrap(unwrap(chain.run(chain.sign(carol, call))).dispatch)
  expect(chain.free(carol.who)).toBe(ED)
  expect(chain.run(chain.sign(carol, remarkCall(0)))).toEqual({
    ok: false,
    error: { code: 'payment' },
  })
})

test('exactly fee and existential deposit are enough', () => {
  const probe = chain.sign(dave, remarkCall(3))
  const fee = feeOf(probe, weigh({ bytes: 3 }).refTime)
  const poor = (free: bigint): unknown => {
    const one = createTestChain([{ who: dave.who, free }])
    return one.run(one.sign(dave, remarkCall(3))).ok
  }
  expect(poor(fee + ED - 1n)).toBe(false)
  expect(poor(fee + ED)).toBe(true)
})

describe('settlement', () => {
  const taken = 1_000_001n

  function settle(due: bigint, tip: bigint, after?: () => void): bigint {
    const context = contextOf(chain)
    expect(takeFee(context, bob.who, taken)).toBe(true)
    after?.()
    const paid = settleFee(context, bob.who, { taken, due, tip })
    expectExact()
    return paid
  }

  test('gives back what was not used, and rounds the burned half down', () => {
    expect(settle(500_001n, 0n)).toBe(500_001n)
    expect(chain.free(bob.who)).toBe(100n * PHA - 500_001n)
    expect(balancesStorage.Burned.get(chain.state)).toBe(250_000n)
  })

  test('of a call that turned out free gives all back', () => {
    expect(settle(0n, 0n)).toBe(0n)
    expect(chain.free(bob.who)).toBe(100n * PHA)
  })

  test('keeps all if the sender is gone and the rest would not bring it back', () => {
    const gone = (): void => {
      const all = chain.free(bob.who)
      unwrap(burn(contextOf(chain), bob.who, all, { keepAlive: false }))
    }
    expect(settle(1n, 0n, gone)).toBe(taken)
    expect(chain.free(bob.who)).toBe(0n)
  })

  test('burns all where the treasury does not live and the part would not bring it to life', () => {
    chain = createTestChain([{ who: bob.who, free: 100n * PHA }])
    expect(settle(taken, 1n)).toBe(taken)
    expect(balancesStorage.Burned.get(chain.state)).toBe(taken)
    expect(chain.free(TREASURY_ACCOUNT)).toBe(0n)
  })
})
