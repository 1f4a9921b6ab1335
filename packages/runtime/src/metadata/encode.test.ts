import { decAnyMetadata, metadata, unifyMetadata } from '@polkadot-api/substrate-bindings'
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
