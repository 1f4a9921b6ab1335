import { ok, unwrap, type AccountId, type Result } from '@tacit/base'
import type { PalletContext } from '../../framework/context.ts'
import type { DispatchError } from '../../framework/dispatch-error.ts'
import type { HoldReason } from '../../framework/hold-reason.ts'
import { hold, release } from '../balances/ops.ts'
import { depositFor } from '../deposit.ts'

const REASON: HoldReason = { type: 'Attestation', value: { type: 'Collateral' } }
/** Documents and what is known of them, with their keys. */
const ITEMS = 2
const KEY_BYTES = 2 * 56

/** Whose deposit is held for stored collateral, and how much of it, in planck. */
export type Deposited = { readonly submitter: AccountId; readonly deposit: bigint }

/** Planck to hold for documents and a record of so many bytes. */
export function collateralDeposit(bytes: number): bigint {
  return depositFor(ITEMS, bytes + KEY_BYTES)
}

/** Gives an old deposit back and takes the new one, if there is one. */
export function exchangeDeposit(
  ctx: PalletContext,
  old: Deposited | undefined,
  next?: Deposited,
): Result<void, DispatchError> {
  if (old) unwrap(release(ctx, REASON, old.submitter, old.deposit), 'deposit')
  return next ? hold(ctx, REASON, next.submitter, next.deposit) : ok()
}
