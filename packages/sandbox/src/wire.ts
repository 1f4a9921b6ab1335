import {
  boundedBytes,
  boundedStr,
  fixedBytes,
  mapped,
  option,
  struct,
  tuple,
  u128,
  u32,
  u64,
  u8,
  unit,
  variant,
  vec,
  type Codec,
  type ValueOf,
} from '@tacit/base'

import { LIMITS } from './limits.ts'
import type { CallFailure, CallKind, CallOutcome, OutboxItem, SandboxCall } from './types.ts'

/** What goes to the child for one call; the deadline stays with the parent. */
export type Request = Omit<SandboxCall, 'deadlineMs'>

/** What comes back: the outcome, or the failure and its gas. */
export type Reply =
  | { readonly type: 'Done'; readonly value: CallOutcome }
  | { readonly type: 'Failed'; readonly value: ReplyFailure }
export interface ReplyFailure {
  readonly failure: ContractFailure
  readonly gasUsed: bigint
}
/** The failures that the child itself can report: all of them the contract's own doing. */
export type ContractFailure = Exclude<
  CallFailure,
  { readonly code: 'deadline_exceeded' | 'sandbox_crashed' | 'sandbox_closed' }
>

/** Longest frame in either direction; bounds what a reader ever holds. */
export const MAX_FRAME_BYTES: number = 16 * 1024 * 1024

const KINDS: readonly CallKind[] = ['init', 'command', 'query']
const kind: Codec<CallKind> = mapped(
  u8,
  (index) => KINDS[index],
  (value) => KINDS.indexOf(value),
)

const stateKey = boundedStr(LIMITS.stateKeyBytes)
const stateValue = boundedBytes(LIMITS.stateValueBytes)
/** Every entry of one state, or every entry removed and as many added. */
const MAX_ENTRIES = (2 * LIMITS.stateBytes) / LIMITS.stateEntryBytes

function mapOf<T>(value: Codec<T>): Codec<ReadonlyMap<string, T>> {
  const entries: Codec<readonly (readonly [string, T])[]> = vec(tuple(stateKey, value), MAX_ENTRIES)
  return mapped(
    entries,
    (list): ReadonlyMap<string, T> => new Map(list),
    (map) => [...map],
  )
}

export const requestCodec: Codec<Request> = struct({
  code: boundedBytes(LIMITS.codeBytes),
  codeHash: fixedBytes(32),
  kind,
  method: boundedStr(LIMITS.methodBytes),
  input: boundedBytes(LIMITS.inputBytes),
  context: struct({
    caller: fixedBytes(32),
    self: fixedBytes(32),
    height: u32,
    timeMs: mapped(u64, Number, BigInt),
    sequence: u64,
    seed: fixedBytes(32),
    value: u128,
  }),
  state: mapOf(stateValue),
  gasLimit: u64,
})

const event = struct({
  topic: boundedStr(LIMITS.topicBytes),
  data: boundedBytes(LIMITS.eventBytes),
})
const transfer = struct({ to: fixedBytes(32), amount: u128 })
const outboxCases = variant({ event: [0, event], transfer: [1, transfer] })
const outboxItem: Codec<OutboxItem> = mapped(
  outboxCases,
  (item) => ({ type: item.type, ...item.value }) as OutboxItem,
  ({ type, ...carried }) => ({ type, value: carried }) as ValueOf<typeof outboxCases>,
)

const outcome: Codec<CallOutcome> = struct({
  output: boundedBytes(LIMITS.outputBytes),
  gasUsed: u64,
  writes: mapOf(option(stateValue)),
  outbox: vec(outboxItem, LIMITS.outboxItems),
})

/** A character of the message takes at most three bytes of UTF-8. */
const message = boundedStr(3 * LIMITS.messageChars)
const REASONS = ['not_json', 'too_large', 'unsettled'] as const
type Reason = (typeof REASONS)[number]
const reason: Codec<Reason> = mapped(
  u8,
  (index) => REASONS[index],
  (value) => REASONS.indexOf(value),
)

const failureCases = variant({
  contract_threw: [0, struct({ message })],
  contract_failed: [1, struct({ failCode: boundedStr(LIMITS.failCodeBytes), message })],
  method_unknown: [2, unit],
  input_invalid: [3, unit],
  out_of_gas: [4, unit],
  out_of_memory: [5, unit],
  output_invalid: [6, struct({ reason })],
  state_limit: [7, unit],
  outbox_limit: [8, unit],
  code_invalid: [9, struct({ message })],
})

const failure: Codec<ContractFailure> = mapped(
  failureCases,
  (value) => ({ code: value.type, ...value.value }) as ContractFailure,
  ({ code, ...carried }) => ({ type: code, value: carried }) as ValueOf<typeof failureCases>,
)

export const replyCodec: Codec<Reply> = variant({
  Done: [0, outcome],
  Failed: [1, struct({ failure, gasUsed: u64 })],
})
