import { bytesToHex, type AccountId } from '@tacit/base'
import { TREASURY_ACCOUNT } from '@tacit/runtime'
import { readEvents, type Chain, type FoundCommit } from '@tacit/sdk'

/** Planck that senders paid for the commands of commits, and who got it. */
export type FeeParts = {
  readonly paid: bigint
  readonly worker: bigint
  readonly burned: bigint
  readonly treasury: bigint
}

type Moved = { readonly dest: AccountId; readonly amount: bigint }

/** Adds up what the balances' own events say, each commit once, proved at its block. */
export async function feeParts(
  chain: Chain,
  commits: readonly FoundCommit[],
  operator: AccountId,
): Promise<FeeParts> {
  const distinct = new Map(commits.map((one) => [bytesToHex(one.signature), one]))
  const parts = { paid: 0n, worker: 0n, burned: 0n, treasury: 0n }
  for (const { block, index } of distinct.values()) {
    for (const { phase, event } of await readEvents(chain, block)) {
      if (phase.type !== 'ApplyExtrinsic' || phase.value !== index) continue
      const { type: pallet, value: inner } = event
      if (pallet === 'Contracts' && inner.type === 'CommandDone') {
        parts.paid += (inner.value as { fee: bigint }).fee
      }
      if (pallet !== 'Balances') continue
      if (inner.type === 'BurnedHeld') parts.burned += (inner.value as Moved).amount
      if (inner.type !== 'TransferOnHold') continue
      const { dest, amount } = inner.value as Moved
      if (bytesToHex(dest) === bytesToHex(operator)) parts.worker += amount
      if (bytesToHex(dest) === bytesToHex(TREASURY_ACCOUNT)) parts.treasury += amount
    }
  }
  return parts
}
