import { native } from '@tacit/crypto/native'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { TrieLayout } from './node.ts'
import * as arbitrary from './testing/arbitraries.ts'
import { createTestTrie } from './testing/stored-trie.ts'
import { trieHolds } from './trie-holds.ts'

const hash = native.hashes.blake2b256
const layouts = fc.constantFrom<TrieLayout>('v0', 'v1')

it('says what the values say, of keys that are there and of others', () => {
  fc.assert(
    fc.property(layouts, arbitrary.changes, arbitrary.changes, (layout, written, asked) => {
      const trie = createTestTrie({ hash, layout })
      trie.apply(written)
      for (const { key, value } of [...written, ...asked]) {
        const held = trie.values.get(key)
        const scheme = { nodes: trie.nodes, hash, layout }
        expect(trieHolds(scheme, key, held)).toBe(true)
        expect(trieHolds(scheme, key, value)).toBe(hex(value) === hex(held))
      }
    }),
    { numRuns: 100 },
  )
})

function hex(bytes: Uint8Array | undefined): string {
  return bytes ? `x${Buffer.from(bytes).toString('hex')}` : ''
}
