import { native } from '@tacit/crypto/native'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { buildTrie } from './build-trie.ts'
import type { TrieLayout } from './node.ts'
import * as arbitrary from './testing/arbitraries.ts'
import { createTestTrie, entriesOf } from './testing/stored-trie.ts'

const hash = native.hashes.blake2b256
const layouts = fc.constantFrom<TrieLayout>('v0', 'v1')

it('comes to the root and to the stored nodes that updates leave', () => {
  fc.assert(
    fc.property(layouts, fc.array(arbitrary.changes, { maxLength: 3 }), (layout, rounds) => {
      const grown = createTestTrie({ hash, layout })
      for (const changes of rounds) grown.apply(changes)
      const nodes = new Map<string, Uint8Array>()
      const builder = buildTrie({ hash, layout }, (path, node) => {
        expect(nodes.has(path)).toBe(false)
        nodes.set(path, node)
      })
      for (const [key, value] of entriesOf(grown.values)) builder.add(key, value)
      expect(builder.finish()).toEqual(grown.root)
      expect(nodes).toEqual(grown.nodes)
    }),
    { numRuns: 200 },
  )
})

it('refuses keys that do not rise', () => {
  const [low, high] = [Uint8Array.of(1, 2), Uint8Array.of(1, 3)]
  for (const [first, second] of [
    [high, low],
    [low, low],
    [Uint8Array.of(1, 2, 3), low],
  ] as const) {
    const builder = buildTrie({ hash, layout: 'v1' })
    builder.add(first, low)
    expect(() => builder.add(second, low)).toThrow('in order')
  }
})
