import {
  bytesToHex,
  concatBytes,
  encode,
  ok,
  unwrap,
  utf8,
  type AccountId,
  type Hash,
} from '@tacit/base'
import { blake2b } from '@noble/hashes/blake2.js'
import { beforeEach, describe, expect, test } from 'vitest'
import type { DispatchResult } from '../../framework/calls.ts'
import { idAddress, type MultiAddress } from '../../framework/multi-address.ts'
import type { Origin } from '../../framework/origin.ts'
import type { RuntimeCall } from '../../framework/runtime-call.ts'
import {
  callOf,
  createCallBench,
  failed,
  INHERENT,
  NONE,
  payCall,
  REMARK,
  ROOT,
  signed,
  sumWeights,
  type CallBench,
} from '../../testing/call-bench.ts'
import { countIssuance, PHA, type TestChain } from '../../testing/chain.ts'
import { hashes } from '../../testing/crypto.ts'
import { alice, bob, carol, dave } from '../../testing/scenario.ts'
import { free, held } from '../balances/ops.ts'
import { systemErrors, systemStorage } from '../system/types.ts'
import { ACT_WEIGHT, actAnnouncedWeight } from './act.ts'
import { depositOf, proxyHold } from './deposits.ts'
import type { ProxyType } from './proxy-type.ts'
import { pureAccount } from './pure.ts'
import { MAX_PENDING, MAX_PROXIES, proxyErrors, proxyStorage } from './types.ts'

let bench: CallBench
let chain: TestChain
beforeEach(() => {
  bench = createCallBench()
  ;({ chain } = bench)
})

type As = { readonly from?: AccountId; readonly origin?: Origin }
const run = (name: string, args: object, { from = alice.who, origin }: As = {}): DispatchResult =>
  bench.run(callOf('Proxy', name, args), origin ?? signed(from))
const args = (delegate: AccountId, proxy_type: ProxyType = 'Any', delay = 0): object => ({
  delegate: idAddress(delegate),
  proxy_type,
  delay,
})
const add = (delegate: AccountId, type?: ProxyType, delay?: number, as?: As): DispatchResult =>
  run('add_proxy', args(delegate, type, delay), as)
const remove = (delegate: AccountId, type?: ProxyType, delay?: number): DispatchResult =>
  run('remove_proxy', args(delegate, type, delay))
const proxyOf = (real: AccountId, call: RuntimeCall, force_proxy_type?: ProxyType): RuntimeCall =>
  callOf('Proxy', 'proxy', { real: idAddress(real), force_proxy_type, call })
/** Bob acts for Alice. */
const act = (call: RuntimeCall, force?: ProxyType, from = bob.who): DispatchResult =>
  bench.run(proxyOf(alice.who, call, force), signed(from))

const filled = (byte: number): AccountId => new Uint8Array(32).fill(byte) as AccountId
const refused = (name: keyof typeof proxyErrors): object => failed(proxyErrors[name])
const badOrigin = failed({ code: 'bad_origin' })
const executed = (): unknown =>
  bench.context.events.findLast(({ code }) => code === 'Proxy.ProxyExecuted')?.value
const proxies = (who = alice.who): readonly { delegate: AccountId }[] =>
  proxyStorage.Proxies.get(chain.state, who)[0]
const heldFor = (kind: 'Proxies' | 'Announcements', who = alice.who): bigint =>
  held(chain.state, proxyHold(kind), who)
const FILTERED = { result: failed(systemErrors.CallFiltered) }
const DONE = { result: ok() }

function expectExact(): void {
  const { onAccounts, byTotals, issued } = countIssuance(chain.state)
  expect([onAccounts, byTotals]).toEqual([issued, issued])
}

