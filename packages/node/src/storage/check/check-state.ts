import { equalBytes } from '@tacit/base'
import type { Hashes } from '@tacit/crypto'
import type { Header } from '@tacit/light'
import { buildTrie } from '@tacit/state'
import { entriesOf, read, type Columns } from '../columns.ts'
import { nodeKey } from '../state-root.ts'
import type { CheckProgress, Report } from './database-flaw.ts'

const PROGRESS_EVERY = 65_536

/** Builds the trie of the latest values anew and compares it with what is stored, node by node. */
export function checkState(
  { values, nodes }: Columns,
  header: Header | undefined,
  hashes: Hashes,
  report: Report,
  onProgress: (progress: CheckProgress) => void,
): void {
  let stored = 0
  const scheme = { hash: hashes.blake2b256, layout: 'v1' } as const
  const trie = buildTrie(scheme, (path, node) => {
    const found = read(nodes, nodeKey(path))
    if (found) stored++
    if (!found) report({ code: 'node_missing', path })
    else if (!equalBytes(found, node)) report({ code: 'node_wrong', path })
  })
  const of = values.getCount()
  let done = 0
  for (const { key, value } of entriesOf(values)) {
    trie.add(key, value)
    done++
    if (done % PROGRESS_EVERY === 0) onProgress({ step: 'state', done, of })
  }
  const root = trie.finish()
  if (header && !equalBytes(root, header.stateRoot)) report({ code: 'state_root_wrong' })
  const count = nodes.getCount() - stored
  if (count > 0) report({ code: 'node_extra', count })
  onProgress({ step: 'state', done, of })
}
