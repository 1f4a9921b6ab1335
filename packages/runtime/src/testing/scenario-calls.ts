import { accountId, compareBytes, encode, hash256, type AccountId, type Hash } from '@tacit/base'
import { idAddress, multiAddress } from '../framework/multi-address.ts'
import type { Composition } from '../framework/composition.ts'
import type { RuntimeCall } from '../framework/runtime-call.ts'
import { multisigAccount } from '../pallets/multisig/account.ts'
import { multisigStorage } from '../pallets/multisig/types.ts'
import { pureAccount } from '../pallets/proxy/pure.ts'
import { proxyStorage } from '../pallets/proxy/types.ts'
import { derivativeAccount } from '../pallets/utility/as-origin.ts'
import type { Known } from './arbitrary-bytes.ts'
import { callOf, payCall, REMARK } from './call-bench.ts'
import type { TestChain } from './chain.ts'
import { hashes } from './crypto.ts'

/** Of what a call is made when its turn comes: numbers that pick among what there is. */
export type Seed = { readonly scenario: number; readonly seed: readonly number[] }

type Made = {
  readonly chain: TestChain
  readonly people: readonly AccountId[]
  /** Who calls. */
  readonly who: AccountId
  /** The n-th number of the seed. */
  readonly n: (at: number) => number
}

const WEIGHT = { refTime: 10n ** 12n, proofSize: 10n ** 7n }

/** Accounts, hashes and addresses that mean something where these people live. */
export function knownValues({ call }: Composition, people: readonly AccountId[]): Known {
  const accounts = [...people, ...people.map((who) => derivativeAccount(hashes, who, 0))]
  const all = [...accounts, multisigAccount(hashes, [...people].sort(compareBytes), 2)]
  const remark = encode(call, REMARK)
  const known = [new Uint8Array(32), hashes.blake2b256(remark)] as Hash[]
  return {
    leaf: [remark, ...people.map((who) => encode(call, payCall(who, 10n ** 9n)))],
    hash: known,
    'sp_core::crypto::AccountId32': all.map((who) => encode(accountId, who)),
    'primitive_types::H256': known.map((hash) => encode(hash256, hash)),
    'sp_runtime::multiaddress::MultiAddress': all.map((who) =>
      encode(multiAddress, idAddress(who)),
    ),
  }
}

function pick<T>(list: readonly T[], at: number): T | undefined {
  return list[at % Math.max(1, list.length)]
}

const person = ({ people }: Made, at: number): AccountId => pick(people, at) as AccountId
const TYPES = ['Any', 'NonTransfer', 'CancelProxy', 'Contracts', 'Workers'] as const
const AMOUNTS = [0n, 1n, 10n ** 9n - 1n, 10n ** 9n, 10n ** 12n, 10n ** 15n, 2n ** 128n - 1n]

/** A call that is worth nesting. */
function inner(made: Made): RuntimeCall {
  const { n } = made
  const choices = [REMARK, pay(made), pay(made), addProxy(made), preimage(made)]
  return pick(choices, n(5)) ?? REMARK
}

const pay = (made: Made): RuntimeCall =>
  payCall(person(made, made.n(0)), pick(AMOUNTS, made.n(1)) ?? 0n)

const addProxy = (made: Made): RuntimeCall =>
  callOf('Proxy', 'add_proxy', {
    delegate: idAddress(person(made, made.n(2))),
    proxy_type: pick(TYPES, made.n(3)),
    delay: made.n(4) % 3,
  })

const preimage = ({ n }: Made): RuntimeCall =>
  callOf('Preimage', 'note_preimage', { bytes: new Uint8Array(n(4)) })

function batch(made: Made): RuntimeCall {
  const name = pick(['batch', 'batch_all', 'force_batch'], made.n(2)) as string
  return callOf('Utility', name, { calls: [inner(made), pay(made), inner(made)] })
}

/** One of few calls, so that several people mean the same. */
function agreed(made: Made): RuntimeCall {
  const { people, n } = made
  const choices = [REMARK, ...people.map((who) => payCall(who, 10n ** 9n)), preimage(made)]
  return pick(choices, n(5) % 4) ?? REMARK
}

const others = ({ people, who }: Made): AccountId[] =>
  people.filter((one) => compareBytes(one, who) !== 0).sort(compareBytes)

