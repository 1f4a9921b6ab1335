/** Bounds of one call. Bytes count UTF-8 and JSON as encoded; all are inclusive. */
export const LIMITS = {
  codeBytes: 524_288,
  methodBytes: 64,
  inputBytes: 65_536,
  outputBytes: 65_536,
  stateKeyBytes: 256,
  stateValueBytes: 65_536,
  /** Keys and values of the whole state, plus stateEntryBytes for each entry. */
  stateBytes: 4_194_304,
  stateEntryBytes: 32,
  outboxItems: 64,
  topicBytes: 64,
  eventBytes: 4_096,
  randomBytes: 1024,
  hashBytes: 1_048_576,
  failCodeBytes: 64,
  messageChars: 256,
} as const

/**
 * Prices in gas. One unit is one turn of a loop or one function call: 5 ns (an empty loop) to 80 ns
 * (a recursive function) on the machine where this was measured. The count is coarse: work inside
 * one built-in function is not seen.
 */
export const GAS = {
  /** Every call: restoring the snapshot, the handler's frame. */
  call: 1_000,
  /** Every byte of code, whether or not its snapshot is at hand. */
  codeByte: 1,
  /** QuickJS asks once in 10,000 backward jumps and calls whether to go on. */
  interrupt: 10_000,
  /** One settled promise reaction. */
  job: 100,
  hostCall: 100,
  /** Every byte that passes between contract and host. */
  byte: 1,
  /** Every entry of the state that listing keys has to look at. */
  listedEntry: 4,
} as const

/** Gas that a bundle's top-level code may use, whatever the call's own limit. */
export const LOAD_GAS_LIMIT = 50_000_000

/** What a sandbox may hold and how deep it may nest unless its options say otherwise. */
export const DEFAULT_MEMORY_BYTES: number = 32 * 1024 * 1024
/** QuickJS's own stack; V8's is large enough that this one always ends first. */
export const DEFAULT_STACK_BYTES: number = 256 * 1024
