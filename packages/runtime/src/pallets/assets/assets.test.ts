import { MAX_BALANCE, type AccountId } from '@tacit/base'
import { beforeEach, describe, expect, test } from 'vitest'
import type { DispatchResult } from '../../framework/calls.ts'
import { idAddress } from '../../framework/multi-address.ts'
import type { Origin } from '../../framework/origin.ts'
import {
  callOf,
  createCallBench,
  failed,
  NONE,
  ROOT,
  signed,
  type CallBench,
} from '../../testing/call-bench.ts'
import { countIssuance } from '../../testing/chain.ts'
import { alice, bob, carol, dave } from '../../testing/scenario.ts'
import { held } from '../balances/ops.ts'
import { depositFor } from '../deposit.ts'
import { systemStorage } from '../system/types.ts'
import { balanceCalls } from './balance-calls.ts'
import { detailCalls } from './detail-calls.ts'
import { manageCalls } from './manage-calls.ts'
import { NO_METADATA } from './records.ts'
import {
  APPROVAL_DEPOSIT,
  ASSET_ACCOUNT_DEPOSIT,
  ASSET_DEPOSIT,
  assetsErrors as errors,
  assetsHold,
  assetsStorage,
  METADATA_DEPOSIT_BASE,
  METADATA_DEPOSIT_PER_BYTE,
  REMOVE_ITEMS_LIMIT,
  type AssetsHold,
} from './types.ts'
import { removeWeight } from './weights.ts'

const ID = 7
const CALLS = Object.keys({ ...manageCalls, ...balanceCalls, ...detailCalls })
const MIN = 10n
const [owner, other, third, stranger] = [alice, bob, carol, dave].map(({ who }) => who) as [
  AccountId,
  AccountId,
  AccountId,
  AccountId,
]
const to = idAddress

let bench: CallBench
beforeEach(() => {
  bench = createCallBench()
  expect(run('create', { admin: to(owner), min_balance: MIN }).ok).toBe(true)
  bench.codes()
})

function run(name: string, args: object = {}, by: AccountId | Origin = owner): DispatchResult {
  const origin = by instanceof Uint8Array ? signed(by) : by
  return bench.run(callOf('Assets', name, { id: ID, ...args }), origin)
}

function good(name: string, args: object = {}, by: AccountId | Origin = owner): void {
  expect(run(name, args, by)).toMatchObject({ ok: true })
}

function asset(id = ID) {
  const details = assetsStorage.Asset.get(bench.chain.state, id)
  if (!details) throw new Error('no asset')
  return details
}

function units(who: AccountId): bigint | undefined {
  return assetsStorage.Account.get(bench.chain.state, ID, who)?.balance
}

const deposit = (kind: AssetsHold, who = owner): bigint =>
  held(bench.chain.state, assetsHold(kind), who)
const account = (who: AccountId) => systemStorage.Account.get(bench.chain.state, who)
const token = (reason: string) => failed({ code: 'token', reason })
const mint = (who: AccountId, amount: bigint) => good('mint', { beneficiary: to(who), amount })
const send = (from: AccountId, who: AccountId, amount: bigint, name = 'transfer') =>
  run(name, { target: to(who), amount }, from)

/** The supply is what accounts have, counts are right, and every deposit is somebody's. */
function checkBooks(): void {
  const { state } = bench.chain
  const { Account, AccountDeposits, Approvals, Asset, Metadata } = assetsStorage
  const held = { Asset: 0n, Metadata: 0n, Account: 0n, Approval: 0n }
  for (const { keys, value } of Asset.entries(state)) {
    const accounts = Account.entries(state, { under: [keys[0]] })
    const approvals = Approvals.entries(state, { under: [keys[0]] })
    expect(value.supply).toBe(accounts.reduce((sum, { value: { balance } }) => sum + balance, 0n))
    expect(value.accounts).toBe(accounts.length)
    expect(value.approvals).toBe(approvals.length)
    held.Asset += value.deposit
    held.Metadata += Metadata.get(state, keys[0]).deposit
    for (const { value: approval } of approvals) held.Approval += approval.deposit
    for (const { value: one } of accounts) {
      const { reason } = one
      if (reason.type === 'DepositHeld') held.Account += reason.value
      if (reason.type === 'DepositFrom') held.Account += reason.value[1]
    }
  }
  for (const { value } of AccountDeposits.entries(state)) held.Account += value.amount
  const everybody = systemStorage.Account.entries(state).map(({ keys }) => keys[0])
  for (const kind of ['Asset', 'Metadata', 'Account', 'Approval'] as const) {
    const sum = everybody.reduce((all, who) => all + deposit(kind, who), 0n)
    expect([kind, sum]).toEqual([kind, held[kind]])
  }
  const { onAccounts, byTotals, issued } = countIssuance(state)
  expect([onAccounts, byTotals]).toEqual([issued, issued])
}

