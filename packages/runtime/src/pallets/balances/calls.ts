import { bool, compactU128, struct } from '@tacit/base'
import { bySigner } from '../../framework/by-origin.ts'
import { defineCalls, type Calls, type DispatchResult } from '../../framework/calls.ts'
import type { CallContext } from '../../framework/context.ts'
import { multiAddress, type MultiAddress } from '../../framework/multi-address.ts'
import { weigh, type Weight } from '../../framework/weights.ts'
import { burn, spendable, transfer } from './ops.ts'

type Transfer = { readonly dest: MultiAddress; readonly value: bigint }

const transferArgs = struct({ dest: multiAddress, value: compactU128 })
/** Two accounts; the dust's totals when the sender dies. */
const transferWeight: Weight = weigh({ reads: 4, writes: 4 })

/** Indices as in pallet_balances. */
export const balancesCalls: Calls<{
  transfer_allow_death: Transfer
  transfer_keep_alive: Transfer
  transfer_all: { readonly dest: MultiAddress; readonly keep_alive: boolean }
  burn: { readonly value: bigint; readonly keep_alive: boolean }
}> = defineCalls({
  transfer_allow_death: {
    index: 0,
    args: transferArgs,
    docs: ['Sends free balance. The sender is reaped if less than the existential deposit stays.'],
    weight: () => transferWeight,
    dispatch: (context, args) => send(context, args, false),
  },
  transfer_keep_alive: {
    index: 3,
    args: transferArgs,
    docs: ['Sends free balance unless that would reap the sender.'],
    weight: () => transferWeight,
    dispatch: (context, args) => send(context, args, true),
  },
  transfer_all: {
    index: 4,
    args: struct({ dest: multiAddress, keep_alive: bool }),
    docs: ['Sends all that can be sent; with keep_alive all but the existential deposit.'],
    weight: () => transferWeight,
    dispatch: (context, { dest, keep_alive: keepAlive }) =>
      bySigner(context, [dest], (from, to) => {
        const amount = spendable(context.state, from, keepAlive ? 'Preserve' : 'Expendable')
        return transfer(context, from, to, amount, { keepAlive })
      }),
  },
  burn: {
    index: 10,
    args: struct({ value: compactU128, keep_alive: bool }),
    docs: ["Destroys a part of the sender's free balance."],
    weight: () => transferWeight,
    dispatch: (context, { value, keep_alive: keepAlive }) =>
      bySigner(context, [], (who) => burn(context, who, value, { keepAlive })),
  },
})

function send(context: CallContext, { dest, value }: Transfer, keepAlive: boolean): DispatchResult {
  return bySigner(context, [dest], (from, to) => transfer(context, from, to, value, { keepAlive }))
}
