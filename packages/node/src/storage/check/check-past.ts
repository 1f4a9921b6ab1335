import { equalBytes, InvariantError, unwrap } from '@tacit/base'
import type { Hashes } from '@tacit/crypto'
import type { Header } from '@tacit/light'
import { trieHolds } from '@tacit/state'
import type { Metadata } from '../records.ts'
import { readStateAt, type StateAt, type StateColumns } from '../state-at.ts'
import { nodeKey, nodeReader } from '../state-root.ts'
import { undoEntries } from '../undo.ts'
import type { Report } from './database-flaw.ts'

/** The root of a trie without nodes is the hash of this. */
const EMPTY_NODE = Uint8Array.of(0)

/** Whether what is kept gives the state behind a block: its root, and each value that changed since. */
export function checkPast(
  states: StateColumns,
  metadata: Metadata,
  { number, stateRoot }: Header,
  hashes: Hashes,
  report: Report,
): void {
  try {
    const state = unwrap(readStateAt(states, metadata, number, metadata.bestNumber))
    const root = state.nodes.get(nodeKey('')) ?? EMPTY_NODE
    if (!equalBytes(hashes.blake2b256(root), stateRoot))
      return report({ code: 'past_root_wrong', number })
    if (number < metadata.bestNumber && number >= (metadata.indexed ?? 0))
      checkReplaced(states, state, number, hashes, report)
  } catch (fault) {
    if (!(fault instanceof InvariantError || fault instanceof RangeError)) throw fault
    report({ code: 'past_unreadable', number })
  }
}

/** What the next block replaced must be what this block's trie holds. */
function checkReplaced(
  states: StateColumns,
  { nodes }: StateAt,
  number: number,
  hashes: Hashes,
  report: Report,
): void {
  const trie = { nodes: nodeReader(nodes), hash: hashes.blake2b256, layout: 'v1' } as const
  for (const { key, value } of undoEntries(states.valueUndos.get(number + 1)))
    if (!trieHolds(trie, key, value)) report({ code: 'past_value_wrong', number, key })
}
