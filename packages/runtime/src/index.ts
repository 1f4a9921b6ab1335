export {
  AUTHORITIES_KEY,
  digest,
  digestItem,
  headerCodec,
  MAX_AUTHORITIES,
  type Authority,
  type Digest,
  type DigestItem,
  type Header,
} from '@tacit/light'
export * from './extensions.ts'
export * from './era.ts'
export * from './extrinsic.ts'
export * from './framework/calls.ts'
export * from './framework/composition.ts'
export * from './framework/context.ts'
export * from './framework/dispatch-error.ts'
export * from './framework/dispatch-result.ts'
export * from './framework/errors.ts'
export * from './framework/events.ts'
export * from './framework/genesis-spec.ts'
export * from './framework/hold-reason.ts'
export * from './framework/multi-address.ts'
export * from './framework/nested-calls.ts'
export * from './framework/origin.ts'
export * from './framework/origin-caller.ts'
export * from './framework/pallet.ts'
export * from './framework/runtime-call.ts'
export * from './framework/state.ts'
export * from './framework/storage.ts'
export * from './framework/validity.ts'
export * from './framework/weights.ts'
export * from './host.ts'
export * from './inherents.ts'
export * from './limits.ts'
export { amdCollateralIdOf } from './pallets/attestation/amd-collateral.ts'
export * from './pallets/attestation/calls.ts'
export { collateralIdOf, unixSeconds } from './pallets/attestation/collateral.ts'
export * from './pallets/attestation/records.ts'
export { trustedRoot } from './pallets/attestation/roots.ts'
export * from './pallets/attestation/rim-record.ts'
export * from './pallets/attestation/types.ts'
export * from './pallets/attestation/verdict-record.ts'
export { verifyCpuEvidence } from './pallets/attestation/verify.ts'
export * from './pallets/balances/calls.ts'
export * from './pallets/balances/types.ts'
export { balancesPallet } from './pallets/balances/index.ts'
export * from './pallets/consensus/types.ts'
export * from './pallets/contracts/calls.ts'
export * from './pallets/contracts/prices.ts'
export * from './pallets/contracts/records.ts'
export * from './pallets/contracts/types.ts'
export { MAX_COMMITS_PER_BLOCK, type CommitArgs } from './pallets/contracts/check-commit.ts'
export type { UploadCodeArgs } from './pallets/contracts/code.ts'
export { STATE_DEPOSIT, type DeployArgs } from './pallets/contracts/deploy.ts'
export type { SendArgs } from './pallets/contracts/send.ts'
export { checkAssigned, type CheckContext } from './pallets/keys/assignment.ts'
export * from './pallets/keys/calls.ts'
export * from './pallets/keys/types.ts'
export type { RotateEpochArgs } from './pallets/keys/epochs.ts'
export type { GrantArgs } from './pallets/keys/grants.ts'
export type { AnnounceGroupArgs } from './pallets/keys/group.ts'
export type { PublishInboxKeyArgs } from './pallets/keys/inbox-keys.ts'
export * from './pallets/multi-block-migrations/types.ts'
export { multisigAccount } from './pallets/multisig/account.ts'
export {
  multisigErrors,
  multisigEvents,
  multisigStorage,
  MULTISIG_INDEX,
  type MultisigEvents,
  type MultisigStorage,
  type Operation,
  type Timepoint,
} from './pallets/multisig/types.ts'
export * from './pallets/preimage/bounded.ts'
export * from './pallets/preimage/calls.ts'
export * from './pallets/preimage/types.ts'
export { pureAccount, type PureOrigin } from './pallets/proxy/pure.ts'
export type { ProxyType } from './pallets/proxy/proxy-type.ts'
export {
  proxyErrors,
  proxyEvents,
  proxyStorage,
  PROXY_INDEX,
  type Announcement,
  type ProxyDefinition,
  type ProxyEvents,
  type ProxyStorage,
} from './pallets/proxy/types.ts'
export { schedulerCalls, type SchedulerCalls } from './pallets/scheduler/calls.ts'
export * from './pallets/scheduler/types.ts'
export * from './pallets/system/account.ts'
export * from './pallets/system/types.ts'
export * from './pallets/timestamp/types.ts'
export * from './pallets/transaction-payment/fees.ts'
export * from './pallets/transaction-payment/types.ts'
export { derivativeAccount } from './pallets/utility/as-origin.ts'
export * from './pallets/utility/types.ts'
export * from './pallets/vesting/calls.ts'
export * from './pallets/vesting/types.ts'
export { workersCalls, type DeregisterArgs, type RegisterArgs } from './pallets/workers/calls.ts'
export * from './pallets/workers/records.ts'
export * from './pallets/workers/serving.ts'
export * from './pallets/workers/standing.ts'
export * from './pallets/workers/types.ts'
export * from './protocol/index.ts'
export * from './version.ts'
export type {
  Applied,
  Block,
  BlockError,
  BlockExecution,
  BlockStart,
  ExtrinsicError,
} from './execution/block.ts'
export type { ExtrinsicMalformed } from './execution/parse.ts'
export type { Head } from './execution/environment.ts'
export type { ApiError, Runtime } from './runtime.ts'
export type { AssetsEvents } from './pallets/assets/events.ts'
