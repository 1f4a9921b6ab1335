import fc from 'fast-check'
import { expect, it } from 'vitest'
import { native } from '@tacit/crypto/native'
import { bytesToHex } from '@tacit/base'
import type { TrieLayout } from './node.ts'
import * as arbitrary from './testing/arbitraries.ts'
import { createTestTrie, entriesOf } from './testing/stored-trie.ts'
import { trieRoot } from './trie-root.ts'

const hash = native.hashes.blake2b256
const layouts = fc.constantFrom<TrieLayout>('v0', 'v1')
const rounds = fc.array(arbitrary.changes, { maxLength: 5 })

it('comes to the root of a full build, whatever was written and removed before', () => {
  fc.assert(
    fc.property(layouts, rounds, (layout, rounds) => {
      const trie = createTestTrie({ hash, layout })
      for (const changes of rounds) {
        trie.apply(changes)
        expect(trie.root).toEqual(trieRoot(entriesOf(trie.values), { hash, layout }))
      }
    }),
    { numRuns: 300 },
  )
})

it('leaves the very nodes that a trie built at once has', () => {
  fc.assert(
    fc.property(layouts, rounds, (layout, rounds) => {
      const grown = createTestTrie({ hash, layout })
      for (const changes of rounds) grown.apply(changes)
      const built = createTestTrie({ hash, layout })
      built.apply(entriesOf(grown.values).map(([key, value]) => ({ key, value })))
      expect(sorted(grown.nodes)).toEqual(sorted(built.nodes))
    }),
    { numRuns: 300 },
  )
})

it('gives the same root for the same changes in any order of keys', () => {
  fc.assert(
    fc.property(arbitrary.changes, (changes) => {
      const last = new Map(changes.map((change) => [bytesToHex(change.key), change]))
      const forth = createTestTrie({ hash, layout: 'v1' })
      const back = createTestTrie({ hash, layout: 'v1' })
      forth.apply([...last.values()])
      back.apply([...last.values()].reverse())
      expect(back.root).toEqual(forth.root)
    }),
    { numRuns: 200 },
  )
})

function sorted(nodes: ReadonlyMap<string, Uint8Array>): [string, Uint8Array][] {
  return [...nodes].sort(([a], [b]) => (a < b ? -1 : 1))
}
