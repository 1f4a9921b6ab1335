import { bytesToHex, InvariantError, MAX_BALANCE, unwrap, utf8, type AccountId } from '@tacit/base'
import { beforeEach, describe, expect, test } from 'vitest'
import { encodeCall } from '../../extrinsic.ts'
import { holdReason, type FreezeReason, type HoldReason } from '../../framework/hold-reason.ts'
import { idAddress } from '../../framework/multi-address.ts'
import type { Pallet } from '../../framework/pallet.ts'
import { PALLETS } from '../../runtime.ts'
import { countIssuance, PHA, type TestChain } from '../../testing/chain.ts'
import { hashes } from '../../testing/crypto.ts'
import { alice, bob, carol, contextOf, dave, richChain } from '../../testing/scenario.ts'
import { EMPTY_ACCOUNT } from '../system/account.ts'
import { systemStorage } from '../system/types.ts'
import { TREASURY_ACCOUNT } from '../transaction-payment/types.ts'
import { balancesCalls } from './calls.ts'
import { extendLock, locked, removeLock, setFreeze, setLock } from './frozen.ts'
import {
  burn,
  burnHeld,
  free,
  held,
  hold,
  mint,
  release,
  spendable,
  transfer,
  transferHeld,
} from './ops.ts'
import { balancesStorage, EXISTENTIAL_DEPOSIT as ED, MAX_HOLDS, MAX_LOCKS } from './types.ts'

const GAS: HoldReason = { type: 'Contracts', value: { type: 'Gas' } }
const CODE: HoldReason = { type: 'Contracts', value: { type: 'CodeDeposit' } }
const VOTING: FreezeReason = { type: 'Governance', value: { type: 'Voting' } }

const balancesPallet = PALLETS.find(({ name }) => name === 'Balances') as Pallet

let chain: TestChain
let context: ReturnType<typeof contextOf>
beforeEach(() => {
  chain = richChain()
  context = contextOf(chain)
})

const codes = (): string[] => context.events.map(({ code }) => code)
const token = (reason: string): unknown => ({ ok: false, error: { code: 'token', reason } })
const die = { keepAlive: false }
const live = { keepAlive: true }
const done = { ok: true, value: undefined }
const account = (who: AccountId): ReturnType<typeof systemStorage.Account.get> =>
  systemStorage.Account.get(chain.state, who)

function expectExact(): void {
  const { onAccounts, byTotals, issued } = countIssuance(chain.state)
  expect(onAccounts).toBe(issued)
  expect(byTotals).toBe(issued)
}