/** Approves what is open, or opens something. */
function approve(made: Made): RuntimeCall {
  const { chain, people, n } = made
  const call = agreed(made)
  const call_hash = hashes.blake2b256(encode(chain.runtime.composition.call, call))
  const id = multisigAccount(hashes, [...people].sort(compareBytes), 2)
  const open = multisigStorage.Multisigs.get(chain.state, id, call_hash)
  const common = {
    threshold: 2,
    other_signatories: others(made),
    maybe_timepoint: open?.when,
    max_weight: WEIGHT,
  }
  return n(3) % 3 === 0
    ? callOf('Multisig', 'approve_as_multi', { ...common, call_hash })
    : callOf('Multisig', 'as_multi', { ...common, call })
}

function cancel(made: Made): RuntimeCall {
  const { chain, n, who } = made
  const all = multisigStorage.Multisigs.entries(chain.state)
  const own = all.filter(({ value }) => compareBytes(value.depositor, who) === 0)
  const open = pick(own.length > 0 ? own : all, n(0))
  return callOf('Multisig', 'cancel_as_multi', {
    threshold: 2,
    other_signatories: others(made),
    timepoint: open?.value.when ?? { height: 0, index: 0 },
    call_hash: open?.keys[1] ?? new Uint8Array(32),
  })
}

/** An account of which the caller is a proxy, if there is one, and one of its proxies. */
function proxied(made: Made): { readonly real: AccountId; readonly delegate: AccountId } {
  const { chain, n, who } = made
  const all = proxyStorage.Proxies.entries(chain.state)
  const own = all.filter(({ value: [list] }) =>
    list.some(({ delegate }) => compareBytes(delegate, who) === 0),
  )
  const has = pick(own.length > 0 && n(3) % 4 > 0 ? own : all, n(0))
  const [first] = has?.value[0] ?? []
  return {
    real: has?.keys[0] ?? person(made, n(0)),
    delegate: first?.delegate ?? person(made, n(1)),
  }
}

function act(made: Made): RuntimeCall {
  const { n } = made
  const { real, delegate } = proxied(made)
  const call = [end(made), kill(made, real), inner(made), agreed(made)][n(2) % 4]
  const args = { real: idAddress(real), force_proxy_type: undefined, call }
  return n(4) % 3 === 0
    ? callOf('Proxy', 'proxy_announced', { delegate: idAddress(delegate), ...args })
    : callOf('Proxy', 'proxy', args)
}

/** What ends a pure account that the caller made, if it guesses the extrinsic. */
function kill({ chain, n, who }: Made, real: AccountId): RuntimeCall {
  const height = n(1) % (chain.head().number + 2)
  const made = { who, height, extrinsicIndex: 2 + (n(5) % 3), index: n(4) % 2 }
  const proxy_type =
    TYPES.find(
      (type) => compareBytes(pureAccount(hashes, { ...made, proxyType: type }), real) === 0,
    ) ?? 'Any'
  const origin = { index: made.index, height, ext_index: made.extrinsicIndex }
  return callOf('Proxy', 'kill_pure', { spawner: idAddress(who), proxy_type, ...origin })
}

function announce(made: Made): RuntimeCall {
  const { chain, n } = made
  const { real } = proxied(made)
  const call_hash = hashes.blake2b256(encode(chain.runtime.composition.call, agreed(made)))
  const name = n(2) % 4 === 0 ? 'remove_announcement' : 'announce'
  return callOf('Proxy', name, { real: idAddress(real), call_hash })
}

const end = (made: Made): RuntimeCall =>
  pick(
    [
      callOf('Proxy', 'remove_proxies', undefined),
      addProxy(made),
      { ...addProxy(made), value: { ...addProxy(made).value, type: 'remove_proxy' } },
    ],
    made.n(4),
  ) ?? REMARK

const pure = ({ n }: Made): RuntimeCall =>
  callOf('Proxy', 'create_pure', { proxy_type: pick(TYPES, n(0)), delay: 0, index: n(1) % 2 })

const derive = (made: Made): RuntimeCall =>
  callOf('Utility', 'as_derivative', { index: made.n(4) % 2, call: inner(made) })

