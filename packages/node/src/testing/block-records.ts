import { bytesToHex, encode, type Hash } from '@tacit/base'
import { native } from '@tacit/crypto/native'
import { handsOver, headerCodec, type Digest, type Header } from '@tacit/light'
import {
  createMemoryStore,
  orderedTrieRoot,
  proveKeys,
  type Change,
  type MemoryStore,
} from '@tacit/state'
import { computeRoot, nodeReader } from '../storage/state-root.ts'
import type { BlockRecord } from '../storage/store.ts'

const { hashes } = native

/** Blocks of any values, with the roots and hashes that a chain of them has. */
export type BlockMaker = {
  /** The values behind the last block. */
  readonly values: MemoryStore
  /** The last block's. */
  readonly header: Header
  /** Proves what the last block's state holds at keys. */
  prove(keys: readonly Uint8Array[]): readonly Uint8Array[]
  next(
    changes: readonly Change[],
    more?: { readonly body?: readonly Uint8Array[]; readonly digest?: Digest },
  ): BlockRecord
}

export function createBlockMaker(): BlockMaker {
  const values = createMemoryStore()
  const nodes = new Map<string, Uint8Array | undefined>()
  const reader = { get: (key: Uint8Array) => nodes.get(bytesToHex(key)) }
  let number = 0
  let parentHash = new Uint8Array(32) as Hash
  let last: Header | undefined
  return {
    values,
    get header() {
      if (!last) throw new Error('no block was made')
      return last
    },
    prove: (keys) => {
      const trie = { nodes: nodeReader(reader), values, hash: hashes.blake2b256 }
      return proveKeys(trie, keys)
    },
    next: (changes, { body = [], digest = { logs: [] } } = {}) => {
      const { root: stateRoot, nodes: changed } = computeRoot(reader, changes, hashes)
      for (const { key, value } of changed) nodes.set(bytesToHex(key), value)
      values.apply(changes)
      const extrinsicsRoot = orderedTrieRoot(body, hashes.blake2b256)
      const header = { parentHash, number, stateRoot, extrinsicsRoot, digest }
      const bytes = encode(headerCodec, header)
      const hash = hashes.blake2b256(bytes) as Hash
      const record = { number, hash, header: bytes, handsOver: handsOver(header), body }
      parentHash = hash
      last = header
      number++
      return { ...record, values: changes, nodes: changed }
    },
  }
}