describe('origins', () => {
  const named = { admin: to(owner), owner: to(owner), issuer: to(owner), freezer: to(owner) }
  const people = { who: to(other), target: to(other), dest: to(other), source: to(owner) }
  const more = { beneficiary: to(other), delegate: to(other), destination: to(other) }
  const values = { amount: 1n, min_balance: 1n, is_sufficient: false, is_frozen: false }
  const names = { name: new Uint8Array(), symbol: new Uint8Array(), decimals: 0 }
  const args = {
    ...named,
    ...people,
    ...more,
    ...values,
    ...names,
    allow_burn: true,
    keep_alive: true,
  }
  const byRoot = [
    'force_create',
    'force_set_metadata',
    'force_clear_metadata',
    'force_asset_status',
  ]
  const byBoth = ['start_destroy', 'force_cancel_approval']
  const bad = failed({ code: 'bad_origin' })

  test.each(CALLS)('%s: nobody', (name) => {
    expect(run(name, args, NONE)).toEqual(bad)
  })
  test.each(byRoot)('%s: only the chain itself', (name) => {
    expect(run(name, args, owner)).toEqual(bad)
  })
  test.each(CALLS.filter((name) => ![...byRoot, ...byBoth].includes(name)))(
    '%s: only signers',
    (name) => expect(run(name, args, ROOT)).toEqual(bad),
  )
  test.each(
    CALLS.filter(
      (name) =>
        !['create', 'force_create', 'refund', 'refund_other', 'transfer_all'].includes(name),
    ),
  )('%s: of an asset that is not there', (name) => {
    const by = byRoot.includes(name) ? ROOT : owner
    expect(run(name, { ...args, id: 8 }, by)).toEqual(failed(errors.Unknown))
  })
})

