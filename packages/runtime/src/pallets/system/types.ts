import {
  accountId,
  compactU32,
  hash256,
  mapped,
  str,
  struct,
  u32,
  variant,
  type AccountId,
  type CaseOf,
  type Codec,
  type Hash,
} from '@tacit/base'
import { digest, type Digest } from '@tacit/light'
import { dispatchError, type DispatchError } from '../../framework/dispatch-error.ts'
import type { DispatchClass } from '../../framework/calls.ts'
import { defineErrors, type Errors } from '../../framework/errors.ts'
import { defineEvents, type Events } from '../../framework/events.ts'
import {
  defineStorage,
  storageMap,
  storageValue,
  type OptionalMap,
  type OptionalValue,
  type StorageMap,
  type StorageValue,
} from '../../framework/storage.ts'
import { weightCodec, ZERO_WEIGHT, type Weight } from '../../framework/weights.ts'
import { accountInfo, EMPTY_ACCOUNT, type AccountInfo } from './account.ts'

/** Blocks whose hashes stay in state: the longest mortality. */
export const BLOCK_HASH_COUNT = 4_096

/** One value for each class of calls. */
export type PerClass<T> = { readonly normal: T; readonly operational: T; readonly mandatory: T }

export function perClass<T>(inner: Codec<T>): Codec<PerClass<T>> {
  return struct(
    { normal: inner, operational: inner, mandatory: inner },
    {
      path: ['frame_support', 'dispatch', 'PerDispatchClass'],
      params: [{ name: 'T', type: inner.type }],
    },
  )
}

const dispatchClassOnWire = variant(
  { Normal: [0], Operational: [1], Mandatory: [2] },
  { path: ['frame_support', 'dispatch', 'DispatchClass'] },
)
/** frame_support::dispatch::DispatchClass. */
export const dispatchClass: Codec<DispatchClass> = mapped(
  dispatchClassOnWire,
  (value) => value.type,
  (type) => ({ type }),
)

const pays: Codec<CaseOf<'Yes'> | CaseOf<'No'>> = variant(
  { Yes: [0], No: [1] },
  { path: ['frame_support', 'dispatch', 'Pays'] },
)

/** What an extrinsic cost. */
export type DispatchEventInfo = {
  readonly weight: Weight
  readonly class: DispatchClass
  readonly pays_fee: CaseOf<'Yes'> | CaseOf<'No'>
}

const dispatchEventInfo: Codec<DispatchEventInfo> = struct(
  { weight: weightCodec, class: dispatchClass, pays_fee: pays },
  { path: ['frame_system', 'DispatchEventInfo'] },
)

/** During which part of a block something happened. */
export type Phase =
  | CaseOf<'ApplyExtrinsic', number>
  | CaseOf<'Finalization'>
  | CaseOf<'Initialization'>

export const phase: Codec<Phase> = variant(
  { ApplyExtrinsic: [0, u32], Finalization: [1], Initialization: [2] },
  { path: ['frame_system', 'Phase'] },
)

export type LastRuntimeUpgrade = { readonly spec_version: number; readonly spec_name: string }

const lastRuntimeUpgrade: Codec<LastRuntimeUpgrade> = struct(
  { spec_version: compactU32, spec_name: str },
  { path: ['frame_system', 'LastRuntimeUpgradeInfo'] },
)

export type SystemStorage = {
  Account: StorageMap<AccountId, AccountInfo>
  ExtrinsicCount: OptionalValue<number>
  BlockWeight: StorageValue<PerClass<Weight>>
  BlockHash: OptionalMap<number, Hash>
  Number: StorageValue<number>
  ParentHash: OptionalValue<Hash>
  Digest: StorageValue<Digest>
  EventCount: StorageValue<number>
  LastRuntimeUpgrade: OptionalValue<LastRuntimeUpgrade>
}

/** All but Events, whose type is made of every pallet's events; see events.ts. */
export const systemStorage: SystemStorage = defineStorage('System', {
  Account: storageMap({
    hasher: 'Blake2_128Concat',
    key: accountId,
    value: accountInfo,
    default: EMPTY_ACCOUNT,
    docs: ['Nonce, references and balances of every account.'],
  }),
  ExtrinsicCount: storageValue({ value: u32, docs: ['Extrinsics of the last block.'] }),
  BlockWeight: storageValue({
    value: perClass(weightCodec),
    default: { normal: ZERO_WEIGHT, operational: ZERO_WEIGHT, mandatory: ZERO_WEIGHT },
    docs: ['Weight of the last block by class.'],
  }),
  BlockHash: storageMap({
    hasher: 'Twox64Concat',
    key: u32,
    value: hash256,
    docs: ['Hashes of the genesis block and of the latest blocks.'],
  }),
  Number: storageValue({ value: u32, default: 0, docs: ['Number of the last block.'] }),
  ParentHash: storageValue({ value: hash256, docs: ['Hash of the block before the last.'] }),
  Digest: storageValue({
    value: digest,
    default: { logs: [] },
    docs: ['Digest of the last block.'],
  }),
  EventCount: storageValue({ value: u32, default: 0, docs: ['Events of the last block.'] }),
  LastRuntimeUpgrade: storageValue({
    value: lastRuntimeUpgrade,
    docs: ['Version of the rules that made this state.'],
  }),
})

export type SystemEvents = Events<{
  ExtrinsicSuccess: { readonly dispatch_info: DispatchEventInfo }
  ExtrinsicFailed: {
    readonly dispatch_error: DispatchError
    readonly dispatch_info: DispatchEventInfo
  }
  NewAccount: { readonly account: AccountId }
  KilledAccount: { readonly account: AccountId }
  Remarked: { readonly sender: AccountId; readonly hash: Hash }
}>

/** Indices as in frame_system. */
export const systemEvents: SystemEvents = defineEvents('System', 0, {
  ExtrinsicSuccess: [0, struct({ dispatch_info: dispatchEventInfo }), 'An extrinsic took effect.'],
  ExtrinsicFailed: [
    1,
    struct({ dispatch_error: dispatchError, dispatch_info: dispatchEventInfo }),
    'An extrinsic was included, paid and undone.',
  ],
  NewAccount: [3, struct({ account: accountId }), 'An account came to life.'],
  KilledAccount: [4, struct({ account: accountId }), 'An account was reaped.'],
  Remarked: [5, struct({ sender: accountId, hash: hash256 }), 'A remark was made on chain.'],
})

/** Indices as in frame_system. */
export const systemErrors: Errors<'CallFiltered'> = defineErrors('System', 0, {
  CallFiltered: [5, 'A filter keeps the origin from dispatching the call.'],
})
