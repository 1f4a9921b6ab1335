import { bytesToHex, decode, encode, unwrap, type AccountId } from '@tacit/base'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeBareExtrinsic } from '../extrinsic.ts'
import type { Origin } from '../framework/origin.ts'
import type { State } from '../framework/state.ts'
import type { StorageItem } from '../framework/storage.ts'
import type { Host } from '../host.ts'
import { assetsStorage } from '../pallets/assets/types.ts'
import { balancesStorage } from '../pallets/balances/types.ts'
import { multisigStorage } from '../pallets/multisig/types.ts'
import { proxyStorage } from '../pallets/proxy/types.ts'
import { systemStorage } from '../pallets/system/types.ts'
import { TREASURY_ACCOUNT } from '../pallets/transaction-payment/types.ts'
import { arbitraryBytes, type Known } from '../testing/arbitrary-bytes.ts'
import { countIssuance, createTestChain, PHA, type TestChain } from '../testing/chain.ts'
import type { TestKey } from '../testing/crypto.ts'
import { contextOf } from '../testing/scenario.ts'
import { beginnings, knownValues, scenarioCall, SCENARIOS } from '../testing/scenario-calls.ts'

/** Chains that are tried; TACIT_CALL_RUNS=1000 for a long run, of a TACIT_CALL_SEED if one is wanted. */
const RUNS = Number(process.env['TACIT_CALL_RUNS'] ?? 8)
const SEED = process.env['TACIT_CALL_SEED']

/** Signatures hold on this chain, whoever made them: what is under test comes behind them. */
const keys: readonly TestKey[] = [1, 2, 3, 4, 5].map((seed) => ({
  who: new Uint8Array(32).fill(seed) as AccountId,
  sign: () => ({ type: 'Ed25519', value: new Uint8Array(64) }),
}))
const people = keys.map(({ who }) => who)

type Step = {
  readonly by: number | 'root' | 'none'
  /** The encoding of a call, or what a call is made of when its turn comes. */
  readonly call: Uint8Array | { readonly scenario: number; readonly seed: readonly number[] }
}

function steps(): fc.Arbitrary<readonly (readonly Step[])[]> {
  const { composition } = newChain().chain.runtime
  const known: Known = knownValues(composition, people)
  const call = fc.oneof(
    { weight: 2, arbitrary: arbitraryBytes(composition.call.type, known, 2) },
    {
      weight: 3,
      arbitrary: fc.record({
        scenario: fc.nat({ max: SCENARIOS.length - 1 }),
        seed: fc.array(fc.nat({ max: 1_000 }), { minLength: 6, maxLength: 6 }),
      }),
    },
  )
  const by = fc.oneof(
    { weight: 8, arbitrary: fc.nat({ max: keys.length - 1 }) },
    { weight: 1, arbitrary: fc.constant('root' as const) },
    { weight: 1, arbitrary: fc.constant('none' as const) },
  )
  const block = fc.array(fc.record({ by, call }), { minLength: 3, maxLength: 8, size: 'max' })
  return fc.array(block, { minLength: 5, maxLength: 12, size: 'max' })
}

function newChain(): { readonly chain: TestChain; readonly host: Host } {
  const rich = people.map((who, at) => ({ who, free: BigInt(10 ** at) * PHA }))
  const chain = createTestChain([...rich, { who: TREASURY_ACCOUNT, free: PHA }])
  const calls = beginnings(chain, people)
  const { dispatch } = chain.runtime.composition
  for (const [who, call] of calls) unwrap(dispatch(contextOf(chain, { type: 'Signed', who }), call))
  return { chain, host: { ...chain.host, verify: () => true } }
}

function take(chain: TestChain, block: ReturnType<TestChain['begin']>, { by, call }: Step): void {
  const who = people[typeof by === 'number' ? by : 0] as AccountId
  const bytes =
    call instanceof Uint8Array
      ? call
      : encode(chain.runtime.composition.call, scenarioCall(chain, people, who, call))
  if (by === 'none') {
    block.apply(encodeBareExtrinsic(bytes))
  } else if (by === 'root') {
    const read = decode(chain.runtime.composition.call, bytes)
    const context = contextOf(chain, { type: 'Root' } satisfies Origin)
    if (read.ok) chain.runtime.composition.dispatch(context, read.value)
  } else {
    const key = keys[by]
    if (key) block.apply(chain.sign(key, bytes))
  }
}

/** Money is where the totals say, and what is held and frozen of it has its reasons. */
function expectMoney({ state }: TestChain): void {
  const { onAccounts, byTotals, issued } = countIssuance(state)
  expect([onAccounts, byTotals]).toEqual([issued, issued])
  for (const {
    keys: [who],
    value,
  } of systemStorage.Account.entries(state)) {
    const { reserved, frozen } = value.data
    const holds = balancesStorage.Holds.get(state, who)
    const freezes = balancesStorage.Freezes.get(state, who)
    const covers = [...freezes, ...balancesStorage.Locks.get(state, who)]
    expect(reserved).toBe(holds.reduce((sum, { amount }) => sum + amount, 0n))
    expect(frozen).toBe(covers.reduce((most, { amount }) => (amount > most ? amount : most), 0n))
  }
}

/** Nothing is held of an account that is not there. */
function expectHolders({ state }: TestChain): void {
  for (const item of [balancesStorage.Holds, balancesStorage.Freezes, balancesStorage.Locks])
    for (const {
      keys: [who],
    } of item.entries(state))
      expect(systemStorage.Account.has(state, who)).toBe(true)
}