describe('transfer', () => {
  test('to a new account brings it to life', () => {
    expect(transfer(context, alice.who, dave.who, ED, die)).toEqual(done)
    expect(account(dave.who)).toMatchObject({
      nonce: 0,
      providers: 1,
      consumers: 0,
      data: { free: ED },
    })
    expect(codes()).toEqual(['System.NewAccount', 'Balances.Endowed', 'Balances.Transfer'])
    expectExact()
  })

  test('of less than the existential deposit brings nobody to life', () => {
    expect(transfer(context, alice.who, dave.who, ED - 1n, die)).toEqual(token('BelowMinimum'))
    expect(transfer(context, alice.who, dave.who, 1n, live)).toEqual(token('BelowMinimum'))
    expect(codes()).toEqual([])
  })

  test('of nothing is an event and nothing else', () => {
    expect(transfer(context, dave.who, alice.who, 0n, die)).toEqual(done)
    expect(transfer(context, alice.who, dave.who, 0n, live)).toEqual(done)
    expect(codes()).toEqual(['Balances.Transfer', 'Balances.Transfer'])
    expect(account(dave.who)).toEqual(EMPTY_ACCOUNT)
  })

  test('of all reaps the sender', () => {
    expect(transfer(context, bob.who, alice.who, 100n * PHA, live)).toEqual(token('NotExpendable'))
    expect(transfer(context, bob.who, alice.who, 100n * PHA, die)).toEqual(done)
    expect(systemStorage.Account.has(chain.state, bob.who)).toBe(false)
    expect(codes()).toEqual(['System.KilledAccount', 'Balances.Transfer'])
    expectExact()
  })

  test('that leaves dust burns it', () => {
    const value = 100n * PHA - ED + 1n
    expect(transfer(context, bob.who, alice.who, value, live)).toEqual(token('NotExpendable'))
    expect(transfer(context, bob.who, alice.who, value, die)).toEqual(done)
    expect(codes()).toEqual(['System.KilledAccount', 'Balances.DustLost', 'Balances.Transfer'])
    expect(balancesStorage.Burned.get(chain.state)).toBe(ED - 1n)
    expectExact()
  })

  test('may leave exactly the existential deposit', () => {
    expect(transfer(context, bob.who, alice.who, 100n * PHA - ED, live)).toEqual(done)
    expect(free(chain.state, bob.who)).toBe(ED)
    expect(spendable(chain.state, bob.who, 'Preserve')).toBe(0n)
    expect(spendable(chain.state, bob.who, 'Expendable')).toBe(ED)
  })

  test('of more than there is fails; of more than was issued underflows', () => {
    expect(transfer(context, bob.who, alice.who, 100n * PHA + 1n, die)).toEqual(
      token('FundsUnavailable'),
    )
    const underflow = { ok: false, error: { code: 'arithmetic', reason: 'Underflow' } }
    expect(transfer(context, bob.who, alice.who, MAX_BALANCE, die)).toEqual(underflow)
  })

  test('to oneself changes nothing, and needs the amount', () => {
    const before = account(bob.who)
    expect(transfer(context, bob.who, bob.who, 100n * PHA, die)).toEqual(done)
    expect(account(bob.who)).toEqual(before)
    expect(transfer(context, bob.who, bob.who, 100n * PHA + 1n, die)).toEqual(
      token('FundsUnavailable'),
    )
    expectExact()
  })
})

describe('holds', () => {
  test('move free to reserved and back', () => {
    expect(hold(context, GAS, bob.who, 30n * PHA)).toEqual(done)
    expect(hold(context, GAS, bob.who, PHA)).toEqual(done)
    expect(hold(context, CODE, bob.who, 1n)).toEqual(done)
    expect(held(chain.state, GAS, bob.who)).toBe(31n * PHA)
    expect(account(bob.who)).toMatchObject({ consumers: 1, data: { reserved: 31n * PHA + 1n } })
    expect(release(context, GAS, bob.who, 31n * PHA)).toEqual(done)
    expect(release(context, CODE, bob.who, 1n)).toEqual(done)
    expect(account(bob.who)).toMatchObject({
      consumers: 0,
      data: { reserved: 0n, free: 100n * PHA },
    })
    expect(balancesStorage.Holds.has(chain.state, bob.who)).toBe(false)
    expectExact()
  })

  test('leave the existential deposit free', () => {
    expect(hold(context, GAS, bob.who, 100n * PHA - ED + 1n)).toEqual(token('FundsUnavailable'))
    expect(hold(context, GAS, bob.who, 100n * PHA - ED)).toEqual(done)
    expect(spendable(chain.state, bob.who, 'Expendable')).toBe(0n)
    expect(hold(context, GAS, dave.who, 1n)).toEqual(token('FundsUnavailable'))
  })

  test('keep their account alive', () => {
    unwrap(hold(context, GAS, bob.who, PHA))
    expect(transfer(context, bob.who, alice.who, 99n * PHA, die)).toEqual(token('Frozen'))
    expect(transfer(context, bob.who, alice.who, 99n * PHA - ED, die)).toEqual(done)
    expect(release(context, GAS, bob.who, PHA)).toEqual(done)
    expect(transfer(context, bob.who, alice.who, PHA + ED, die)).toEqual(done)
    expect(account(bob.who)).toEqual(EMPTY_ACCOUNT)
    expectExact()
  })

  test('are not given out beyond what they are', () => {
    unwrap(hold(context, GAS, bob.who, PHA))
    const before = chain.written()
    expect(release(context, CODE, bob.who, 1n)).toEqual(token('FundsUnavailable'))
    expect(release(context, GAS, bob.who, PHA + 1n)).toEqual(token('FundsUnavailable'))
    expect(burnHeld(context, GAS, bob.who, PHA + 1n)).toEqual(token('FundsUnavailable'))
    expect(transferHeld(context, GAS, bob.who, alice.who, PHA + 1n)).toEqual(
      token('FundsUnavailable'),
    )
    expect(chain.written()).toEqual(before)
  })

  test('pay others, oneself, or nobody', () => {
    unwrap(hold(context, GAS, bob.who, 10n * PHA))
    expect(transferHeld(context, GAS, bob.who, dave.who, ED)).toEqual(done)
    expect(free(chain.state, dave.who)).toBe(ED)
    expect(transferHeld(context, GAS, bob.who, bob.who, PHA)).toEqual(done)
    expect(burnHeld(context, GAS, bob.who, PHA)).toEqual(done)
    expect(held(chain.state, GAS, bob.who)).toBe(8n * PHA - ED)
    expect(free(chain.state, bob.who)).toBe(91n * PHA)
    expect(balancesStorage.Burned.get(chain.state)).toBe(PHA)
    expectExact()
  })

  test('that cannot be paid to a new account stay as they were', () => {
    unwrap(hold(context, GAS, bob.who, PHA))
    const before = chain.written()
    expect(transferHeld(context, GAS, bob.who, dave.who, ED - 1n)).toEqual(token('BelowMinimum'))
    expect(chain.written()).toEqual(before)
  })

  test('of nothing change nothing', () => {
    const before = chain.written()
    for (const change of [hold, release, burnHeld])
      expect(change(context, GAS, dave.who, 0n)).toEqual(done)
    expect(transferHeld(context, GAS, dave.who, bob.who, 0n)).toEqual(done)
    expect(chain.written()).toEqual(before)
    expect(codes()).toEqual([])
  })
})