describe('registration', () => {
  test('holds a deposit for each proxy, which comes back', () => {
    const before = free(chain.state, alice.who)
    expect(add(bob.who)).toEqual(ok())
    expect(heldFor('Proxies')).toBe(depositOf('Proxies', 1))
    expect(add(bob.who, 'NonTransfer', 7)).toEqual(ok())
    expect(heldFor('Proxies')).toBe(depositOf('Proxies', 2))
    expect(bench.codes().filter((code) => code.startsWith('Proxy'))).toEqual(
      Array(2).fill('Proxy.ProxyAdded'),
    )
    expect(remove(bob.who, 'NonTransfer', 7)).toEqual(ok())
    expect(heldFor('Proxies')).toBe(depositOf('Proxies', 1))
    expect(remove(bob.who)).toEqual(ok())
    expect(proxyStorage.Proxies.has(chain.state, alice.who)).toBe(false)
    expect(free(chain.state, alice.who)).toBe(before)
    expect(bench.codes()).toContain('Proxy.ProxyRemoved')
    expectExact()
  })

  test('keeps proxies in the order of delegate, type and delay', () => {
    const all = [
      [filled(2), 'Any', 0],
      [filled(1), 'Workers', 0],
      [filled(1), 'Any', 9],
      [filled(1), 'Any', 3],
      [filled(1), 'NonTransfer', 0],
    ] as const
    for (const [delegate, type, delay] of all) expect(add(delegate, type, delay).ok).toBe(true)
    const order = [3, 2, 4, 1, 0].map((at) => all[at]?.slice())
    const [list] = proxyStorage.Proxies.get(chain.state, alice.who)
    expect(list.map((one) => [one.delegate, one.proxy_type, one.delay])).toEqual(order)
  })

  test('refuses doubles, oneself, what is not there, and too many', () => {
    expect(add(bob.who).ok).toBe(true)
    expect(add(bob.who)).toEqual(refused('Duplicate'))
    expect(add(alice.who)).toEqual(refused('NoSelfProxy'))
    expect(remove(bob.who, 'Any', 1)).toEqual(refused('NotFound'))
    expect(remove(bob.who, 'Workers')).toEqual(refused('NotFound'))
    expect(remove(carol.who)).toEqual(refused('NotFound'))
    for (let count = 1; count < MAX_PROXIES; count++)
      expect(add(bob.who, 'Any', count).ok).toBe(true)
    expect(add(bob.who, 'Any', 2 ** 32 - 1)).toEqual(refused('TooMany'))
    expect(run('remove_proxies', {})).toEqual(ok())
    expect(proxies()).toEqual([])
    expect(heldFor('Proxies')).toBe(0n)
    expect(run('remove_proxies', {})).toEqual(ok())
  })

  test('needs the deposit and an account that exists', () => {
    const poor = failed({ code: 'token', reason: 'FundsUnavailable' })
    expect(add(alice.who, 'Any', 0, { from: dave.who })).toEqual(poor)
    expect(
      run('create_pure', { proxy_type: 'Any', delay: 0, index: 0 }, { from: dave.who }),
    ).toEqual(poor)
  })
})

const raw: MultiAddress = { type: 'Raw', value: new Uint8Array(1) }
const hash = filled(0x33) as Uint8Array as Hash
const everyCall: readonly (readonly [name: string, args: object, wrong: object | undefined])[] = [
  [
    'proxy',
    { real: idAddress(alice.who), force_proxy_type: undefined, call: REMARK },
    { real: raw },
  ],
  ['add_proxy', args(bob.who), { delegate: raw }],
  ['remove_proxy', args(bob.who), { delegate: raw }],
  ['remove_proxies', {}, undefined],
  ['create_pure', { proxy_type: 'Any', delay: 0, index: 0 }, undefined],
  [
    'kill_pure',
    { spawner: idAddress(bob.who), proxy_type: 'Any', index: 0, height: 0, ext_index: 0 },
    { spawner: raw },
  ],
  ['announce', { real: idAddress(bob.who), call_hash: hash }, { real: raw }],
  ['remove_announcement', { real: idAddress(bob.who), call_hash: hash }, { real: raw }],
  ['reject_announcement', { delegate: idAddress(bob.who), call_hash: hash }, { delegate: raw }],
  [
    'proxy_announced',
    {
      delegate: idAddress(bob.who),
      real: idAddress(alice.who),
      force_proxy_type: undefined,
      call: REMARK,
    },
    { real: raw },
  ],
  ['poke_deposit', {}, undefined],
]

test.each(everyCall)('%s needs an account, and addresses that name one', (name, given, wrong) => {
  for (const origin of [ROOT, NONE]) expect(run(name, given, { origin })).toEqual(badOrigin)
  if (wrong) expect(run(name, { ...given, ...wrong })).toEqual(failed({ code: 'cannot_lookup' }))
})

