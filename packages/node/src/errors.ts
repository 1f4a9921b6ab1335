/** Why a node does not start, or stops. */
export type NodeFault =
  /** Another program listens there; `flag` names the option that chooses another. */
  | {
      readonly code: 'port_taken'
      readonly host: string
      readonly port: number
      readonly flag: string
    }
  | { readonly code: 'chain_spec_unreadable'; readonly path: string }
  | { readonly code: 'chain_spec_invalid'; readonly field: string; readonly reason: string }
  /** The database belongs to a chain with another genesis. */
  | { readonly code: 'genesis_mismatch'; readonly stored: string; readonly expected: string }
  | { readonly code: 'database_version'; readonly stored: number; readonly expected: number }
  | { readonly code: 'database_failed'; readonly reason: string }
  /** Space, quota or the limit of a file's size is used up; nothing of the last block was kept. */
  | { readonly code: 'disk_full'; readonly path: string }
  | { readonly code: 'database_read_only'; readonly path: string }
  | { readonly code: 'database_absent'; readonly path: string }
  /** The file is no database, or not a whole one. */
  | { readonly code: 'database_corrupt'; readonly path: string; readonly reason: string }
  /** The database keeps every state; a node that prunes would lose them. */
  | { readonly code: 'database_is_archive' }
  /** The database keeps a window of states and has no history to prune. */
  | { readonly code: 'database_pruned' }
  /** States before `oldest` are pruned: the database cannot become an archive. */
  | { readonly code: 'database_not_archive'; readonly oldest: number }
  /** Another node works in the directory. */
  | { readonly code: 'base_path_in_use'; readonly path: string; readonly pid: number }
  /** The key is not that of the chain's only authority. */
  | { readonly code: 'authority_key_wrong'; readonly expected: string; readonly actual: string }
  | { readonly code: 'authority_key_missing'; readonly path: string }
  /** A header at this height, or above, was signed already. */
  | { readonly code: 'sign_conflict'; readonly height: number; readonly lastSigned: number }
  /** The rules broke an assumption of their own; nothing of the block was kept. */
  | { readonly code: 'runtime_failed'; readonly height: number; readonly reason: string }
  /** JSON-RPC's thread died, and again so many times. */
  | { readonly code: 'rpc_failed'; readonly reason: string }
  | { readonly code: 'config_unreadable'; readonly path: string; readonly reason: string }
  /** `flag`: where it was said, on the command line, in the environment or in a file. */
  | { readonly code: 'flag_unknown'; readonly flag: string }
  | { readonly code: 'flag_invalid'; readonly flag: string; readonly reason: string }

/** A fault of the node; the message says what happened and how to fix it. */
export class NodeError extends Error {
  override readonly name = 'NodeError'
  readonly code: NodeFault['code']
  readonly fault: NodeFault

  constructor(fault: NodeFault, options?: ErrorOptions) {
    super(describe(fault), options)
    this.code = fault.code
    this.fault = fault
  }
}

function describe(fault: NodeFault): string {
  switch (fault.code) {
    case 'port_taken':
      return `${fault.host}:${fault.port} is taken by another program; choose another port with ${fault.flag}`
    case 'chain_spec_unreadable':
      return `cannot read the chain specification ${fault.path}; name a JSON file with --chain-spec`
    case 'chain_spec_invalid':
      return `chain specification: ${fault.field} ${fault.reason}`
    case 'genesis_mismatch':
      return `the database holds the chain ${fault.stored}, the specification makes ${fault.expected}; use another --base-path`
    case 'database_version':
      return `the database has format ${fault.stored}, this node reads ${fault.expected}; start with another --base-path, or with a state that a node of this format exported (tacit node db import)`
    case 'database_is_archive':
      return `the database is an archive; start with --retention archive, or let go of the old states with tacit node db prune`
    case 'database_pruned':
      return 'the database is no archive: it keeps the states that --retention says, and prunes bodies as it goes'
    case 'database_not_archive':
      return `states before block ${fault.oldest} are pruned, so this database cannot become an archive; start without --retention archive, or an archive with another --base-path`
    case 'base_path_in_use':
      return `${fault.path} belongs to a running node (process ${fault.pid}); stop it or use another --base-path`
    case 'disk_full':
      return `no space for ${fault.path}; the last block was not kept, the chain before it is whole: make room on the disk (or raise quota or ulimit -f) and start again`
    case 'database_absent':
      return `there is no database ${fault.path}; name the directory of a node with --base-path, and its chain`
    case 'database_read_only':
      return `${fault.path} cannot be read and written; give this user the permission, mount the disk writable, or use another --base-path`
    case 'database_corrupt':
      return `${fault.path} is damaged: ${fault.reason}; put a backup in its place, or start with another --base-path, from an exported state (tacit node db import) or from genesis`
    case 'database_failed':
      return `the database refused: ${fault.reason}`
    case 'authority_key_wrong':
      return `the authority key is ${fault.actual}, the chain's authority is ${fault.expected}`
    case 'authority_key_missing':
      return `no authority key: put its 32-byte seed in hex into ${fault.path}`
    case 'sign_conflict':
      return `refuses to sign block ${fault.height}: a conflicting header was signed at ${fault.lastSigned}; was an old database restored?`
    case 'runtime_failed':
      return `the runtime failed in block ${fault.height}, which was not committed: ${fault.reason}`
    case 'rpc_failed':
      return `the RPC thread died before it listened: ${fault.reason}`
    case 'config_unreadable':
      return `cannot read the configuration ${fault.path}: ${fault.reason}; it must be a JSON object, see docs/operations.md`
    case 'flag_unknown':
      return `${fault.flag}; --help lists the flags`
    case 'flag_invalid':
      return `${fault.flag} ${fault.reason}`
  }
}