describe('freezes', () => {
  test('bound what may be spent, held parts counting for them', () => {
    expect(setFreeze(context, VOTING, bob.who, 60n * PHA)).toEqual(done)
    expect(spendable(chain.state, bob.who, 'Expendable')).toBe(40n * PHA)
    expect(transfer(context, bob.who, alice.who, 41n * PHA, die)).toEqual(token('Frozen'))
    unwrap(hold(context, GAS, bob.who, 50n * PHA))
    expect(spendable(chain.state, bob.who, 'Expendable')).toBe(40n * PHA)
    expect(setFreeze(context, VOTING, bob.who, 10n * PHA)).toEqual(done)
    expect(setFreeze(context, VOTING, bob.who, 0n)).toEqual(done)
    expect(balancesStorage.Freezes.has(chain.state, bob.who)).toBe(false)
    expect(codes().slice(0, 2)).toEqual(['Balances.Frozen', 'Balances.Held'])
    expect(codes().slice(-2)).toEqual(['Balances.Thawed', 'Balances.Thawed'])
    expectExact()
  })

  test('may exceed the balance, and need an account', () => {
    expect(setFreeze(context, VOTING, bob.who, MAX_BALANCE)).toEqual(done)
    expect(spendable(chain.state, bob.who, 'Expendable')).toBe(0n)
    expect(setFreeze(context, VOTING, dave.who, 1n)).toEqual({
      ok: false,
      error: { code: 'no_providers' },
    })
  })
})