test('proxy_announced looks its delegate up too', () => {
  const given = everyCall.find(([name]) => name === 'proxy_announced')?.[1]
  expect(run('proxy_announced', { ...given, delegate: raw })).toEqual(
    failed({ code: 'cannot_lookup' }),
  )
})

describe('a proxy', () => {
  test('acts for the account, and tells what it used', () => {
    expect(add(bob.who).ok).toBe(true)
    const pay = payCall(dave.who, PHA)
    const declared = bench.info(proxyOf(alice.who, pay))
    expect(declared.weight).toEqual(sumWeights(ACT_WEIGHT, bench.info(pay).weight))
    expect(act(pay)).toEqual(ok({ actualWeight: declared.weight }))
    expect(executed()).toEqual(DONE)
    expect(chain.free(dave.who)).toBe(PHA)
    expect(chain.free(bob.who)).toBe(100n * PHA)
    expect(act(payCall(dave.who, 10_000n * PHA)).ok).toBe(true)
    expect(executed()).toEqual({ result: failed({ code: 'arithmetic', reason: 'Underflow' }) })
  })

  test('is nobody without registration, under another type, or for somebody else', () => {
    expect(act(REMARK)).toEqual(refused('NotProxy'))
    expect(add(bob.who, 'NonTransfer').ok).toBe(true)
    expect(act(REMARK, 'Any')).toEqual(refused('NotProxy'))
    expect(act(REMARK, undefined, carol.who)).toEqual(refused('NotProxy'))
    expect(bench.run(proxyOf(carol.who, REMARK), signed(bob.who))).toEqual(refused('NotProxy'))
    expect(act(REMARK, 'NonTransfer').ok).toBe(true)
  })

  test('uses the first of its types that fits, or the one that it forces', () => {
    expect(add(bob.who, 'Any').ok).toBe(true)
    expect(add(bob.who, 'CancelProxy').ok).toBe(true)
    expect(act(payCall(dave.who, PHA)).ok).toBe(true)
    expect(executed()).toEqual(DONE)
    expect(act(payCall(dave.who, PHA), 'CancelProxy').ok).toBe(true)
    expect(executed()).toEqual(FILTERED)
  })

  test('with a filter has it for all that it nests', () => {
    expect(add(bob.who, 'NonTransfer').ok).toBe(true)
    const pay = payCall(dave.who, PHA)
    const batch = (...calls: RuntimeCall[]): RuntimeCall => callOf('Utility', 'batch', { calls })
    expect(act(pay).ok).toBe(true)
    expect(executed()).toEqual(FILTERED)
    expect(act(batch(REMARK, batch(pay))).ok).toBe(true)
    expect(
      bench.context.events.find(({ code }) => code === 'Utility.BatchInterrupted')?.value,
    ).toEqual({
      index: 0,
      error: systemErrors.CallFiltered,
    })
    const derived = callOf('Utility', 'as_derivative', { index: 0, call: pay })
    expect(act(derived).ok).toBe(true)
    expect(executed()).toEqual(FILTERED)
    expect(systemStorage.Account.has(chain.state, dave.who)).toBe(false)
  })

  test('neither gives nor takes rights that it has not', () => {
    expect(add(bob.who, 'NonTransfer').ok).toBe(true)
    const attempts: [RuntimeCall, unknown][] = [
      [callOf('Proxy', 'add_proxy', args(carol.who, 'Any')), FILTERED],
      [callOf('Proxy', 'remove_proxy', args(bob.who, 'Contracts')), FILTERED],
      [callOf('Proxy', 'remove_proxies', {}), FILTERED],
      [callOf('Proxy', 'kill_pure', everyCall[5]?.[1]), FILTERED],
      [callOf('Proxy', 'add_proxy', args(carol.who, 'CancelProxy')), DONE],
      [callOf('Proxy', 'remove_proxy', args(carol.who, 'CancelProxy')), DONE],
      [INHERENT, FILTERED],
    ]
    for (const [call, outcome] of attempts) {
      expect(act(call).ok).toBe(true)
      expect(executed()).toEqual(outcome)
    }
    expect(add(bob.who, 'Any').ok).toBe(true)
    expect(act(callOf('Proxy', 'remove_proxies', {}), 'Any').ok).toBe(true)
    expect(executed()).toEqual(DONE)
    expect(proxies()).toEqual([])
  })

  test('of a proxy has the rights of the last alone', () => {
    expect(add(bob.who, 'NonTransfer').ok).toBe(true)
    expect(add(alice.who, 'Any', 0, { from: carol.who }).ok).toBe(true)
    expect(act(proxyOf(carol.who, payCall(dave.who, PHA))).ok).toBe(true)
    expect(executed()).toEqual(DONE)
    expect(chain.free(dave.who)).toBe(PHA)
  })
})