describe('an asset', () => {
  test('takes a deposit and a team', () => {
    expect(asset()).toMatchObject({ owner, issuer: owner, admin: owner, freezer: owner })
    expect(asset()).toMatchObject({ supply: 0n, deposit: ASSET_DEPOSIT, status: 'Live' })
    expect(deposit('Asset')).toBe(ASSET_DEPOSIT)
    checkBooks()
  })

  test('has a number of its own, a least balance, and an owner who can pay', () => {
    const args = { admin: to(other), min_balance: 1n }
    expect(run('create', args)).toEqual(failed(errors.InUse))
    const next = { ...args, id: 8 }
    expect(run('create', { ...next, min_balance: 0n })).toEqual(failed(errors.MinBalanceZero))
    expect(run('create', next, stranger)).toEqual(token('FundsUnavailable'))
  })

  test('of the chain itself takes no deposit', () => {
    const args = { id: 8, owner: to(other), is_sufficient: true, min_balance: 1n }
    good('force_create', args, ROOT)
    expect(asset(8)).toMatchObject({ owner: other, deposit: 0n, is_sufficient: true })
    expect(run('force_create', args, ROOT)).toEqual(failed(errors.InUse))
    const zero = { ...args, id: 9, min_balance: 0n }
    expect(run('force_create', zero, ROOT)).toEqual(failed(errors.MinBalanceZero))
    expect(bench.codes()).toEqual(['Assets.ForceCreated'])
  })

  test('goes to another owner with its deposits', () => {
    good('set_metadata', { name: Uint8Array.of(65), symbol: Uint8Array.of(66), decimals: 6 })
    expect(run('transfer_ownership', { owner: to(other) }, other)).toEqual(
      failed(errors.NoPermission),
    )
    good('transfer_ownership', { owner: to(owner) })
    good('transfer_ownership', { owner: to(other) })
    expect([deposit('Asset'), deposit('Metadata')]).toEqual([0n, 0n])
    expect(deposit('Asset', other)).toBe(ASSET_DEPOSIT)
    expect(deposit('Metadata', other)).toBe(METADATA_DEPOSIT_BASE + 2n * METADATA_DEPOSIT_PER_BYTE)
    checkBooks()
    expect(run('transfer_ownership', { owner: to(stranger) }, other)).toEqual(
      token('FundsUnavailable'),
    )
  })

  test('has a team that only its owner sets', () => {
    const team = { issuer: to(other), admin: to(third), freezer: to(stranger) }
    expect(run('set_team', team, other)).toEqual(failed(errors.NoPermission))
    good('set_team', team)
    expect(asset()).toMatchObject({ issuer: other, admin: third, freezer: stranger })
    expect(run('mint', { beneficiary: to(other), amount: 0n })).toEqual(failed(errors.NoPermission))
    good('mint', { beneficiary: to(other), amount: MIN }, other)
  })

  test('can lower its least balance, and raise it while nobody has any', () => {
    expect(run('set_min_balance', { min_balance: 1n }, other)).toEqual(failed(errors.NoPermission))
    expect(run('set_min_balance', { min_balance: 0n })).toEqual(failed(errors.MinBalanceZero))
    good('set_min_balance', { min_balance: 20n })
    mint(other, 20n)
    expect(run('set_min_balance', { min_balance: 20n })).toEqual(failed(errors.NoPermission))
    good('set_min_balance', { min_balance: 5n })
    expect(asset().min_balance).toBe(5n)
    good('force_create', { id: 8, owner: to(owner), is_sufficient: true, min_balance: 9n }, ROOT)
    const sufficient = run('set_min_balance', { id: 8, min_balance: 1n })
    expect(sufficient).toEqual(failed(errors.NoPermission))
  })

  test('changes as the chain itself says, its deposits with it', () => {
    const team = { owner: to(other), issuer: to(other), admin: to(other), freezer: to(other) }
    const args = { ...team, min_balance: 3n, is_sufficient: true, is_frozen: true }
    good('force_asset_status', args, ROOT)
    expect(asset()).toMatchObject({ owner: other, min_balance: 3n, status: 'Frozen' })
    expect([deposit('Asset'), deposit('Asset', other)]).toEqual([0n, ASSET_DEPOSIT])
    const zero = { ...args, min_balance: 0n }
    expect(run('force_asset_status', zero, ROOT)).toEqual(failed(errors.MinBalanceZero))
    good('start_destroy', {}, other)
    expect(run('force_asset_status', args, ROOT)).toEqual(failed(errors.AssetNotLive))
    checkBooks()
  })
})

