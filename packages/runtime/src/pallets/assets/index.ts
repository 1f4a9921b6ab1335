import { u128, u32 } from '@tacit/base'
import { constant, definePallet, type Pallet } from '../../framework/pallet.ts'
import { balanceCalls } from './balance-calls.ts'
import { detailCalls } from './detail-calls.ts'
import { assetsEvents } from './events.ts'
import { manageCalls } from './manage-calls.ts'
import { STRING_LIMIT } from './records.ts'
import {
  APPROVAL_DEPOSIT,
  ASSET_ACCOUNT_DEPOSIT,
  ASSET_DEPOSIT,
  ASSETS_INDEX,
  assetsErrors,
  assetsStorage,
  METADATA_DEPOSIT_BASE,
  METADATA_DEPOSIT_PER_BYTE,
  REMOVE_ITEMS_LIMIT,
} from './types.ts'

/**
 * pallet_assets of polkadot-sdk (stable2412, without callbacks and fees in assets): names,
 * indices, storage and encodings are its own; numbers travel compact, as on Asset Hub. Deposits are
 * holds; AccountDeposits is ours. Stricter than FRAME: who may not do a thing may not do it with
 * an amount of zero either, a least balance of zero is always refused, and refunds that burn lower
 * the supply.
 */
export const assetsPallet: Pallet = definePallet({
  name: 'Assets',
  index: ASSETS_INDEX,
  storageVersion: 1,
  docs: ['Fungible assets beside the own token.'],
  storage: assetsStorage,
  calls: { ...manageCalls, ...balanceCalls, ...detailCalls },
  events: assetsEvents,
  errors: assetsErrors,
  constants: {
    RemoveItemsLimit: constant(
      u32,
      REMOVE_ITEMS_LIMIT,
      'Accounts or approvals that one call destroys.',
    ),
    AssetDeposit: constant(u128, ASSET_DEPOSIT, 'Planck held for an asset.'),
    AssetAccountDeposit: constant(u128, ASSET_ACCOUNT_DEPOSIT, 'Planck held for an account of it.'),
    MetadataDepositBase: constant(u128, METADATA_DEPOSIT_BASE, 'Planck held for metadata.'),
    MetadataDepositPerByte: constant(
      u128,
      METADATA_DEPOSIT_PER_BYTE,
      'Planck for each byte of names.',
    ),
    ApprovalDeposit: constant(u128, APPROVAL_DEPOSIT, 'Planck held for an approval.'),
    StringLimit: constant(u32, STRING_LIMIT, 'Bytes of a name, and of a symbol.'),
  },
})
