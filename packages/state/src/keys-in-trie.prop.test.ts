import { native } from '@tacit/crypto/native'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { keysInTrie } from './keys-in-trie.ts'
import * as arbitrary from './testing/arbitraries.ts'
import { createTestTrie } from './testing/stored-trie.ts'

const hash = native.hashes.blake2b256
const rounds = fc.array(arbitrary.changes, { maxLength: 4 })
const bound = fc.uint8Array({ maxLength: 3, max: 3 })
const query = fc.record({
  prefix: bound,
  after: fc.option(bound, { nil: undefined }),
  limit: fc.option(fc.nat(5), { nil: undefined }),
})

it('lists the keys that the values list, for every prefix, start and limit', () => {
  fc.assert(
    fc.property(rounds, fc.array(query, { maxLength: 8 }), (rounds, queries) => {
      const trie = createTestTrie({ hash, layout: 'v1' })
      for (const changes of rounds) trie.apply(changes)
      const known = trie.values.keysWithPrefix(new Uint8Array())
      const behindEach = known.map((after) => ({ prefix: after.subarray(0, 1), after, limit: 2 }))
      for (const { prefix, after, limit } of [...queries, ...behindEach]) {
        const found = keysInTrie(trie.nodes, prefix, after, limit)
        expect(found).toEqual(trie.values.keysWithPrefix(prefix, after, limit))
      }
    }),
    { numRuns: 100 },
  )
})

it('reads no node that its answer does not need', () => {
  const trie = createTestTrie({ hash, layout: 'v1' })
  const keys = Array.from({ length: 256 }, (_, index) => Uint8Array.of(index >> 4, index, 1, 2))
  trie.apply(keys.map((key) => ({ key, value: new Uint8Array(40) })))
  let reads = 0
  const nodes = { get: (path: string) => (reads++, trie.nodes.get(path)) }
  expect(keysInTrie(nodes, Uint8Array.of(7), keys[0x71], 2)).toEqual(keys.slice(0x72, 0x74))
  expect(reads).toBeLessThan(8)
})
