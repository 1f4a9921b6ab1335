import { bool, bytes, compactU128, compactU32, struct, u8 } from '@tacit/base'
import { byRoot, byRootOrSigner, bySigner } from '../../framework/by-origin.ts'
import { defineCalls, type Calls } from '../../framework/calls.ts'
import { multiAddress, type MultiAddress } from '../../framework/multi-address.ts'
import { approve, cancelApproval, forceCancelApproval, transferApproved } from './approvals.ts'
import { clearMetadata, forceClearMetadata, forceSetMetadata, setMetadata } from './metadata.ts'
import { changeWeight, moveWeight } from './weights.ts'

const asset = { id: compactU32 }

type Of = { readonly id: number }

/** Calls about names and approvals. Indices as in pallet_assets. */
export const detailCalls: Calls<{
  set_metadata: Of & {
    readonly name: Uint8Array
    readonly symbol: Uint8Array
    readonly decimals: number
  }
  clear_metadata: Of
  force_set_metadata: Of & {
    readonly name: Uint8Array
    readonly symbol: Uint8Array
    readonly decimals: number
    readonly is_frozen: boolean
  }
  force_clear_metadata: Of
  approve_transfer: Of & { readonly delegate: MultiAddress; readonly amount: bigint }
  cancel_approval: Of & { readonly delegate: MultiAddress }
  force_cancel_approval: Of & { readonly owner: MultiAddress; readonly delegate: MultiAddress }
  transfer_approved: Of & {
    readonly owner: MultiAddress
    readonly destination: MultiAddress
    readonly amount: bigint
  }
}> = defineCalls({
  set_metadata: {
    index: 17,
    args: struct({ ...asset, name: bytes, symbol: bytes, decimals: u8 }),
    docs: ['Sets name, symbol and decimals under a deposit by bytes; only the owner may.'],
    weight: () => changeWeight,
    dispatch: (context, { id, ...names }) =>
      bySigner(context, [], (sender) => setMetadata(context, id, sender, names)),
  },
  clear_metadata: {
    index: 18,
    args: struct(asset),
    docs: ['Removes name, symbol and decimals and frees their deposit; only the owner may.'],
    weight: () => changeWeight,
    dispatch: (context, { id }) =>
      bySigner(context, [], (sender) => clearMetadata(context, id, sender)),
  },
  force_set_metadata: {
    index: 19,
    args: struct({ ...asset, name: bytes, symbol: bytes, decimals: u8, is_frozen: bool }),
    docs: ['Sets name, symbol and decimals, for good if frozen. Only the chain itself may.'],
    weight: () => changeWeight,
    dispatch: (context, { id, ...given }) =>
      byRoot(context, [], () => forceSetMetadata(context, id, given)),
  },
  force_clear_metadata: {
    index: 20,
    args: struct(asset),
    docs: ['Removes name, symbol and decimals. Only the chain itself may.'],
    weight: () => changeWeight,
    dispatch: (context, { id }) => byRoot(context, [], () => forceClearMetadata(context, id)),
  },
  approve_transfer: {
    index: 22,
    args: struct({ ...asset, delegate: multiAddress, amount: compactU128 }),
    docs: ["Lets a delegate send an amount more of the sender's, under a deposit."],
    weight: () => changeWeight,
    dispatch: (context, { id: asset, delegate: named, amount }) =>
      bySigner(context, [named], (owner, delegate) =>
        approve(context, { asset, owner, delegate }, amount),
      ),
  },
  cancel_approval: {
    index: 23,
    args: struct({ ...asset, delegate: multiAddress }),
    docs: ['Takes an approval back and frees its deposit.'],
    weight: () => changeWeight,
    dispatch: (context, { id: asset, delegate: named }) =>
      bySigner(context, [named], (owner, delegate) =>
        cancelApproval(context, { asset, owner, delegate }),
      ),
  },
  force_cancel_approval: {
    index: 24,
    args: struct({ ...asset, owner: multiAddress, delegate: multiAddress }),
    docs: ["Takes somebody's approval back; admin and chain may."],
    weight: () => changeWeight,
    dispatch: (context, { id: asset, owner: o, delegate: d }) =>
      byRootOrSigner(context, [o, d], (sender, owner, delegate) =>
        forceCancelApproval(context, { asset, owner, delegate }, sender),
      ),
  },
  transfer_approved: {
    index: 25,
    args: struct({ ...asset, owner: multiAddress, destination: multiAddress, amount: compactU128 }),
    docs: ['Sends units of an owner who approved it.'],
    weight: () => moveWeight,
    dispatch: (context, { id: asset, owner: o, destination: d, amount }) =>
      bySigner(context, [o, d], (delegate, owner, destination) =>
        transferApproved(context, { asset, owner, delegate }, destination, amount),
      ),
  },
})