describe('locks', () => {
  const SMALL = utf8('small   ')
  const LARGE = utf8('large   ')

  test('of one id replace each other; the largest of all counts', () => {
    expect(setLock(context, SMALL, bob.who, 10n * PHA)).toEqual(done)
    expect(setLock(context, LARGE, bob.who, 60n * PHA)).toEqual(done)
    expect(setLock(context, SMALL, bob.who, 20n * PHA)).toEqual(done)
    expect(locked(chain.state, SMALL, bob.who)).toBe(20n * PHA)
    expect(balancesStorage.Locks.get(chain.state, bob.who).map(({ id }) => id)).toEqual([
      SMALL,
      LARGE,
    ])
    expect(account(bob.who)).toMatchObject({ consumers: 1, data: { frozen: 60n * PHA } })
    expect(transfer(context, bob.who, alice.who, 41n * PHA, die)).toEqual(token('Frozen'))
    expect(transfer(context, bob.who, alice.who, 40n * PHA, die)).toEqual(done)
    expect(removeLock(context, LARGE, bob.who)).toEqual(done)
    expect(setLock(context, SMALL, bob.who, 0n)).toEqual(done)
    expect(balancesStorage.Locks.has(chain.state, bob.who)).toBe(false)
    expect(account(bob.who)).toMatchObject({ consumers: 0, data: { frozen: 0n } })
    expect(context.events.map(({ code, value }) => [code, value])).toEqual([
      ['Balances.Locked', { who: bob.who, amount: 10n * PHA }],
      ['Balances.Locked', { who: bob.who, amount: 50n * PHA }],
      ['Balances.Transfer', { from: bob.who, to: alice.who, amount: 40n * PHA }],
      ['Balances.Unlocked', { who: bob.who, amount: 40n * PHA }],
      ['Balances.Unlocked', { who: bob.who, amount: 20n * PHA }],
    ])
    expectExact()
  })

  test('overlap with freezes: the larger counts', () => {
    expect(setFreeze(context, VOTING, bob.who, 50n * PHA)).toEqual(done)
    expect(setLock(context, SMALL, bob.who, 30n * PHA)).toEqual(done)
    expect(account(bob.who).data.frozen).toBe(50n * PHA)
    expect(setFreeze(context, VOTING, bob.who, 0n)).toEqual(done)
    expect(account(bob.who).data.frozen).toBe(30n * PHA)
    expect(codes()).toEqual(['Balances.Frozen', 'Balances.Thawed'])
  })

  test('are extended upwards only', () => {
    expect(extendLock(context, SMALL, bob.who, 0n)).toEqual(done)
    expect(balancesStorage.Locks.has(chain.state, bob.who)).toBe(false)
    for (const amount of [20n, 30n, 10n])
      expect(extendLock(context, SMALL, bob.who, amount)).toEqual(done)
    expect(locked(chain.state, SMALL, bob.who)).toBe(30n)
  })

  test('may exceed the balance, and need an account', () => {
    expect(setLock(context, SMALL, bob.who, MAX_BALANCE)).toEqual(done)
    expect(spendable(chain.state, bob.who, 'Expendable')).toBe(0n)
    const before = chain.written()
    expect(setLock(context, SMALL, dave.who, 1n)).toEqual({
      ok: false,
      error: { code: 'no_providers' },
    })
    expect(removeLock(context, SMALL, dave.who)).toEqual(done)
    expect(chain.written()).toEqual(before)
  })

  test('are no more than their ids', () => {
    for (let at = 0; at < MAX_LOCKS; at++)
      unwrap(setLock(context, new Uint8Array(8).fill(at), bob.who, 1n))
    expect(() => setLock(context, LARGE, bob.who, 1n)).toThrow(InvariantError)
  })

  test('are stored as FRAME stores them', () => {
    unwrap(setLock(context, utf8('vesting '), bob.who, 5n))
    const raw = chain.state.get(balancesStorage.Locks.key(hashes, bob.who))
    expect(raw && bytesToHex(raw)).toBe(`04${bytesToHex(utf8('vesting '))}05${'00'.repeat(15)}02`)
  })
})

describe('issuance', () => {
  test('grows by minting and shrinks by burning', () => {
    expect(mint(context, dave.who, PHA)).toEqual(done)
    expect(mint(context, dave.who, 1n)).toEqual(done)
    expect(burn(context, bob.who, PHA, live)).toEqual(done)
    expect(burn(context, bob.who, 99n * PHA, live)).toEqual(token('FundsUnavailable'))
    expect(burn(context, bob.who, 99n * PHA, die)).toEqual(done)
    expect(balancesStorage.Minted.get(chain.state)).toBe(PHA + 1n)
    expect(balancesStorage.Burned.get(chain.state)).toBe(100n * PHA)
    expectExact()
  })

  test('has limits', () => {
    const overflow = { ok: false, error: { code: 'arithmetic', reason: 'Overflow' } }
    expect(mint(context, bob.who, MAX_BALANCE)).toEqual(overflow)
    expect(mint(context, dave.who, ED - 1n)).toEqual(token('BelowMinimum'))
    expectExact()
  })
})

