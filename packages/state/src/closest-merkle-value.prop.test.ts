import fc from 'fast-check'
import { expect, it } from 'vitest'
import { bytesToHex, compareBytes, unwrap } from '@tacit/base'
import { native } from '@tacit/crypto/native'
import { decodeNode } from './decode-node.ts'
import { extendPath, NIBBLE_DIGITS } from './nibbles.ts'
import { EMPTY_NODE, type TrieLayout } from './node.ts'
import { closestMerkleValue } from './prove-keys.ts'
import * as arbitrary from './testing/arbitraries.ts'
import { createTestTrie, type TestTrie } from './testing/stored-trie.ts'

const hash = native.hashes.blake2b256
const layouts = fc.constantFrom<TrieLayout>('v0', 'v1')

/** Every node with the whole path that it ends at, parents first. */
function allNodes(trie: TestTrie): (readonly [path: string, reference: Uint8Array])[] {
  const found: (readonly [string, Uint8Array])[] = []
  const visit = (at: string, reference: Uint8Array): void => {
    const stored = trie.nodes.get(at) ?? EMPTY_NODE
    const node = unwrap(decodeNode(reference.length === 32 ? stored : reference))
    if (!node) return
    const path = extendPath(at, node.partial)
    found.push([path, reference])
    for (const [index, child] of node.children.entries())
      if (child?.reference) visit(path + NIBBLE_DIGITS[index], child.reference)
  }
  visit('', trie.root)
  return found
}

it('is that of the first node in the trie whose path begins with the key', () => {
  fc.assert(
    fc.property(layouts, arbitrary.changes, arbitrary.keys, (layout, changes, key) => {
      const trie = createTestTrie({ hash, layout })
      trie.apply(changes)
      const nodes = allNodes(trie)
      for (const asked of [key, key.subarray(0, 1), new Uint8Array()]) {
        const below = nodes.filter(([path]) => path.startsWith(bytesToHex(asked)))
        const [closest] = below.sort(([a], [b]) => a.length - b.length)
        expect(closestMerkleValue(trie, asked)).toEqual(closest?.[1])
        const exists = trie.values.keysWithPrefix(asked).length > 0
        expect(closest !== undefined).toBe(exists)
      }
    }),
    { numRuns: 100 },
  )
})

it('names a state by its root', () => {
  const trie = createTestTrie({ hash, layout: 'v1' })
  expect(closestMerkleValue(trie, new Uint8Array())).toBeUndefined()
  trie.apply([{ key: Uint8Array.of(1), value: Uint8Array.of(2) }])
  const value = closestMerkleValue(trie, new Uint8Array()) ?? new Uint8Array()
  expect(compareBytes(value, trie.root)).toBe(0)
})
