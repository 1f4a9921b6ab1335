import { describe, expect, it } from 'vitest'
import { bytesToHex, parseHex, toHex, unwrap } from '@tacit/base'
import { native } from '@tacit/crypto/native'
import type { TrieLayout } from './node.ts'
import { proveKeys } from './prove-keys.ts'
import { createTestTrie, entriesOf } from './testing/stored-trie.ts'
import { trieRoot } from './trie-root.ts'
import document from './trie-vectors.json' with { type: 'json' }
import { verifyProof } from './verify-proof.ts'

const hash = native.hashes.blake2b256
const hex = (text: string): Uint8Array => unwrap(parseHex(text))
const maybe = (text: string | null | undefined): Uint8Array | undefined =>
  typeof text === 'string' ? hex(text) : undefined
const layoutOf = (name: string): TrieLayout => (name === 'v0' ? 'v0' : 'v1')

/** Roots and readings come from Parity's implementation: compat/trie. */
describe("vectors of Parity's trie", () => {
  it('are all there', () => {
    expect(document.count).toBe(24)
    expect(document.vectors).toHaveLength(document.count)
    expect(document.vectors.map(({ layout }) => layout).sort()[0]).toBe('v0')
  })

  it.each(document.vectors)('$layout $rounds.0.root', ({ layout, rounds, proof, proved }) => {
    const scheme = { hash, layout: layoutOf(layout) }
    const trie = createTestTrie(scheme)
    for (const { changes, root } of rounds) {
      trie.apply(changes.map(([key, value]) => ({ key: hex(key ?? ''), value: maybe(value) })))
      expect(toHex(trie.root)).toBe(root)
      expect(toHex(trieRoot(entriesOf(trie.values), scheme))).toBe(root)
    }
    const keys = proved.map(([key]) => hex(key ?? ''))
    expect(proveKeys(trie, keys).map(toHex)).toEqual(proof)
    const read = unwrap(verifyProof({ root: trie.root, proof: proof.map(hex), keys, hash }))
    for (const [key, value] of proved) {
      expect(read.get(bytesToHex(hex(key ?? '')))).toEqual(maybe(value))
    }
  })
})
