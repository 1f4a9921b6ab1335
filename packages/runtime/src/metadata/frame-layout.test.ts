import { describe, expect, test } from 'vitest'
import { createRuntime } from '../runtime.ts'
import { palletLayout, type PalletLayout } from '../testing/pallet-layout.ts'
import frame from './frame-layout.json' with { type: 'json' }

const metadata = createRuntime().metadata(16)

/** What our pallets have beside what FRAME's have. */
const OURS: { readonly [pallet: string]: Partial<PalletLayout> } = {
  Proxy: {
    storage: {
      PureDeposits:
        'optional Twox64Concat sp_core::crypto::AccountId32 => pallet_proxy::PureDeposit',
    },
    types: {
      'pallet_proxy::PureDeposit': ['depositor: sp_core::crypto::AccountId32', 'amount: u128'],
    },
  },
  Preimage: { constants: { MaxSize: 'u32' } },
  Assets: {
    storage: {
      AccountDeposits:
        'optional Blake2128Concat Blake2128Concat (u32, sp_core::crypto::AccountId32) => composite',
    },
  },
}

/** What FRAME's have for that which nothing here does: callbacks, freezers, holders, imbalances. */
const THEIRS: { readonly [pallet: string]: readonly string[] } = {
  Assets: [
    'Deposited',
    'Withdrawn',
    'CallbackFailed',
    'BadAssetId',
    'ContainsFreezes',
    'ContainsHolds',
    'NextAssetId',
  ],
}

test('the layouts are those of seven pallets of polkadot-sdk', () => {
  expect(Object.keys(frame.pallets)).toEqual([
    'Utility',
    'Multisig',
    'Proxy',
    'Vesting',
    'Preimage',
    'Scheduler',
    'Assets',
  ])
  expect(frame.sha256).toMatch(/^[0-9a-f]{64}$/)
})

describe.each(Object.entries(frame.pallets))('%s', (name, theirs) => {
  const ours = palletLayout(metadata, name)
  const absent = THEIRS[name] ?? []

  test('lacks only what FRAME has', () => {
    const items = new Set(Object.values(theirs).flatMap((part) => Object.keys(part)))
    expect(absent.filter((item) => !items.has(item))).toEqual([])
  })

  test.each(['calls', 'events', 'errors', 'storage', 'constants', 'types'] as const)(
    "has FRAME's %s",
    (part) => {
      const shared = Object.entries(theirs[part]).filter(([item]) => !absent.includes(item))
      expect(ours?.[part]).toEqual({ ...Object.fromEntries(shared), ...OURS[name]?.[part] })
    },
  )
})
