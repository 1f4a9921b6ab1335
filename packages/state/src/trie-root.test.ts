import { expect, it } from 'vitest'
import { compactU32, encode, toHex } from '@tacit/base'
import { native } from '@tacit/crypto/native'
import { orderedTrieRoot, trieRoot } from './trie-root.ts'

const hash = native.hashes.blake2b256

it('keys a list by compact index, past the 63 that one byte holds', () => {
  for (const length of [1, 2, 64, 65, 300]) {
    const list = Array.from({ length }, (_, at) => new Uint8Array(50).fill(at))
    const keyed = list.map((value, at) => [encode(compactU32, at), value] as const)
    for (const layout of ['v0', 'v1'] as const) {
      expect(orderedTrieRoot(list, hash, layout)).toEqual(trieRoot(keyed, { hash, layout }))
    }
    expect(orderedTrieRoot(list, hash)).toEqual(orderedTrieRoot(list, hash, 'v0'))
    expect(orderedTrieRoot(list, hash, 'v1')).not.toEqual(orderedTrieRoot(list, hash, 'v0'))
  }
})

it('gives the root of no extrinsics that Substrate gives', () => {
  expect(toHex(orderedTrieRoot([], hash))).toBe(
    '0x03170a2e7597b7b7e3d84c05391d139a62b157e78786d8c082f29dcf4c111314',
  )
})

it('knows that a key is a prefix of another', () => {
  const entries = [
    [Uint8Array.of(1), Uint8Array.of(1)],
    [Uint8Array.of(1, 2), Uint8Array.of(2)],
  ] as const
  expect(trieRoot(entries, { hash, layout: 'v1' })).toEqual(
    trieRoot([...entries].reverse(), { hash, layout: 'v1' }),
  )
})