const fund = (made: Made): RuntimeCall => {
  const sorted = [...made.people].sort(compareBytes)
  const multisig = multisigAccount(hashes, sorted, 2)
  const pures = proxyStorage.PureDeposits.entries(made.chain.state).map(({ keys: [pure] }) => pure)
  const all = [multisig, derivativeAccount(hashes, made.who, made.n(1) % 2), ...pures]
  return payCall(pick(all, made.n(0)) ?? multisig, 10n ** 12n)
}

const ifElse = (made: Made): RuntimeCall =>
  callOf('Utility', 'if_else', { main: pay(made), fallback: inner(made) })

const vest = (made: Made): RuntimeCall =>
  callOf('Vesting', 'vested_transfer', {
    target: idAddress(person(made, made.n(0))),
    schedule: {
      locked: 10n ** 12n * BigInt(1 + (made.n(1) % 3)),
      per_block: 10n ** 11n,
      starting_block: made.n(2) % 4,
    },
  })

/** Everything that people do with two assets. */
function asset(made: Made): RuntimeCall {
  const { n } = made
  const id = n(3) % 2
  const [who, other] = [idAddress(person(made, n(0))), idAddress(person(made, n(4)))]
  const amount = pick([0n, 1n, 5n, 100n, 2n ** 128n - 1n], n(1)) ?? 1n
  const choices: readonly (readonly [name: string, args: object])[] = [
    ['create', { admin: who, min_balance: 5n }],
    ['mint', { beneficiary: who, amount }],
    ['mint', { beneficiary: who, amount }],
    ['burn', { who, amount }],
    ['transfer', { target: who, amount }],
    ['transfer_all', { dest: who, keep_alive: n(5) % 2 === 0 }],
    ['approve_transfer', { delegate: who, amount }],
    ['transfer_approved', { owner: other, destination: who, amount }],
    ['cancel_approval', { delegate: who }],
    ['touch', {}],
    ['touch_other', { who }],
    ['refund', { allow_burn: n(5) % 2 === 0 }],
    ['refund_other', { who }],
    ['set_metadata', { name: new Uint8Array(n(5) % 50), symbol: new Uint8Array(), decimals: 1 }],
    ['clear_metadata', {}],
    ['transfer_ownership', { owner: who }],
    ['start_destroy', {}],
    ['destroy_accounts', {}],
    ['destroy_approvals', {}],
    ['finish_destroy', {}],
  ]
  const [name, args] = pick(choices, n(2)) ?? ['touch', {}]
  return callOf('Assets', name, { id, ...args })
}

/** What has happened before: proxies, a pure account, and money where calls may spend it. */
export function beginnings(
  chain: TestChain,
  people: readonly AccountId[],
): readonly (readonly [AccountId, RuntimeCall])[] {
  const rich = people.at(-1) as AccountId
  const sorted = [...people].sort(compareBytes)
  const shared = [1, 2].map((threshold) => multisigAccount(hashes, sorted, threshold))
  const derived = people.map((who) => derivativeAccount(hashes, who, 0))
  const proxies = people.slice(1).map((who, at): readonly [AccountId, RuntimeCall] => {
    const delegate = idAddress(people[at] as AccountId)
    return [who, callOf('Proxy', 'add_proxy', { delegate, proxy_type: 'Any', delay: at % 2 })]
  })
  const made = { chain, people, who: rich, n: () => 0 }
  return [
    ...[...shared, ...derived].map((to) => [rich, payCall(to, 10n ** 13n)] as const),
    ...proxies,
    [rich, pure(made)],
    [rich, callOf('Assets', 'create', { id: 0, admin: idAddress(rich), min_balance: 5n })],
  ]
}

/** Ways to make calls that mostly mean something. */
export const SCENARIOS: readonly ((made: Made) => RuntimeCall)[] = [
  pay,
  batch,
  asset,
  asset,
  approve,
  cancel,
  addProxy,
  act,
  announce,
  pure,
  derive,
  fund,
  ifElse,
  vest,
  preimage,
  end,
]

export function scenarioCall(
  chain: TestChain,
  people: readonly AccountId[],
  who: AccountId,
  { scenario, seed }: Seed,
): RuntimeCall {
  const make = pick(SCENARIOS, scenario)
  return make?.({ chain, people, who, n: (at) => seed[at] ?? 0 }) ?? REMARK
}
