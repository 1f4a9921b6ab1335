import fc from 'fast-check'
import { expect, it } from 'vitest'
import { bytesToHex, unwrap } from '@tacit/base'
import { native } from '@tacit/crypto/native'
import { decodeNode } from './decode-node.ts'
import { encodeNode } from './encode-node.ts'
import type { TrieLayout } from './node.ts'
import { proveKeys } from './prove-keys.ts'
import * as arbitrary from './testing/arbitraries.ts'
import { createTestTrie } from './testing/stored-trie.ts'
import { verifyProof } from './verify-proof.ts'

const hash = native.hashes.blake2b256
const layouts = fc.constantFrom<TrieLayout>('v0', 'v1')
const asked = fc.array(arbitrary.keys, { maxLength: 6 })

it('reads what the store holds, and needs every part for it', () => {
  fc.assert(
    fc.property(layouts, arbitrary.changes, asked, fc.nat(), (layout, changes, keys, pick) => {
      const trie = createTestTrie({ hash, layout })
      trie.apply(changes)
      const proof = proveKeys(trie, keys)
      const read = unwrap(verifyProof({ root: trie.root, proof, keys, hash }))
      for (const key of keys) expect(read.get(bytesToHex(key))).toEqual(trie.values.get(key))
      const without = proof.toSpliced(pick % proof.length, 1)
      expect(verifyProof({ root: trie.root, proof: without, keys, hash }).ok).toBe(false)
    }),
    { numRuns: 300 },
  )
})

it('never throws on bytes of any kind', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 4 }),
      asked,
      (proof, keys) => {
        const root = hash(proof[0] ?? Uint8Array.of(0))
        expect(typeof verifyProof({ root, proof, keys, hash }).ok).toBe('boolean')
      },
    ),
    { numRuns: 500 },
  )
})

it('decodes only what encodes to the same bytes', () => {
  const first = fc.constantFrom(0x10, 0x21, 0x3f, 0x40, 0x43, 0x7f, 0x80, 0x82, 0xc0, 0xc3, 0xff)
  fc.assert(
    fc.property(first, fc.uint8Array({ maxLength: 60 }), (first, rest) => {
      const bytes = Uint8Array.of(first, ...rest)
      const node = decodeNode(bytes)
      if (node.ok && node.value) expect(encodeNode(node.value)).toEqual(bytes)
    }),
    { numRuns: 2_000 },
  )
})