/** Deposits that records speak of are those that are held. */
function expectDeposits({ state }: TestChain): void {
  const due = new Map<string, bigint>()
  const owe = (reason: string, who: AccountId, amount: bigint): void => {
    const name = `${reason} ${bytesToHex(who)}`
    due.set(name, (due.get(name) ?? 0n) + amount)
  }
  for (const { value } of multisigStorage.Multisigs.entries(state))
    owe('Multisig Operation', value.depositor, value.deposit)
  for (const {
    keys: [who],
    value,
  } of proxyStorage.Proxies.entries(state))
    owe('Proxy Proxies', who, value[1])
  for (const {
    keys: [pure],
    value,
  } of proxyStorage.PureDeposits.entries(state)) {
    owe('Proxy Proxies', pure, -value.amount)
    owe('Proxy Proxies', value.depositor, value.amount)
  }
  for (const {
    keys: [who],
    value,
  } of proxyStorage.Announcements.entries(state))
    owe('Proxy Announcements', who, value[1])
  oweForAssets(state, owe)
  const held = new Map<string, bigint>()
  for (const {
    keys: [who],
    value,
  } of balancesStorage.Holds.entries(state))
    for (const { id, amount } of value)
      if (id.type === 'Multisig' || id.type === 'Proxy' || id.type === 'Assets')
        held.set(`${id.type} ${id.value.type} ${bytesToHex(who)}`, amount)
  for (const [name, amount] of due) if (amount === 0n) due.delete(name)
  expect(held).toEqual(due)
}

function oweForAssets(
  state: State,
  owe: (reason: string, who: AccountId, amount: bigint) => void,
): void {
  const { Account, AccountDeposits, Approvals, Asset, Metadata } = assetsStorage
  for (const {
    keys: [id],
    value,
  } of Asset.entries(state)) {
    owe('Assets Asset', value.owner, value.deposit)
    owe('Assets Metadata', value.owner, Metadata.get(state, id).deposit)
  }
  for (const { keys, value } of Account.entries(state)) {
    if (value.reason.type === 'DepositHeld') owe('Assets Account', keys[1], value.reason.value)
    if (value.reason.type === 'DepositFrom') owe('Assets Account', ...value.reason.value)
  }
  for (const { value } of AccountDeposits.entries(state))
    owe('Assets Account', value.depositor, value.amount)
  for (const { keys, value } of Approvals.entries(state))
    owe('Assets Approval', keys[1], value.deposit)
}

/** Supply and counters of each asset are those of its accounts and approvals, of which none lacks one. */
function expectAssets({ state }: TestChain): void {
  const { Account, Approvals, Asset, Metadata } = assetsStorage
  let [accounts, approvals] = [0, 0]
  for (const {
    keys: [id],
    value,
  } of Asset.entries(state)) {
    const own = Account.entries(state, { under: [id] }).map((entry) => entry.value)
    const sufficients = own.filter(({ reason }) => reason.type === 'Sufficient').length
    expect(value).toMatchObject({
      supply: own.reduce((sum, { balance }) => sum + balance, 0n),
      accounts: own.length,
      sufficients,
      approvals: Approvals.entries(state, { under: [id] }).length,
    })
    accounts += value.accounts
    approvals += value.approvals
  }
  expect(Account.entries(state)).toHaveLength(accounts)
  expect(Approvals.entries(state)).toHaveLength(approvals)
  for (const { keys } of Metadata.entries(state)) expect(Asset.has(state, ...keys)).toBe(true)
}

/** What is stored reads as it was written: the value in memory says no more than its bytes. */
function expectStored({ state, runtime }: TestChain): void {
  for (const pallet of runtime.composition.pallets)
    for (const entry of Object.values(pallet.storage)) {
      const item = entry as StorageItem<readonly unknown[], unknown, unknown>
      for (const { keys: key, value } of item.entries(state))
        expect(item.get(state, ...key)).toEqual(value)
    }
}

test('whatever is called, by whomever: money is exact, deposits are held, assets add up, stored values read back, nothing throws', () => {
  fc.assert(
    fc.property(steps(), (blocks) => {
      const { chain, host } = newChain()
      for (const block of blocks) {
        const made = chain.begin(host)
        for (const step of block) take(chain, made, step)
        chain.seal(made)
        expectMoney(chain)
        expectHolders(chain)
        expectDeposits(chain)
        expectAssets(chain)
      }
      expectStored(chain)
    }),
    { numRuns: RUNS, ...(SEED !== undefined && { seed: Number(SEED) }) },
  )
}, 3_600_000)

test('the calls that are made from descriptions reach every pallet, and most are well-formed', () => {
  const { composition } = newChain().chain.runtime
  const known = knownValues(composition, people)
  const bytes = arbitraryBytes(composition.call.type, known, 1)
  const sample = fc.sample(bytes, { numRuns: 400, seed: 7 })
  const read = sample.map((one) => decode(composition.call, one)).filter(({ ok }) => ok)
  expect(read.length).toBeGreaterThan(300)
  const reached = new Set(read.map((one) => unwrap(one).type))
  const callable = composition.pallets.filter(({ calls }) => Object.keys(calls).length > 0)
  expect([...reached].sort()).toEqual(callable.map(({ name }) => name).sort())
})
