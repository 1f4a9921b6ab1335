import { bool, compactU128, err, ok, struct, type AccountId, type Result } from '@tacit/base'
import { defineCalls, type Calls } from '../../framework/calls.ts'
import type { CallContext } from '../../framework/context.ts'
import type { BadOrigin } from '../../framework/origin.ts'
import { ensureSigned } from '../../framework/origin.ts'
import {
  lookup,
  multiAddress,
  type LookupError,
  type MultiAddress,
} from '../../framework/multi-address.ts'
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
    dispatch(context, { dest, keep_alive: keepAlive }) {
      const parties = parse(context, dest)
      if (!parties.ok) return parties
      const { from, to } = parties.value
      const amount = spendable(context.state, from, keepAlive ? 'Preserve' : 'Expendable')
      return transfer(context, from, to, amount, { keepAlive })
    },
  },
  burn: {
    index: 10,
    args: struct({ value: compactU128, keep_alive: bool }),
    docs: ["Destroys a part of the sender's free balance."],
    weight: () => transferWeight,
    dispatch(context, { value, keep_alive: keepAlive }) {
      const who = ensureSigned(context.origin)
      return who.ok ? burn(context, who.value, value, { keepAlive }) : who
    },
  },
})

function send(
  context: CallContext,
  { dest, value }: Transfer,
  keepAlive: boolean,
): ReturnType<typeof transfer> {
  const parties = parse(context, dest)
  if (!parties.ok) return parties
  return transfer(context, parties.value.from, parties.value.to, value, { keepAlive })
}

type Parties = { readonly from: AccountId; readonly to: AccountId }

function parse(context: CallContext, dest: MultiAddress): Result<Parties, BadOrigin | LookupError> {
  const from = ensureSigned(context.origin)
  if (!from.ok) return from
  const to = lookup(dest)
  return to.ok ? ok({ from: from.value, to: to.value }) : err(to.error)
}
