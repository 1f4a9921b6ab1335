import {
  accountId,
  hash256,
  names,
  struct,
  tuple,
  u128,
  u16,
  u32,
  type AccountId,
  type Codec,
  type Hash,
  type Result,
} from '@tacit/base'
import { boundedVec } from '../../framework/bounded.ts'
import type { DispatchError } from '../../framework/dispatch-error.ts'
import { dispatchResult } from '../../framework/dispatch-result.ts'
import { defineErrors, type Errors } from '../../framework/errors.ts'
import { defineEvents, type Events } from '../../framework/events.ts'
import {
  defineStorage,
  storageMap,
  type OptionalMap,
  type StorageMap,
} from '../../framework/storage.ts'
import { depositFor } from '../deposit.ts'
import { proxyType, type ProxyType } from './proxy-type.ts'

export const PROXY_INDEX = 42
/** Proxies of one account, and announcements of one proxy, as on Polkadot. */
export const MAX_PROXIES = 32
export const MAX_PENDING = 32

/** Two items: the list, and who paid for a pure account's. */
export const PROXY_DEPOSIT_BASE: bigint = depositFor(2, 210)
export const PROXY_DEPOSIT_FACTOR: bigint = depositFor(0, 37)
export const ANNOUNCEMENT_DEPOSIT_BASE: bigint = depositFor(1, 90)
export const ANNOUNCEMENT_DEPOSIT_FACTOR: bigint = depositFor(0, 68)

/** Who may act for an account, how far, and how many blocks after an announcement. */
export type ProxyDefinition = {
  readonly delegate: AccountId
  readonly proxy_type: ProxyType
  readonly delay: number
}

const account = { name: 'AccountId', type: accountId.type }
const blockNumber = { name: 'BlockNumber', type: u32.type }

const proxyDefinition: Codec<ProxyDefinition> = struct(
  { delegate: accountId, proxy_type: proxyType, delay: u32 },
  {
    path: ['pallet_proxy', 'ProxyDefinition'],
    params: [account, { name: 'ProxyType', type: proxyType.type }, blockNumber],
  },
)

/** A call that a proxy will make, by its hash, and the block of its announcement. */
export type Announcement = {
  readonly real: AccountId
  readonly call_hash: Hash
  readonly height: number
}

const announcement: Codec<Announcement> = struct(
  { real: accountId, call_hash: hash256, height: u32 },
  {
    path: ['pallet_proxy', 'Announcement'],
    params: [account, { name: 'Hash', type: hash256.type }, blockNumber],
  },
)

/** A list and the planck held for it. */
export type WithDeposit<T> = readonly [list: readonly T[], deposit: bigint]
/** What the account that made a pure account still has on hold for it. */
export type PureDeposit = { readonly depositor: AccountId; readonly amount: bigint }

export type ProxyStorage = {
  Proxies: StorageMap<AccountId, WithDeposit<ProxyDefinition>>
  Announcements: StorageMap<AccountId, WithDeposit<Announcement>>
  PureDeposits: OptionalMap<AccountId, PureDeposit>
}

export const proxyStorage: ProxyStorage = defineStorage('Proxy', {
  Proxies: storageMap({
    hasher: 'Twox64Concat',
    key: accountId,
    value: tuple(boundedVec(proxyDefinition, MAX_PROXIES), u128),
    default: [[], 0n],
    docs: ['Who may act for an account, ascending, and the deposit for that.'],
  }),
  Announcements: storageMap({
    hasher: 'Twox64Concat',
    key: accountId,
    value: tuple(boundedVec(announcement, MAX_PENDING), u128),
    default: [[], 0n],
    docs: ['What a proxy has announced, and the deposit for that.'],
  }),
  PureDeposits: storageMap({
    hasher: 'Twox64Concat',
    key: accountId,
    value: struct(
      { depositor: accountId, amount: u128 },
      { path: ['pallet_proxy', 'PureDeposit'] },
    ),
    docs: ["The part of a pure account's deposit that the account which made it has on hold."],
  }),
})

/** Which deposit was brought up to date. */
export type DepositKind = 'Proxies' | 'Announcements'

const depositKind: Codec<DepositKind> = names(
  { Proxies: 0, Announcements: 1 },
  { path: ['pallet_proxy', 'DepositKind'] },
)

type Registered = {
  readonly delegator: AccountId
  readonly delegatee: AccountId
  readonly proxy_type: ProxyType
  readonly delay: number
}
type Pure = {
  readonly pure: AccountId
  readonly proxy_type: ProxyType
  readonly disambiguation_index: number
}

export type ProxyEvents = Events<{
  ProxyExecuted: { readonly result: Result<void, DispatchError> }
  PureCreated: Pure & { readonly who: AccountId }
  PureKilled: Pure & { readonly spawner: AccountId }
  Announced: { readonly real: AccountId; readonly proxy: AccountId; readonly call_hash: Hash }
  ProxyAdded: Registered
  ProxyRemoved: Registered
  DepositPoked: {
    readonly who: AccountId
    readonly kind: DepositKind
    readonly old_deposit: bigint
    readonly new_deposit: bigint
  }
}>

const registered = struct({
  delegator: accountId,
  delegatee: accountId,
  proxy_type: proxyType,
  delay: u32,
})
const ofPure = { proxy_type: proxyType, disambiguation_index: u16 }

/** Indices as in pallet_proxy. */
export const proxyEvents: ProxyEvents = defineEvents('Proxy', PROXY_INDEX, {
  ProxyExecuted: [0, struct({ result: dispatchResult }), "A proxy's call was dispatched."],
  PureCreated: [
    1,
    struct({ pure: accountId, who: accountId, ...ofPure }),
    'An account was made that belongs to its proxy alone.',
  ],
  PureKilled: [
    2,
    struct({ pure: accountId, spawner: accountId, ...ofPure }),
    'A pure account has lost its proxies.',
  ],
  Announced: [
    3,
    struct({ real: accountId, proxy: accountId, call_hash: hash256 }),
    'A proxy announced a call.',
  ],
  ProxyAdded: [4, registered, 'A proxy was added.'],
  ProxyRemoved: [5, registered, 'A proxy was removed.'],
  DepositPoked: [
    6,
    struct({ who: accountId, kind: depositKind, old_deposit: u128, new_deposit: u128 }),
    'A deposit was brought up to date.',
  ],
})

type Names =
  | 'TooMany'
  | 'NotFound'
  | 'NotProxy'
  | 'Unproxyable'
  | 'Duplicate'
  | 'NoPermission'
  | 'Unannounced'
  | 'NoSelfProxy'

/** Indices as in pallet_proxy; Unproxyable happens no more there either. */
export const proxyErrors: Errors<Names> = defineErrors('Proxy', PROXY_INDEX, {
  TooMany: [0, 'There are too many proxies or announcements.'],
  NotFound: [1, 'There is no such proxy or announcement.'],
  NotProxy: [2, 'The sender is no proxy of the account.'],
  Unproxyable: [3, "The proxy's type does not allow the call."],
  Duplicate: [4, 'The account has this proxy.'],
  NoPermission: [5, 'The sender is not the pure account that the arguments name.'],
  Unannounced: [6, 'The call was not announced, or not long enough ago.'],
  NoSelfProxy: [7, 'An account is not its own proxy.'],
})
