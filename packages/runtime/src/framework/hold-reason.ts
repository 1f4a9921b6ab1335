import { variant, type Codec } from '@tacit/base'

/** Why a part of an account's balance is held: the pallet and its reason. */
export type HoldReason =
  | { readonly type: 'Attestation'; readonly value: { readonly type: 'Collateral' } }
  | { readonly type: 'Workers'; readonly value: { readonly type: 'Registration' } }
  | {
      readonly type: 'Contracts'
      readonly value: { readonly type: 'Gas' | 'CodeDeposit' | 'StateDeposit' }
    }
  | { readonly type: 'Multisig'; readonly value: { readonly type: 'Operation' } }
  | {
      readonly type: 'Proxy'
      readonly value: { readonly type: 'Proxies' | 'Announcements' }
    }
  | { readonly type: 'Vesting'; readonly value: { readonly type: 'Schedule' } }
  | { readonly type: 'Preimage'; readonly value: { readonly type: 'Preimage' } }
  | {
      readonly type: 'Assets'
      readonly value: { readonly type: 'Asset' | 'Metadata' | 'Account' | 'Approval' }
    }

/** Why a part cannot be spent although it is the account's own. */
export type FreezeReason = {
  readonly type: 'Governance'
  readonly value: { readonly type: 'Voting' }
}

/** Outer index = the pallet's index. */
export const holdReason: Codec<HoldReason> = variant(
  {
    Attestation: [20, variant({ Collateral: [0] }, reasonPath('attestation', 'HoldReason'))],
    Workers: [21, variant({ Registration: [0] }, reasonPath('workers', 'HoldReason'))],
    Contracts: [
      23,
      variant(
        { Gas: [0], CodeDeposit: [1], StateDeposit: [2] },
        reasonPath('contracts', 'HoldReason'),
      ),
    ],
    Multisig: [41, variant({ Operation: [0] }, reasonPath('multisig', 'HoldReason'))],
    Proxy: [42, variant({ Proxies: [0], Announcements: [1] }, reasonPath('proxy', 'HoldReason'))],
    Vesting: [43, variant({ Schedule: [0] }, reasonPath('vesting', 'HoldReason'))],
    Preimage: [44, variant({ Preimage: [0] }, reasonPath('preimage', 'HoldReason'))],
    Assets: [
      50,
      variant(
        { Asset: [0], Metadata: [1], Account: [2], Approval: [3] },
        reasonPath('assets', 'HoldReason'),
      ),
    ],
  },
  { path: ['tacit_runtime', 'RuntimeHoldReason'] },
)

export const freezeReason: Codec<FreezeReason> = variant(
  { Governance: [30, variant({ Voting: [0] }, reasonPath('governance', 'FreezeReason'))] },
  { path: ['tacit_runtime', 'RuntimeFreezeReason'] },
)

function reasonPath(pallet: string, name: string): { readonly path: readonly string[] } {
  return { path: [`pallet_${pallet}`, 'pallet', name] }
}
