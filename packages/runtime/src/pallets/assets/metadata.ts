import { equalBytes, err, ok, type AccountId, type Result } from '@tacit/base'
import type { PalletContext } from '../../framework/context.ts'
import type { DispatchError } from '../../framework/dispatch-error.ts'
import { hold, release } from '../balances/ops.ts'
import { assetsEvents } from './events.ts'
import { findAsset, findLive } from './ops.ts'
import { STRING_LIMIT, type AssetMetadata } from './records.ts'
import {
  assetsErrors,
  assetsHold,
  assetsStorage,
  METADATA_DEPOSIT_BASE,
  METADATA_DEPOSIT_PER_BYTE,
} from './types.ts'

type Outcome = Result<void, DispatchError>
export type Names = Pick<AssetMetadata, 'name' | 'symbol' | 'decimals'>

export function setMetadata(
  context: PalletContext,
  asset: number,
  sender: AccountId,
  names: Names,
): Outcome {
  if (isTooLong(names)) return err(assetsErrors.BadMetadata)
  const details = findLive(context.state, asset)
  if (!details.ok) return details
  if (!equalBytes(sender, details.value.owner)) return err(assetsErrors.NoPermission)
  const before = assetsStorage.Metadata.get(context.state, asset)
  if (before.is_frozen) return err(assetsErrors.NoPermission)
  const bytes = BigInt(names.name.length + names.symbol.length)
  const deposit = METADATA_DEPOSIT_BASE + METADATA_DEPOSIT_PER_BYTE * bytes
  const more = deposit - before.deposit
  const reason = assetsHold('Metadata')
  const moved =
    more >= 0n ? hold(context, reason, sender, more) : release(context, reason, sender, -more)
  if (!moved.ok) return moved
  store(context, asset, { ...names, deposit, is_frozen: false })
  return ok()
}

/** The deposit stays as it was: who did not ask for the bytes does not pay for them. */
export function forceSetMetadata(
  context: PalletContext,
  asset: number,
  given: Names & Pick<AssetMetadata, 'is_frozen'>,
): Outcome {
  if (isTooLong(given)) return err(assetsErrors.BadMetadata)
  const details = findAsset(context.state, asset)
  if (!details.ok) return details
  const { deposit } = assetsStorage.Metadata.get(context.state, asset)
  store(context, asset, { ...given, deposit })
  return ok()
}

export function clearMetadata(context: PalletContext, asset: number, sender: AccountId): Outcome {
  const details = findLive(context.state, asset)
  if (!details.ok) return details
  if (!equalBytes(sender, details.value.owner)) return err(assetsErrors.NoPermission)
  const { is_frozen } = assetsStorage.Metadata.get(context.state, asset)
  return is_frozen ? err(assetsErrors.NoPermission) : forceClearMetadata(context, asset)
}

export function forceClearMetadata(context: PalletContext, asset: number): Outcome {
  const details = findAsset(context.state, asset)
  if (!details.ok) return details
  if (!assetsStorage.Metadata.has(context.state, asset)) return err(assetsErrors.Unknown)
  const { deposit } = assetsStorage.Metadata.get(context.state, asset)
  const released = release(context, assetsHold('Metadata'), details.value.owner, deposit)
  if (!released.ok) return released
  assetsStorage.Metadata.delete(context.state, asset)
  context.deposit(assetsEvents.MetadataCleared({ asset_id: asset }))
  return ok()
}

function isTooLong({ name, symbol }: Names): boolean {
  return name.length > STRING_LIMIT || symbol.length > STRING_LIMIT
}

function store(context: PalletContext, asset: number, metadata: AssetMetadata): void {
  assetsStorage.Metadata.set(context.state, asset, metadata)
  const { name, symbol, decimals, is_frozen } = metadata
  const event = { asset_id: asset, name, symbol, decimals, is_frozen }
  context.deposit(assetsEvents.MetadataSet(event))
}
