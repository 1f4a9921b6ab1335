import { describe, expect, it } from 'vitest'
import { concatBytes, InvariantError, toHex } from '@tacit/base'
import { native } from '@tacit/crypto/native'
import { createTestTrie, entriesOf, type TestTrie } from './testing/stored-trie.ts'
import { trieRoot } from './trie-root.ts'
import { updateTrie } from './update-trie.ts'

const hash = native.hashes.blake2b256
const scheme = { hash, layout: 'v1' } as const
/** BLAKE2b-256 of one zero byte: what Substrate calls the root of an empty trie. */
const EMPTY_ROOT = '0x03170a2e7597b7b7e3d84c05391d139a62b157e78786d8c082f29dcf4c111314'
const long = (fill: number): Uint8Array => new Uint8Array(40).fill(fill)
const account = (index: number): Uint8Array =>
  concatBytes(new Uint8Array(32).fill(0x26), hash(Uint8Array.of(index & 255, index >> 8)))

describe('an empty trie', () => {
  it('has a root and no node', () => {
    expect(toHex(updateTrie(new Map(), [], scheme).root)).toBe(EMPTY_ROOT)
    expect(toHex(trieRoot([], scheme))).toBe(EMPTY_ROOT)
    expect(updateTrie(new Map(), [], scheme).nodeChanges.size).toBe(0)
  })

  it('is what is left when the last key goes', () => {
    const trie = withKeys([Uint8Array.of(1)])
    trie.apply([{ key: Uint8Array.of(1), value: undefined }])
    expect(toHex(trie.root)).toBe(EMPTY_ROOT)
    expect(trie.nodes.size).toBe(0)
  })

  it('holds a value under the empty key', () => {
    const trie = createTestTrie(scheme)
    trie.apply([{ key: new Uint8Array(), value: long(1) }])
    expect(trie.root).toEqual(trieRoot([[new Uint8Array(), long(1)]], scheme))
  })
})

describe('what an update touches', () => {
  it('writes nothing when nothing changes', () => {
    const trie = withKeys([account(1), account(2)])
    const { root } = trie
    const update = trie.apply([
      { key: account(1), value: long(1) },
      { key: account(9), value: undefined },
    ])
    expect(update.nodeChanges.size).toBe(0)
    expect(update.root).toEqual(root)
  })

  it('reads and writes the nodes on the way alone, however large the trie', () => {
    const trie = withKeys(Array.from({ length: 2_000 }, (_, index) => account(index)))
    const read: string[] = []
    const nodes = {
      get: (path: string): Uint8Array | undefined => {
        read.push(path)
        return trie.nodes.get(path)
      },
    }
    const change = { key: account(7), value: long(2) }
    const { root, nodeChanges } = updateTrie(nodes, [change], scheme)
    expect(read.length).toBeLessThanOrEqual(5)
    expect(new Set(read).size).toBe(read.length)
    expect([...nodeChanges.keys()].sort()).toEqual(read.sort())
    trie.values.apply([change])
    expect(root).toEqual(trieRoot(entriesOf(trie.values), scheme))
  })

  it('names nodes by a prefix of the hex of every key below them', () => {
    const trie = withKeys(Array.from({ length: 300 }, (_, index) => account(index)))
    const keys = entriesOf(trie.values).map(([key]) => toHex(key).slice(2))
    for (const path of trie.nodes.keys()) {
      expect(keys.some((key) => key.startsWith(path))).toBe(true)
    }
  })

  it('moves the sibling up when a branch of two loses one, and removes its old place', () => {
    const [left, right] = [Uint8Array.of(0x11, 0x11), Uint8Array.of(0x11, 0x22)]
    const trie = withKeys([left, right])
    expect([...trie.nodes.keys()].sort()).toEqual(['', '111', '112'])
    trie.apply([{ key: left, value: undefined }])
    expect([...trie.nodes.keys()]).toEqual([''])
    expect(trie.root).toEqual(trieRoot([[right, long(1)]], scheme))
  })
})

describe('keys of great length', () => {
  it('takes partial keys past every step of the length bytes', () => {
    for (const length of [7, 8, 15, 16, 31, 32, 134, 135, 136, 159, 160, 2_000]) {
      const key = new Uint8Array(length).fill(0x5a)
      const sibling = Uint8Array.of(...key, 1)
      const trie = withKeys([key, sibling])
      const entries = [key, sibling].map((one) => [one, long(1)] as const)
      expect(trie.root).toEqual(trieRoot(entries, scheme))
      trie.apply([{ key, value: undefined }])
      expect(trie.root).toEqual(trieRoot([[sibling, long(1)]], scheme))
    }
  })
})

describe('a store that does not fit together', () => {
  it('is a bug: a node is missing', () => {
    const trie = withKeys([account(1), account(2), account(3)])
    for (const path of trie.nodes.keys()) if (path !== '') trie.nodes.delete(path)
    expect(() => trie.apply([{ key: account(1), value: undefined }])).toThrow(InvariantError)
  })

  it('is a bug: a node is garbage', () => {
    const trie = withKeys([account(1)])
    trie.nodes.set('', Uint8Array.of(1))
    expect(() => trie.apply([])).toThrow(InvariantError)
  })
})

function withKeys(keys: readonly Uint8Array[]): TestTrie {
  const trie = createTestTrie(scheme)
  trie.apply(keys.map((key) => ({ key, value: long(1) })))
  return trie
}
