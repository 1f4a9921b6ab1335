import { bool, compactU128, compactU32, equalBytes, err, struct } from '@tacit/base'
import { bySigner } from '../../framework/by-origin.ts'
import { defineCalls, type Calls } from '../../framework/calls.ts'
import { multiAddress, type MultiAddress } from '../../framework/multi-address.ts'
import { burn, findAsset, findLive, mint, reducible, transfer } from './ops.ts'
import { refund, refundOther, touch } from './touch.ts'
import { assetsErrors } from './types.ts'
import { changeWeight, moveWeight } from './weights.ts'

const asset = { id: compactU32 }

type Of = { readonly id: number }

/** Calls that move units and open accounts. Indices as in pallet_assets. */
export const balanceCalls: Calls<{
  mint: Of & { readonly beneficiary: MultiAddress; readonly amount: bigint }
  burn: Of & { readonly who: MultiAddress; readonly amount: bigint }
  transfer: Of & { readonly target: MultiAddress; readonly amount: bigint }
  transfer_keep_alive: Of & { readonly target: MultiAddress; readonly amount: bigint }
  force_transfer: Of & {
    readonly source: MultiAddress
    readonly dest: MultiAddress
    readonly amount: bigint
  }
  transfer_all: Of & { readonly dest: MultiAddress; readonly keep_alive: boolean }
  touch: Of
  touch_other: Of & { readonly who: MultiAddress }
  refund: Of & { readonly allow_burn: boolean }
  refund_other: Of & { readonly who: MultiAddress }
}> = defineCalls({
  mint: {
    index: 6,
    args: struct({ ...asset, beneficiary: multiAddress, amount: compactU128 }),
    docs: ['Creates units on an account; only the issuer may.'],
    weight: () => moveWeight,
    dispatch: (context, { id, beneficiary, amount }) =>
      bySigner(context, [beneficiary], (sender, who) => {
        const details = findLive(context.state, id)
        if (!details.ok) return details
        if (!equalBytes(sender, details.value.issuer)) return err(assetsErrors.NoPermission)
        return mint(context, details.value, { asset: id, who }, amount, sender)
      }),
  },
  burn: {
    index: 7,
    args: struct({ ...asset, who: multiAddress, amount: compactU128 }),
    docs: ["Destroys an account's units, as many as there are; only the admin may."],
    weight: () => moveWeight,
    dispatch: (context, { id, who: target, amount }) =>
      bySigner(context, [target], (sender, who) => {
        const details = findAsset(context.state, id)
        if (!details.ok) return details
        if (!equalBytes(sender, details.value.admin)) return err(assetsErrors.NoPermission)
        return burn(context, details.value, { asset: id, who }, amount)
      }),
  },
  transfer: {
    index: 8,
    args: struct({ ...asset, target: multiAddress, amount: compactU128 }),
    docs: ['Sends units; a rest below the least balance goes with them.'],
    weight: () => moveWeight,
    dispatch: (context, { id: asset, target, amount }) =>
      bySigner(context, [target], (from, to) =>
        transfer(context, { asset, from, to, amount, keepAlive: false, payer: from }),
      ),
  },
  transfer_keep_alive: {
    index: 9,
    args: struct({ ...asset, target: multiAddress, amount: compactU128 }),
    docs: ['Sends units; the least balance stays.'],
    weight: () => moveWeight,
    dispatch: (context, { id: asset, target, amount }) =>
      bySigner(context, [target], (from, to) =>
        transfer(context, { asset, from, to, amount, keepAlive: true, payer: from }),
      ),
  },
  force_transfer: {
    index: 10,
    args: struct({ ...asset, source: multiAddress, dest: multiAddress, amount: compactU128 }),
    docs: ["Sends somebody's units; only the admin may."],
    weight: () => moveWeight,
    dispatch: (context, { id: asset, source, dest, amount }) =>
      bySigner(context, [source, dest], (sender, from, to) => {
        const details = findLive(context.state, asset)
        if (!details.ok) return details
        if (!equalBytes(sender, details.value.admin)) return err(assetsErrors.NoPermission)
        return transfer(context, { asset, from, to, amount, keepAlive: false, payer: sender })
      }),
  },
  transfer_all: {
    index: 32,
    args: struct({ ...asset, dest: multiAddress, keep_alive: bool }),
    docs: ['Sends all units, or all but the least balance.'],
    weight: () => moveWeight,
    dispatch: (context, { id: asset, dest, keep_alive: keepAlive }) =>
      bySigner(context, [dest], (from, to) => {
        const available = reducible(context.state, { asset, who: from }, keepAlive)
        const amount = available.ok ? available.value : 0n
        return transfer(context, { asset, from, to, amount, keepAlive, payer: from })
      }),
  },
  touch: {
    index: 26,
    args: struct(asset),
    docs: ["Creates the sender's own account under a deposit."],
    weight: () => changeWeight,
    dispatch: (context, { id: asset }) =>
      bySigner(context, [], (who) => touch(context, { asset, who }, who)),
  },
  touch_other: {
    index: 29,
    args: struct({ ...asset, who: multiAddress }),
    docs: ["Creates another's account under the sender's deposit; admin and freezer may."],
    weight: () => changeWeight,
    dispatch: (context, { id: asset, who: other }) =>
      bySigner(context, [other], (sender, who) => touch(context, { asset, who }, sender)),
  },
  refund: {
    index: 27,
    args: struct({ ...asset, allow_burn: bool }),
    docs: [
      "Removes the sender's account, with what is in it if that is allowed, and frees its deposit.",
    ],
    weight: () => changeWeight,
    dispatch: (context, { id: asset, allow_burn: allowBurn }) =>
      bySigner(context, [], (who) => refund(context, { asset, who }, allowBurn)),
  },
  refund_other: {
    index: 30,
    args: struct({ ...asset, who: multiAddress }),
    docs: ["Removes another's empty account and frees its deposit; depositor and admin may."],
    weight: () => changeWeight,
    dispatch: (context, { id: asset, who: other }) =>
      bySigner(context, [other], (sender, who) => refundOther(context, { asset, who }, sender)),
  },
})