describe('units', () => {
  test('are minted to accounts, for which the issuer pays', () => {
    expect(run('mint', { beneficiary: to(other), amount: MIN - 1n })).toEqual(token('BelowMinimum'))
    expect(run('mint', { beneficiary: to(stranger), amount: MIN })).toEqual(token('CannotCreate'))
    mint(other, MIN)
    expect(deposit('Account')).toBe(ASSET_ACCOUNT_DEPOSIT)
    expect(account(other).consumers).toBe(1)
    mint(other, 1n)
    expect([units(other), asset().supply, asset().accounts]).toEqual([11n, 11n, 1])
    mint(other, 0n)
    checkBooks()
  })

  test('are never more than an amount can say', () => {
    mint(other, MAX_BALANCE)
    const overflow = failed({ code: 'arithmetic', reason: 'Overflow' })
    expect(run('mint', { beneficiary: to(other), amount: 1n })).toEqual(overflow)
    expect(run('mint', { beneficiary: to(third), amount: MIN })).toEqual(overflow)
  })

  test('are burned by the admin, with a rest below the least balance', () => {
    mint(other, 25n)
    const args = { who: to(other), amount: 10n }
    expect(run('burn', { ...args, amount: 0n }, other)).toEqual(failed(errors.NoPermission))
    expect(run('burn', { ...args, who: to(third) })).toEqual(failed(errors.NoAccount))
    good('burn', args)
    expect(units(other)).toBe(15n)
    good('burn', { ...args, amount: 6n })
    expect([units(other), asset().supply, account(other).consumers]).toEqual([undefined, 0n, 0])
    expect(deposit('Account')).toBe(0n)
    mint(other, 25n)
    good('burn', { ...args, amount: MAX_BALANCE })
    checkBooks()
  })

  test('move; the sender pays for a new account and has it back when that is empty', () => {
    mint(other, 100n)
    expect(send(other, third, 101n)).toEqual(failed(errors.BalanceLow))
    expect(send(other, third, MIN - 1n)).toEqual(token('BelowMinimum'))
    expect(send(third, other, 1n)).toEqual(failed(errors.NoAccount))
    expect(send(other, stranger, 50n)).toEqual(token('CannotCreate'))
    expect(send(other, third, 50n).ok).toBe(true)
    expect(deposit('Account', other)).toBe(ASSET_ACCOUNT_DEPOSIT)
    expect(send(third, owner, 50n).ok).toBe(true)
    expect(deposit('Account', other)).toBe(0n)
    expect(deposit('Account', third)).toBe(ASSET_ACCOUNT_DEPOSIT)
    expect(send(owner, owner, 50n).ok).toBe(true)
    expect(send(other, third, 0n).ok).toBe(true)
    expect([units(other), units(third), units(owner)]).toEqual([50n, undefined, 50n])
    checkBooks()
  })

  test('below the least balance go along, unless the account shall stay', () => {
    mint(other, 100n)
    expect(send(other, third, 91n, 'transfer_keep_alive')).toEqual(failed(errors.BalanceLow))
    expect(send(other, third, 90n, 'transfer_keep_alive').ok).toBe(true)
    good('burn', { who: to(third), amount: 75n })
    expect(send(third, other, 6n).ok).toBe(true)
    expect([units(third), units(other)]).toEqual([undefined, 25n])
    good('transfer_all', { dest: to(third), keep_alive: true }, other)
    expect([units(third), units(other)]).toEqual([15n, 10n])
    good('transfer_all', { dest: to(third), keep_alive: false }, other)
    expect([units(third), units(other)]).toEqual([25n, undefined])
    expect(run('transfer_all', { dest: to(third), keep_alive: false }, other).ok).toBe(true)
    checkBooks()
  })

  test('move by force only by the admin', () => {
    mint(other, 100n)
    const args = { source: to(other), dest: to(third), amount: 40n }
    expect(run('force_transfer', { ...args, amount: 0n }, other)).toEqual(
      failed(errors.NoPermission),
    )
    good('force_transfer', args)
    expect([units(other), units(third)]).toEqual([60n, 40n])
  })

  test('of a sufficient asset let accounts exist, without a deposit', () => {
    const id = 8
    good('force_create', { id, owner: to(owner), is_sufficient: true, min_balance: 1n }, ROOT)
    good('mint', { id, beneficiary: to(stranger), amount: 5n })
    expect(account(stranger)).toMatchObject({ sufficients: 1, providers: 0, consumers: 0 })
    expect([asset(id).sufficients, deposit('Account')]).toEqual([1, 0n])
    expect(bench.codes()).toContain('System.NewAccount')
    good('transfer', { id, target: to(owner), amount: 5n }, stranger)
    expect(systemStorage.Account.has(bench.chain.state, stranger)).toBe(false)
    expect(bench.codes()).toContain('System.KilledAccount')
    checkBooks()
  })

  test('need a consumer reference, of which one stays free', () => {
    const { state } = bench.chain
    systemStorage.Account.set(state, other, { ...account(other), consumers: 63 })
    expect(run('mint', { beneficiary: to(other), amount: MIN })).toEqual(token('CannotCreate'))
    systemStorage.Account.set(state, other, { ...account(other), consumers: 62 })
    mint(other, MIN)
  })
})

