import type { AdvanceError, CheckpointError } from '@tacit/light'

/** Why a state is not exported or imported. */
export type StateFileError =
  /** The block is not here, or its state is pruned. */
  | { readonly code: 'state_unavailable'; readonly number: number; readonly oldest: number }
  /** The block has no justification yet, as genesis never has: nobody could trust its state. */
  | { readonly code: 'state_not_justified'; readonly number: number }
  /** The database of the target holds a chain. */
  | { readonly code: 'target_not_empty'; readonly path: string }
  | { readonly code: 'state_file_exists'; readonly path: string }
  | { readonly code: 'state_file_unreadable'; readonly path: string; readonly reason: string }
  /** Another kind of file, or one of another version. */
  | { readonly code: 'state_file_unknown' }
  /** It ends too early. */
  | { readonly code: 'state_file_truncated' }
  /** Bytes are not what the format asks for. */
  | { readonly code: 'state_file_malformed'; readonly reason: string }
  | { readonly code: 'state_file_checksum' }
  /** It is of another chain. */
  | { readonly code: 'state_file_genesis'; readonly reason: CheckpointError['code'] }
  /** The authorities did not make its blocks final. */
  | {
      readonly code: 'state_file_not_justified'
      readonly number: number
      readonly reason: AdvanceError['code'] | 'justification_malformed'
    }
  /** The values are not those of the header's state root. */
  | { readonly code: 'state_file_root' }
  /** The state names other authorities than those that the handovers lead to. */
  | { readonly code: 'state_file_authorities' }

/** What happened and how to fix it. */
export function describeStateFileError(
  error: StateFileError,
): readonly [what: string, fix: string] {
  const another = 'Get the file again, or another one, from somebody you know.'
  switch (error.code) {
    case 'state_unavailable':
      return [
        `the state behind block ${error.number} is not here; the oldest one is ${error.oldest}`,
        'Name a newer block with --block, or export from an archive.',
      ]
    case 'state_not_justified':
      return [
        `block ${error.number} has no justification here`,
        'Name another block with --block; its justification must not be pruned, and genesis has none.',
      ]
    case 'target_not_empty':
      return [`${error.path} holds a chain already`, 'Import into another --base-path.']
    case 'state_file_exists':
      return [`${error.path} exists`, 'Name another file.']
    case 'state_file_unreadable':
      return [`${error.path}: ${error.reason}`, 'Look at the path, its permissions and the disk.']
    case 'state_file_unknown':
      return ['this is no exported state, or of another version', another]
    case 'state_file_truncated':
      return ['the file ends too early', another]
    case 'state_file_malformed':
      return [`the file is not an exported state: ${error.reason}`, another]
    case 'state_file_checksum':
      return ['the file was changed after it was written: its checksum differs', another]
    case 'state_file_genesis':
      return [
        `the state is of another chain (${error.reason})`,
        'Name the chain that it belongs to with --chain-spec.',
      ]
    case 'state_file_not_justified':
      return [`the authorities did not make block ${error.number} final (${error.reason})`, another]
    case 'state_file_root':
      return ["the values are not those of the header's state root", another]
    case 'state_file_authorities':
      return ['the state names authorities that the chain did not hand over to', another]
  }
}
