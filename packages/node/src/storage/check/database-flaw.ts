import type { JustificationError } from '@tacit/light'

/** One thing that is wrong in a database. Numbers are those of blocks. */
export type DatabaseFlaw =
  /** Metadata name another best block or genesis than the headers. */
  | { readonly code: 'metadata_wrong'; readonly field: 'bestHash' | 'genesisHash' }
  /** The latest values do not come to the best header's state root. */
  | { readonly code: 'state_root_wrong' }
  /** A trie node that the values ask for; the path is in hex digits. */
  | { readonly code: 'node_missing' | 'node_wrong'; readonly path: string }
  /** Nodes that no value asks for. */
  | { readonly code: 'node_extra'; readonly count: number }
  | { readonly code: 'header_missing' | 'header_malformed'; readonly number: number }
  /** The header has another number, or its parent's hash is not that of the header before. */
  | { readonly code: 'header_number_wrong' | 'parent_wrong'; readonly number: number }
  /** The index by hash does not lead to the block, or leads elsewhere too. */
  | { readonly code: 'number_wrong'; readonly number: number }
  | { readonly code: 'number_extra'; readonly count: number }
  | { readonly code: 'body_missing' | 'body_malformed'; readonly number: number }
  /** The body is not the one of the header's extrinsics root. */
  | { readonly code: 'body_root_wrong'; readonly number: number }
  | { readonly code: 'checkpoint_wrong' }
  | { readonly code: 'handover_unmarked'; readonly number: number }
  | { readonly code: 'justification_missing' | 'justification_malformed'; readonly number: number }
  | {
      readonly code: 'justification_invalid'
      readonly number: number
      readonly reason: JustificationError['code']
    }
  /** What is kept of the past does not give the state behind this block. */
  | { readonly code: 'past_unreadable' | 'past_root_wrong'; readonly number: number }
  /** A value of the past is not the one of its state root. */
  | { readonly code: 'past_value_wrong'; readonly number: number; readonly key: Uint8Array }

/** Where a check is. */
export type CheckProgress = {
  readonly step: 'state' | 'blocks'
  readonly done: number
  readonly of: number
}

export type Report = (flaw: DatabaseFlaw) => void