describe('frozen', () => {
  test('accounts cannot send, blocked ones cannot receive either', () => {
    mint(other, 100n)
    mint(third, 100n)
    expect(run('freeze', { who: to(other) }, other)).toEqual(failed(errors.NoPermission))
    expect(run('freeze', { who: to(owner) })).toEqual(failed(errors.NoAccount))
    good('freeze', { who: to(other) })
    expect(send(other, third, 10n)).toEqual(failed(errors.Frozen))
    expect(send(third, other, 10n).ok).toBe(true)
    good('block', { who: to(other) })
    expect(send(third, other, 10n)).toEqual(token('Blocked'))
    expect(run('mint', { beneficiary: to(other), amount: 1n })).toEqual(token('Blocked'))
    expect(run('burn', { who: to(other), amount: 1n })).toEqual(failed(errors.Frozen))
    good('thaw', { who: to(other) })
    expect(send(other, third, 10n).ok).toBe(true)
  })

  test('assets stand still until they are thawed', () => {
    mint(other, 100n)
    expect(run('freeze_asset', {}, other)).toEqual(failed(errors.NoPermission))
    expect(run('thaw_asset')).toEqual(failed(errors.NotFrozen))
    good('freeze_asset')
    const still = failed(errors.AssetNotLive)
    expect(run('freeze_asset')).toEqual(still)
    expect(run('freeze_asset', {}, other)).toEqual(still)
    expect(send(other, third, 10n)).toEqual(still)
    expect(run('mint', { beneficiary: to(other), amount: 1n })).toEqual(still)
    expect(run('burn', { who: to(other), amount: 1n })).toEqual(still)
    expect(run('touch', {}, third)).toEqual(still)
    expect(run('approve_transfer', { delegate: to(third), amount: 1n }, other)).toEqual(still)
    good('freeze', { who: to(other) })
    good('thaw', { who: to(other) })
    expect(run('thaw_asset', {}, other)).toEqual(failed(errors.NoPermission))
    good('thaw_asset')
    expect(send(other, third, 10n).ok).toBe(true)
  })
})

describe('accounts under a deposit', () => {
  test('stay when they are empty, until the deposit is taken back', () => {
    good('touch', {}, other)
    expect(run('touch', {}, other)).toEqual(failed(errors.AlreadyExists))
    expect([units(other), deposit('Account', other)]).toEqual([0n, ASSET_ACCOUNT_DEPOSIT])
    mint(other, 20n)
    expect(send(other, third, 20n).ok).toBe(true)
    expect(units(other)).toBe(0n)
    expect(run('refund_other', { who: to(other) }, other)).toEqual(failed(errors.NoDeposit))
    good('refund', { allow_burn: false }, other)
    expect(run('refund', { allow_burn: false }, other)).toEqual(failed(errors.NoDeposit))
    checkBooks()
  })

  test('burn what is in them only if that is allowed', () => {
    mint(other, 20n)
    expect(run('refund', { allow_burn: false }, other)).toEqual(failed(errors.WouldBurn))
    good('refund', { allow_burn: true }, other)
    expect([asset().supply, asset().accounts, account(other).consumers]).toEqual([0n, 0, 0])
    checkBooks()
    good('touch', {}, other)
    good('start_destroy')
    expect(run('refund', { allow_burn: true }, other)).toEqual(failed(errors.IncorrectStatus))
  })

  test('of others are made by admin and freezer, for who need not exist', () => {
    expect(run('touch_other', { who: to(stranger) }, other)).toEqual(failed(errors.NoPermission))
    good('touch_other', { who: to(stranger) })
    expect(deposit('Account')).toBe(ASSET_ACCOUNT_DEPOSIT)
    expect(run('refund', { allow_burn: true }, stranger)).toEqual(failed(errors.NoDeposit))
    expect(run('refund_other', { who: to(stranger) }, other)).toEqual(failed(errors.NoPermission))
    mint(stranger, 1n)
    expect(run('refund_other', { who: to(stranger) })).toEqual(failed(errors.WouldBurn))
    good('burn', { who: to(stranger), amount: 1n })
    good('freeze', { who: to(stranger) })
    expect(run('refund_other', { who: to(stranger) })).toEqual(failed(errors.Frozen))
    good('thaw', { who: to(stranger) })
    good('refund_other', { who: to(stranger) })
    expect([units(stranger), deposit('Account')]).toEqual([undefined, 0n])
    checkBooks()
  })
})

