import type { Hash } from '@tacit/base'
import type { Hashes } from '@tacit/crypto'
import { buildTrie } from '@tacit/state'
import type { Column, Columns } from './columns.ts'
import { nodeKey } from './state-root.ts'

/** Fills an empty database with a whole state, in the memory of one transaction. */
export interface StateWriter {
  /** Adds a value; keys rise strictly. */
  add(key: Uint8Array, value: Uint8Array): void
  /** Writes the rest. @returns the state root. */
  finish(): Hash
}

/** Entries and bytes of one transaction. */
const MAX_ENTRIES = 32_768
const MAX_BYTES = 16 * 1024 * 1024

type Entry = readonly [column: Column, key: Uint8Array, value: Uint8Array]

export function createStateWriter(columns: Columns, hashes: Hashes): StateWriter {
  const { root, values, nodes } = columns
  let entries: Entry[] = []
  let bytes = 0
  function flush(): void {
    root.transactionSync(() => {
      for (const [column, key, value] of entries) column.putSync(key, value)
    })
    entries = []
    bytes = 0
  }
  function put(column: Column, key: Uint8Array, value: Uint8Array): void {
    entries.push([column, key, value])
    bytes += key.length + value.length
    if (entries.length >= MAX_ENTRIES || bytes >= MAX_BYTES) flush()
  }
  const scheme = { hash: hashes.blake2b256, layout: 'v1' } as const
  const trie = buildTrie(scheme, (path, node) => put(nodes, nodeKey(path), node))
  return {
    add: (key, value) => {
      trie.add(key, value)
      put(values, key, value)
    },
    finish: () => {
      const stateRoot = trie.finish()
      flush()
      return stateRoot
    },
  }
}