describe('announcements', () => {
  const PAY = payCall(dave.who, PHA)
  const hashOf = (call: RuntimeCall): Hash => hashes.blake2b256(bench.bytes(call)) as Hash
  const about = (call: RuntimeCall, real = alice.who): object => ({
    real: idAddress(real),
    call_hash: hashOf(call),
  })
  const announce = (call = PAY, real = alice.who): DispatchResult =>
    run('announce', about(call, real), { from: bob.who })
  const announced = (call = PAY, from = carol.who): DispatchResult =>
    run(
      'proxy_announced',
      {
        delegate: idAddress(bob.who),
        real: idAddress(alice.who),
        force_proxy_type: undefined,
        call,
      },
      { from },
    )
  const pending = (): readonly unknown[] => proxyStorage.Announcements.get(chain.state, bob.who)[0]
  const DELAY = 5
  beforeEach(() => {
    expect(add(bob.who, 'Any', DELAY).ok).toBe(true)
    bench.codes()
  })

  test('let a call be made after the delay, by anybody, once', () => {
    const before = free(chain.state, bob.who)
    expect(act(PAY)).toEqual(refused('Unannounced'))
    expect(announced()).toEqual(refused('Unannounced'))
    expect(announce()).toEqual(ok())
    expect(heldFor('Announcements', bob.who)).toBe(depositOf('Announcements', 1))
    bench.nextBlock(DELAY - 1)
    expect(announced()).toEqual(refused('Unannounced'))
    bench.nextBlock()
    const actualWeight = sumWeights(
      actAnnouncedWeight(bench.bytes(PAY).length),
      bench.info(PAY).weight,
    )
    expect(announced()).toEqual(ok({ actualWeight }))
    expect(executed()).toEqual(DONE)
    expect(announced()).toEqual(refused('Unannounced'))
    expect(heldFor('Announcements', bob.who)).toBe(0n)
    expect(free(chain.state, bob.who)).toBe(before)
    expect(chain.free(dave.who)).toBe(PHA)
    expectExact()
  })

  test('of another call or for another account do not count', () => {
    expect(add(bob.who, 'Any', DELAY, { from: carol.who }).ok).toBe(true)
    expect(announce(PAY, carol.who).ok).toBe(true)
    expect(announce(REMARK).ok).toBe(true)
    bench.nextBlock(DELAY)
    expect(announced()).toEqual(refused('Unannounced'))
    expect(announced(REMARK).ok).toBe(true)
    expect(pending()).toHaveLength(1)
  })

  test('are for proxies, bounded, and have a deposit each', () => {
    expect(run('announce', about(PAY), { from: carol.who })).toEqual(refused('NotProxy'))
    for (let count = 0; count < MAX_PENDING; count++) expect(announce().ok).toBe(true)
    expect(announce()).toEqual(refused('TooMany'))
    expect(heldFor('Announcements', bob.who)).toBe(depositOf('Announcements', MAX_PENDING))
    expect(bench.codes().filter((code) => code === 'Proxy.Announced')).toHaveLength(MAX_PENDING)
    expect(run('remove_announcement', about(PAY), { from: bob.who })).toEqual(ok())
    expect(pending()).toEqual([])
    expect(heldFor('Announcements', bob.who)).toBe(0n)
  })

  test('are taken back by the proxy or rejected by the account, and by nobody else', () => {
    expect(announce().ok).toBe(true)
    expect(announce(REMARK).ok).toBe(true)
    const reject = (call: RuntimeCall, from: AccountId): DispatchResult =>
      run(
        'reject_announcement',
        { delegate: idAddress(bob.who), call_hash: hashOf(call) },
        { from },
      )
    expect(reject(PAY, carol.who)).toEqual(refused('NotFound'))
    expect(run('remove_announcement', about(INHERENT), { from: bob.who })).toEqual(
      refused('NotFound'),
    )
    expect(run('remove_announcement', about(PAY), { from: carol.who })).toEqual(refused('NotFound'))
    expect(reject(PAY, alice.who)).toEqual(ok())
    expect(run('remove_announcement', about(REMARK), { from: bob.who })).toEqual(ok())
    expect(proxyStorage.Announcements.has(chain.state, bob.who)).toBe(false)
    expect(heldFor('Announcements', bob.who)).toBe(0n)
  })

  test('of a proxy that lost its place are worth nothing', () => {
    expect(announce().ok).toBe(true)
    bench.nextBlock(DELAY)
    expect(remove(bob.who, 'Any', DELAY).ok).toBe(true)
    expect(announced()).toEqual(refused('NotProxy'))
  })
})

