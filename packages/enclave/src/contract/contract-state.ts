import type { Hash } from '@tacit/base'

/** What a command's sender may ask for afterwards. */
export interface CommandAnswer {
  readonly sequence: bigint
  readonly sender: Uint8Array
  readonly code: string
  /** JSON in UTF-8; for a failure what the contract said about it, or nothing. */
  readonly output: Uint8Array
  readonly salt: Uint8Array
}

/** Everything an enclave holds of a contract after some number of commands. Never mutated. */
export interface ContractState {
  /** 32 zero bytes before the constructor. */
  readonly root: Hash
  /** Commands taken in. */
  readonly processed: bigint
  /** Head of the inbox behind them. */
  readonly inboxHead: Hash
  /** Values are JSON in UTF-8. */
  readonly values: ReadonlyMap<string, Uint8Array>
  /** The newest answers, oldest first. */
  readonly answers: readonly CommandAnswer[]
}

/** Answers that a state keeps, and bytes of their outputs together. */
export const MAX_ANSWERS = 512
export const MAX_ANSWER_BYTES = 1_048_576

export const EMPTY_STATE: ContractState = {
  root: new Uint8Array(32) as Hash,
  processed: 0n,
  inboxHead: new Uint8Array(32) as Hash,
  values: new Map(),
  answers: [],
}

/** Adds answers and forgets the oldest beyond the bounds. */
export function keepAnswers(
  kept: readonly CommandAnswer[],
  added: readonly CommandAnswer[],
): readonly CommandAnswer[] {
  const all = [...kept, ...added].slice(-MAX_ANSWERS)
  let bytes = 0
  let from = all.length
  for (const answer of all.toReversed()) {
    bytes += answer.output.length
    if (bytes > MAX_ANSWER_BYTES) break
    from -= 1
  }
  return all.slice(from)
}