describe('names', () => {
  const names = { name: new Uint8Array(50).fill(65), symbol: new Uint8Array(50), decimals: 255 }

  test('take a deposit by bytes', () => {
    expect(run('set_metadata', names, other)).toEqual(failed(errors.NoPermission))
    good('set_metadata', names)
    const base = METADATA_DEPOSIT_BASE
    expect(deposit('Metadata')).toBe(base + 100n * METADATA_DEPOSIT_PER_BYTE)
    good('set_metadata', { ...names, symbol: Uint8Array.of(1) })
    expect(deposit('Metadata')).toBe(base + 51n * METADATA_DEPOSIT_PER_BYTE)
    checkBooks()
    expect(run('clear_metadata', {}, other)).toEqual(failed(errors.NoPermission))
    good('clear_metadata')
    expect(run('clear_metadata')).toEqual(failed(errors.Unknown))
    expect(deposit('Metadata')).toBe(0n)
    expect(assetsStorage.Metadata.get(bench.chain.state, ID)).toEqual(NO_METADATA)
  })

  test.each(['name', 'symbol'])('are bounded: %s', (field) => {
    const long = { ...names, [field]: new Uint8Array(51) }
    expect(run('set_metadata', long)).toEqual(failed(errors.BadMetadata))
    expect(run('force_set_metadata', { ...long, is_frozen: false }, ROOT)).toEqual(
      failed(errors.BadMetadata),
    )
  })

  test('that the chain itself froze stay', () => {
    good('set_metadata', names)
    const before = deposit('Metadata')
    good('force_set_metadata', { ...names, symbol: new Uint8Array(), is_frozen: true }, ROOT)
    expect(deposit('Metadata')).toBe(before)
    expect(run('set_metadata', names)).toEqual(failed(errors.NoPermission))
    expect(run('clear_metadata')).toEqual(failed(errors.NoPermission))
    good('force_clear_metadata', {}, ROOT)
    expect(run('force_clear_metadata', {}, ROOT)).toEqual(failed(errors.Unknown))
    checkBooks()
  })
})

describe('approvals', () => {
  const of = { delegate: to(third) }
  const spend = (amount: bigint, by = third) =>
    run('transfer_approved', { owner: to(other), destination: to(owner), amount }, by)

  test('add up, and what is spent comes off', () => {
    mint(other, 100n)
    expect(spend(1n)).toEqual(failed(errors.Unapproved))
    good('approve_transfer', { ...of, amount: 30n }, other)
    good('approve_transfer', { ...of, amount: 20n }, other)
    expect([deposit('Approval', other), asset().approvals]).toEqual([APPROVAL_DEPOSIT, 1])
    expect(spend(51n)).toEqual(failed(errors.Unapproved))
    expect(spend(10n, owner)).toEqual(failed(errors.Unapproved))
    expect(spend(20n).ok).toBe(true)
    expect(deposit('Account', third)).toBe(ASSET_ACCOUNT_DEPOSIT)
    checkBooks()
    expect(spend(30n).ok).toBe(true)
    expect([deposit('Approval', other), asset().approvals]).toEqual([0n, 0])
    expect(units(owner)).toBe(50n)
    checkBooks()
  })

  test('cannot say more than an amount can', () => {
    good('approve_transfer', { ...of, amount: MAX_BALANCE }, other)
    good('approve_transfer', { ...of, amount: 1n }, other)
    const kept = assetsStorage.Approvals.get(bench.chain.state, ID, other, third)
    expect(kept?.amount).toBe(MAX_BALANCE)
  })

  test('are taken back by the owner, the admin and the chain', () => {
    for (const [name, args, by] of [
      ['cancel_approval', of, other],
      ['force_cancel_approval', { ...of, owner: to(other) }, owner],
      ['force_cancel_approval', { ...of, owner: to(other) }, ROOT],
    ] as const) {
      expect(run(name, args, by)).toEqual(failed(errors.Unknown))
      good('approve_transfer', { ...of, amount: 0n }, other)
      good(name, args, by)
      expect(deposit('Approval', other)).toBe(0n)
    }
    const foreign = run('force_cancel_approval', { ...of, owner: to(other) }, third)
    expect(foreign).toEqual(failed(errors.NoPermission))
    checkBooks()
  })
})

