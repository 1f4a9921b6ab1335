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
}

test('the layouts are those of six pallets of polkadot-sdk', () => {
  expect(Object.keys(frame.pallets)).toEqual([
    'Utility',
    'Multisig',
    'Proxy',
    'Vesting',
    'Preimage',
    'Scheduler',
  ])
  expect(frame.sha256).toMatch(/^[0-9a-f]{64}$/)
})

describe.each(Object.entries(frame.pallets))('%s', (name, theirs) => {
  const ours = palletLayout(metadata, name)

  test.each(['calls', 'events', 'errors', 'storage', 'constants', 'types'] as const)(
    "has FRAME's %s",
    (part) => {
      expect(ours?.[part]).toEqual({ ...theirs[part], ...OURS[name]?.[part] })
    },
  )
})