describe('pure accounts', () => {
  const create = (type: ProxyType = 'Any', index = 0): DispatchResult =>
    run('create_pure', { proxy_type: type, delay: 0, index })
  const pure = pureAccount(hashes, {
    who: alice.who,
    height: 0,
    extrinsicIndex: 2,
    proxyType: 'Any',
    index: 0,
  })
  const kill = (changes: object = {}): RuntimeCall =>
    callOf('Proxy', 'kill_pure', {
      spawner: idAddress(alice.who),
      proxy_type: 'Any',
      index: 0,
      height: 0,
      ext_index: 2,
      ...changes,
    })
  const asPure = (call: RuntimeCall): unknown => {
    expect(bench.run(proxyOf(pure, call), signed(alice.who)).ok).toBe(true)
    return executed()
  }

  test('have an address of their origin', () => {
    // Source: pallet_proxy, pure_account: b"modlpy/proxy____", spawner, block, extrinsic, type, index.
    const parts = [
      utf8('modlpy/proxy____'),
      filled(1),
      Uint8Array.of(5, 0, 0, 0, 2, 1, 0, 0, 6, 9, 0),
    ]
    const expected = blake2b(concatBytes(...parts), { dkLen: 32 })
    const origin = { height: 5, extrinsicIndex: 258, proxyType: 'CancelProxy', index: 9 } as const
    expect(bytesToHex(pureAccount(hashes, { who: filled(1), ...origin }))).toBe(
      bytesToHex(expected),
    )
  })

  test('belong to whoever made them, who gets the deposit back when they end', () => {
    const before = free(chain.state, alice.who)
    expect(create()).toEqual(ok())
    expect(heldFor('Proxies')).toBe(depositOf('Proxies', 1))
    expect(bench.context.events.at(-1)?.value).toEqual({
      pure,
      who: alice.who,
      proxy_type: 'Any',
      disambiguation_index: 0,
    })
    expect(create()).toEqual(refused('Duplicate'))
    expect(create('Any', 1).ok).toBe(true)
    expect(create('NonTransfer').ok).toBe(true)
    expect(heldFor('Proxies')).toBe(3n * depositOf('Proxies', 1))
    expect(asPure(kill())).toEqual(DONE)
    expect(bench.codes()).toContain('Proxy.PureKilled')
    expect(proxyStorage.Proxies.has(chain.state, pure)).toBe(false)
    expect(proxyStorage.PureDeposits.has(chain.state, pure)).toBe(false)
    expect(free(chain.state, alice.who)).toBe(before - 2n * depositOf('Proxies', 1))
    expectExact()
  })

  test('are ended by themselves alone, under their own origin', () => {
    expect(create().ok).toBe(true)
    expect(bench.run(kill(), signed(alice.who))).toEqual(refused('NoPermission'))
    const wrong = [
      { proxy_type: 'NonTransfer' },
      { index: 1 },
      { height: 1 },
      { ext_index: 3 },
      { spawner: idAddress(bob.who) },
    ]
    for (const changes of wrong)
      expect(asPure(kill(changes))).toEqual({ result: refused('NoPermission') })
  })

  test('pay for further proxies themselves; each part goes back to whoever paid it', () => {
    const before = free(chain.state, alice.who)
    expect(create().ok).toBe(true)
    expect(bench.run(payCall(pure, PHA)).ok).toBe(true)
    expect(asPure(callOf('Proxy', 'add_proxy', args(bob.who)))).toEqual(DONE)
    const factor = depositOf('Proxies', 2) - depositOf('Proxies', 1)
    expect(heldFor('Proxies', pure)).toBe(factor)
    expect(asPure(callOf('Proxy', 'remove_proxy', args(bob.who)))).toEqual(DONE)
    expect([heldFor('Proxies', pure), heldFor('Proxies')]).toEqual([0n, depositOf('Proxies', 1)])
    expect(asPure(callOf('Proxy', 'add_proxy', args(bob.who)))).toEqual(DONE)
    expect(asPure(callOf('Proxy', 'remove_proxies', {}))).toEqual(DONE)
    expect([heldFor('Proxies', pure), heldFor('Proxies')]).toEqual([0n, 0n])
    expect(free(chain.state, pure)).toBe(PHA)
    expect(free(chain.state, alice.who)).toBe(before - PHA)
    expect(proxyStorage.PureDeposits.has(chain.state, pure)).toBe(false)
    expectExact()
  })
})