describe('calls', () => {
  const dest = idAddress(alice.who)
  const all = {
    transfer_allow_death: { dest, value: 1n },
    transfer_keep_alive: { dest, value: 1n },
    transfer_all: { dest, keep_alive: false },
    burn: { value: 1n, keep_alive: false },
  }
  test.each([{ type: 'Root' }, { type: 'None' }] as const)('need a sender, not $type', (origin) => {
    for (const [name, args] of Object.entries(all)) {
      const definition = balancesPallet.calls[name]
      const outcome = definition?.dispatch(contextOf(chain, origin), args)
      expect(outcome).toEqual({ ok: false, error: { code: 'bad_origin' } })
    }
    expect(Object.keys(all)).toEqual(Object.keys(balancesPallet.calls))
  })

  test('need a recipient who is an account', () => {
    const nowhere = { type: 'Address20', value: new Uint8Array(20) } as const
    const run = chain.run(
      chain.sign(
        bob,
        encodeCall(10, balancesCalls.transfer_all, { dest: nowhere, keep_alive: true }),
      ),
    )
    expect(unwrap(run).dispatch).toEqual({ ok: false, error: { code: 'cannot_lookup' } })
  })

  test('send all: the account dies, or keeps the existential deposit', () => {
    const sendAll = (keep_alive: boolean): Uint8Array =>
      encodeCall(10, balancesCalls.transfer_all, { dest: idAddress(dave.who), keep_alive })
    unwrap(unwrap(chain.run(chain.sign(bob, sendAll(true)))).dispatch)
    // Kept alive, and given back the part of the fee that was not used: none.
    expect(free(chain.state, bob.who)).toBe(ED)
    unwrap(unwrap(chain.run(chain.sign(carol, sendAll(false)))).dispatch)
    expect(systemStorage.Account.has(chain.state, carol.who)).toBe(false)
    expectExact()
  })

  test('keep alive', () => {
    const call = encodeCall(10, balancesCalls.transfer_keep_alive, {
      dest,
      value: free(chain.state, bob.who),
    })
    expect(unwrap(chain.run(chain.sign(bob, call))).dispatch).toEqual(token('FundsUnavailable'))
    const burnAll = encodeCall(10, balancesCalls.burn, { value: 10n ** 20n, keep_alive: false })
    expect(unwrap(chain.run(chain.sign(bob, burnAll))).dispatch).toEqual(token('FundsUnavailable'))
    const burnOne = encodeCall(10, balancesCalls.burn, { value: PHA, keep_alive: true })
    expect(unwrap(chain.run(chain.sign(bob, burnOne))).dispatch).toEqual(done)
    expectExact()
  })
})

test('genesis refuses what breaks its own terms', () => {
  const begin =
    (balances: { who: AccountId; free: bigint }[]): (() => void) =>
    () =>
      balancesPallet.genesis?.(context, {
        chainClass: 'development',
        timeMs: 0n,
        authorities: [],
        balances,
      })
  expect(begin([{ who: dave.who, free: ED - 1n }])).toThrow(InvariantError)
  expect(
    begin([
      { who: dave.who, free: ED },
      { who: dave.who, free: ED },
    ]),
  ).toThrow(InvariantError)
})

test('an account has room for a hold of every reason', () => {
  const { type } = holdReason
  const reasons = type.kind === 'variant' ? type.variants.flatMap(({ fields }) => fields) : []
  const names = reasons.flatMap(({ type: of }) => (of.kind === 'variant' ? of.variants : []))
  expect(names.length).toBeGreaterThan(6)
  expect(names.length).toBeLessThanOrEqual(MAX_HOLDS)
})

test('the treasury has the account of its pallet id', () => {
  // modlpy/trsry on any Substrate chain: 13UVJyLnbVp9RBZYFwFGyDvVd1y27Tt8tkntv6Q7JVPhFsTB on Polkadot.
  expect(new TextDecoder().decode(TREASURY_ACCOUNT.slice(0, 12))).toBe('modlpy/trsry')
  expect(hashes.twox64(TREASURY_ACCOUNT)).toHaveLength(8)
})