describe('the end of an asset', () => {
  test('comes in steps, and everybody has the deposit back', () => {
    good('set_metadata', { name: Uint8Array.of(65), symbol: Uint8Array.of(66), decimals: 6 })
    mint(other, 100n)
    good('touch', {}, third)
    good('approve_transfer', { delegate: to(third), amount: 5n }, other)
    const wrong = failed(errors.IncorrectStatus)
    for (const step of ['destroy_accounts', 'destroy_approvals', 'finish_destroy'])
      expect(run(step)).toEqual(wrong)
    expect(run('start_destroy', {}, other)).toEqual(failed(errors.NoPermission))
    good('start_destroy')
    expect(send(other, third, 10n)).toEqual(failed(errors.AssetNotLive))
    expect(run('freeze', { who: to(other) })).toEqual(wrong)
    expect(run('finish_destroy', {}, stranger)).toEqual(failed(errors.InUse))
    bench.codes()
    expect(run('destroy_accounts', {}, stranger)).toEqual({
      ok: true,
      value: { actualWeight: removeWeight(2) },
    })
    expect(run('finish_destroy')).toEqual(failed(errors.InUse))
    expect(run('destroy_approvals', {}, stranger)).toEqual({
      ok: true,
      value: { actualWeight: removeWeight(1) },
    })
    checkBooks()
    good('finish_destroy', {}, stranger)
    expect(bench.codes().filter((code) => code.startsWith('Assets.'))).toEqual([
      'Assets.AccountsDestroyed',
      'Assets.ApprovalsDestroyed',
      'Assets.Destroyed',
    ])
    for (const who of [owner, other, third]) expect(account(who).data.reserved).toBe(0n)
    expect(assetsStorage.Asset.has(bench.chain.state, ID)).toBe(false)
    checkBooks()
  })

  test('takes a bounded number of accounts at once', () => {
    good('force_create', { id: 8, owner: to(owner), is_sufficient: true, min_balance: 1n }, ROOT)
    for (let at = 0; at <= REMOVE_ITEMS_LIMIT; at++) {
      const who = new Uint8Array(32) as AccountId
      new DataView(who.buffer).setUint32(4, at + 1)
      good('mint', { id: 8, beneficiary: to(who), amount: 1n })
    }
    good('start_destroy', { id: 8 }, ROOT)
    good('destroy_accounts', { id: 8 })
    expect(asset(8)).toMatchObject({ accounts: 1, sufficients: 1, supply: 1n })
    good('destroy_accounts', { id: 8 })
    good('finish_destroy', { id: 8 })
    checkBooks()
  })
})

test('deposits cover the items and bytes that they are for', () => {
  good('set_metadata', { name: new Uint8Array(), symbol: new Uint8Array(), decimals: 6 })
  mint(other, 100n)
  good('touch_other', { who: to(stranger) })
  good('approve_transfer', { delegate: to(third), amount: 5n }, other)
  const { state } = bench.chain
  const sizes = (item: 'Asset' | 'Account' | 'AccountDeposits' | 'Approvals' | 'Metadata') =>
    state
      .keysWithPrefix(assetsStorage[item].prefix(state.hashes))
      .map((key) => key.length + (state.get(key)?.length ?? 0))
  const largest = (item: Parameters<typeof sizes>[0]) => Math.max(...sizes(item))
  expect(ASSET_DEPOSIT).toBeGreaterThanOrEqual(depositFor(1, largest('Asset')))
  expect(APPROVAL_DEPOSIT).toBeGreaterThanOrEqual(depositFor(1, largest('Approvals')))
  expect(METADATA_DEPOSIT_BASE).toBeGreaterThanOrEqual(depositFor(1, largest('Metadata')))
  const both = largest('Account') + largest('AccountDeposits')
  expect(ASSET_ACCOUNT_DEPOSIT).toBeGreaterThanOrEqual(depositFor(2, both))
})