describe('poking deposits', () => {
  test('changes nothing while they are right', () => {
    expect(add(bob.who).ok).toBe(true)
    expect(run('poke_deposit', {})).toEqual(ok({ paysFee: true }))
    expect(run('poke_deposit', {}, { from: carol.who })).toEqual(ok({ paysFee: true }))
  })

  test.each([
    ['Proxies', 3n],
    ['Proxies', -3n],
    ['Announcements', 3n],
    ['Announcements', -3n],
  ] as const)('brings that of %s to what it is, from %i off, for free', (kind, off) => {
    expect(add(bob.who).ok).toBe(true)
    expect(add(alice.who, 'Any', 0, { from: bob.who }).ok).toBe(true)
    const real = idAddress(bob.who)
    expect(run('announce', { real, call_hash: hash }).ok).toBe(true)
    const { Proxies, Announcements } = proxyStorage
    const old = depositOf(kind, 1) + off
    if (kind === 'Proxies')
      Proxies.set(chain.state, alice.who, [Proxies.get(chain.state, alice.who)[0], old])
    else
      Announcements.set(chain.state, alice.who, [Announcements.get(chain.state, alice.who)[0], old])
    bench.codes()
    expect(run('poke_deposit', {})).toEqual(ok({ paysFee: false }))
    expect(bench.context.events.at(-1)).toMatchObject({
      code: 'Proxy.DepositPoked',
      value: { who: alice.who, kind, old_deposit: old, new_deposit: depositOf(kind, 1) },
    })
    expect(heldFor(kind)).toBe(depositOf(kind, 1) - off)
    expect(proxyStorage[kind].get(chain.state, alice.who)[1]).toBe(depositOf(kind, 1))
  })
})

test('in blocks: a pure account in a batch, and a call for it', () => {
  const { composition } = chain.runtime
  const send = (call: RuntimeCall): ReturnType<TestChain['run']> =>
    chain.run(chain.sign(alice, encode(composition.call, call)))
  const create = (index: number): RuntimeCall =>
    callOf('Proxy', 'create_pure', { proxy_type: 'Any', delay: 0, index })
  unwrap(send(callOf('Utility', 'batch_all', { calls: [create(0), create(65_535)] })))
  const [pure] = [0, 65_535].map((index) =>
    pureAccount(hashes, { who: alice.who, height: 1, extrinsicIndex: 2, proxyType: 'Any', index }),
  )
  if (!pure) throw new Error('no account')
  expect(proxies(pure)).toEqual([{ delegate: alice.who, proxy_type: 'Any', delay: 0 }])
  unwrap(send(payCall(pure, PHA)))
  const { events } = unwrap(send(proxyOf(pure, payCall(dave.who, PHA / 2n))))
  expect(events.map(({ code }) => code)).toContain('Proxy.ProxyExecuted')
  expect(chain.free(dave.who)).toBe(PHA / 2n)
})
