import { decAnyMetadata, metadata, unifyMetadata, v16 } from '@polkadot-api/substrate-bindings'
import { toHex } from '@tacit/base'
import { describe, expect, test } from 'vitest'
import { createRuntime } from '../runtime.ts'

const runtime = createRuntime()

describe.each([14, 15, 16] as const)('metadata V%i', (version) => {
  const encoded = runtime.metadata(version)
  const decoded = decAnyMetadata(encoded)
  const unified = unifyMetadata(decoded)

  test('re-encodes byte for byte, begins with "meta", is made once', () => {
    expect(toHex(encoded.slice(0, 5))).toBe(`0x6d657461${version.toString(16).padStart(2, '0')}`)
    expect(toHex(metadata.enc(decoded))).toBe(toHex(encoded))
    expect(runtime.metadata(version)).toBe(encoded)
  })

  test('has every pallet with its index, storage, calls, events, errors and constants', () => {
    const pallets = unified.pallets.map(({ name, index }) => [name, index])
    expect(pallets).toEqual(runtime.composition.pallets.map(({ name, index }) => [name, index]))
    const items = (name: string): string[] =>
      unified.pallets
        .find((pallet) => pallet.name === name)
        ?.storage?.items.map((item) => item.name) ?? []
    expect(items('System')).toEqual(
      expect.arrayContaining(['Account', 'Events', 'BlockHash', 'Number']),
    )
    expect(items('Balances')).toEqual(
      expect.arrayContaining(['TotalIssuance', 'Holds', 'Minted', 'Burned']),
    )
  })
})

describe.each([14, 15, 16] as const)('calls within calls in V%i', (version) => {
  const { lookup, pallets } = unifyMetadata(decAnyMetadata(runtime.metadata(version)))
  const outer = lookup.filter(({ path }) => path.at(-1) === 'RuntimeCall').map(({ id }) => id)
  const fieldsOf = (pallet: string): readonly [string, number][] => {
    const calls = pallets.find(({ name }) => name === pallet)?.calls
    const def = calls && lookup[calls.type]?.def
    return def?.tag === 'variant'
      ? def.value.flatMap(({ fields }) =>
          fields.map(({ name = '', type }) => [name, type] as const),
        )
      : []
  }
  const itemOf = (type: number): number => {
    const def = lookup[type]?.def
    return def?.tag === 'sequence' ? def.value : type
  }

  test('are one type, which contains itself', () => {
    expect(outer).toHaveLength(1)
    const carried = ['Utility', 'Multisig', 'Proxy'].flatMap(fieldsOf)
    const nested = carried.filter(([name]) => ['call', 'calls', 'main', 'fallback'].includes(name))
    expect(nested).toHaveLength(13)
    expect(new Set(nested.map(([, type]) => itemOf(type)))).toEqual(new Set(outer))
  })
})

describe('the type registry', () => {
  // Behind four bytes of magic and one of version.
  const { lookup, extrinsic } = v16.dec(runtime.metadata(16).slice(5))
  const named = (...path: string[]): (typeof lookup)[number] | undefined =>
    lookup.find((type) => type.path.join('::') === path.join('::'))

  test('numbers its types in order, without gaps or twins', () => {
    expect(lookup.map(({ id }) => id)).toEqual(lookup.map((_, at) => at))
    const shapes = lookup.map(({ path, params, def }) => JSON.stringify([path, params, def]))
    expect(new Set(shapes).size).toBe(shapes.length)
  })

  test('names what other clients look for', () => {
    const unchecked = named('sp_runtime', 'generic', 'unchecked_extrinsic', 'UncheckedExtrinsic')
    expect(unchecked?.params.map(({ name }) => name)).toEqual([
      'Address',
      'Call',
      'Signature',
      'Extra',
    ])
    expect(named('frame_system', 'EventRecord')?.params.map(({ name }) => name)).toEqual(['E', 'T'])
    const invalid = named('sp_runtime', 'transaction_validity', 'InvalidTransaction')?.def
    const custom = invalid?.tag === 'variant' && invalid.value.find(({ name }) => name === 'Custom')
    expect(custom && custom.fields).toHaveLength(1)
    for (const path of [
      'sp_core::crypto::AccountId32',
      'frame_system::AccountInfo',
      'sp_runtime::DispatchError',
      'sp_runtime::generic::era::Era',
      'primitive_types::H256',
      // Of api.derive.balances.all, by name.
      'pallet_balances::types::ReserveData',
      'bounded_collections::weak_bounded_vec::WeakBoundedVec',
      'pallet_vesting::vesting_info::VestingInfo',
    ])
      expect(named(...path.split('::'))).toBeDefined()
  })

  test("lists the signed extensions in FRAME's order", () => {
    expect(extrinsic.signedExtensions.map(({ identifier }) => identifier)).toEqual([
      'CheckNonZeroSender',
      'CheckSpecVersion',
      'CheckTxVersion',
      'CheckGenesis',
      'CheckMortality',
      'CheckNonce',
      'CheckWeight',
      'ChargeTransactionPayment',
      'CheckMetadataHash',
    ])
  })
})
