import { equalBytes, err, ok, type AccountId, type Result } from '@tacit/base'
import type { PalletContext } from '../../framework/context.ts'
import type { DispatchError } from '../../framework/dispatch-error.ts'
import type { Place } from './accounts.ts'
import { assetsEvents } from './events.ts'
import { findAsset } from './ops.ts'
import type { AccountStatus } from './records.ts'
import { assetsErrors, assetsStorage } from './types.ts'

type Outcome = Result<void, DispatchError>

/** Who may set an account's status, and what is said then. */
const OF_ACCOUNT = {
  Frozen: { by: 'freezer', event: assetsEvents.Frozen },
  Liquid: { by: 'admin', event: assetsEvents.Thawed },
  Blocked: { by: 'freezer', event: assetsEvents.Blocked },
} as const satisfies { readonly [S in AccountStatus]: object }

/** What an asset's status must be before, who may change it, and what is said then. */
const OF_ASSET = {
  Frozen: {
    by: 'freezer',
    before: 'Live',
    otherwise: assetsErrors.AssetNotLive,
    event: assetsEvents.AssetFrozen,
  },
  Live: {
    by: 'admin',
    before: 'Frozen',
    otherwise: assetsErrors.NotFrozen,
    event: assetsEvents.AssetThawed,
  },
} as const

export function setAccountStatus(
  context: PalletContext,
  { asset, who }: Place,
  sender: AccountId,
  status: AccountStatus,
): Outcome {
  const { by, event } = OF_ACCOUNT[status]
  const details = findAsset(context.state, asset)
  if (!details.ok) return details
  if (details.value.status === 'Destroying') return err(assetsErrors.IncorrectStatus)
  if (!equalBytes(sender, details.value[by])) return err(assetsErrors.NoPermission)
  const account = assetsStorage.Account.get(context.state, asset, who)
  if (!account) return err(assetsErrors.NoAccount)
  assetsStorage.Account.set(context.state, asset, who, { ...account, status })
  context.deposit(event({ asset_id: asset, who }))
  return ok()
}

export function setAssetStatus(
  context: PalletContext,
  asset: number,
  sender: AccountId,
  status: 'Frozen' | 'Live',
): Outcome {
  const { by, before, otherwise, event } = OF_ASSET[status]
  const details = findAsset(context.state, asset)
  if (!details.ok) return details
  const denied = !equalBytes(sender, details.value[by]) && assetsErrors.NoPermission
  const misplaced = details.value.status !== before && otherwise
  // FRAME looks at the status first where it freezes, at the sender where it thaws.
  const fault = status === 'Frozen' ? misplaced || denied : denied || misplaced
  if (fault) return err(fault)
  assetsStorage.Asset.set(context.state, asset, { ...details.value, status })
  context.deposit(event({ asset_id: asset }))
  return ok()
}
