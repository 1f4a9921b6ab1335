/** What a call runs: the constructor, an ordered command or a read-only query. */
export type CallKind = 'init' | 'command' | 'query'

/** What a contract can see of the world in one call. */
export interface CallContext {
  /** 32 bytes. */
  readonly caller: Uint8Array
  /** The contract's own account, 32 bytes. */
  readonly self: Uint8Array
  /** Block number, 0 to 2^32 - 1. */
  readonly height: number
  /** Block time in Unix milliseconds, 0 to 2^53 - 1; the sandbox's clock stands at it. */
  readonly timeMs: number
  /** Position in the contract's inbox, below 2^64; 0 for a query. */
  readonly sequence: bigint
  /** 32 secret bytes made for this call alone; all its randomness comes from them. */
  readonly seed: Uint8Array
  /** Planck that came with the call, below 2^128. */
  readonly value: bigint
}

export interface SandboxCall {
  /** Script in the format of `@tacit/contract/bundle`, UTF-8, at most LIMITS.codeBytes. */
  readonly code: Uint8Array
  /** 32-byte collision-resistant hash of the code, made by the caller: the key of the cache. */
  readonly codeHash: Uint8Array
  readonly kind: CallKind
  /** Name of a command or query; without meaning for `init`. */
  readonly method: string
  /** JSON as UTF-8. */
  readonly input: Uint8Array
  readonly context: CallContext
  /** The whole state: values are JSON as UTF-8. */
  readonly state: ReadonlyMap<string, Uint8Array>
  /** 0 to 2^53 - 1. */
  readonly gasLimit: bigint
  /** Wall-clock time from the moment that the process starts on the call. */
  readonly deadlineMs: number
}

export type OutboxItem =
  /** Data is JSON as UTF-8. */
  | { readonly type: 'event'; readonly topic: string; readonly data: Uint8Array }
  /** `to` is 32 bytes, `amount` is planck from 1 to 2^128 - 1. */
  | { readonly type: 'transfer'; readonly to: Uint8Array; readonly amount: bigint }

export interface CallOutcome {
  /** JSON as UTF-8. */
  readonly output: Uint8Array
  readonly gasUsed: bigint
  /** New values by key; undefined removes a key that was there. Empty for a query. */
  readonly writes: ReadonlyMap<string, Uint8Array | undefined>
  readonly outbox: readonly OutboxItem[]
}

export type CallFailure =
  /** The handler threw; the message is what it threw, as bounded text. */
  | { readonly code: 'contract_threw'; readonly message: string }
  /** The handler called ctx.fail. */
  | { readonly code: 'contract_failed'; readonly failCode: string; readonly message: string }
  | { readonly code: 'method_unknown' }
  /** Not JSON, too long, or nested deeper than the sandbox's stack. */
  | { readonly code: 'input_invalid' }
  | { readonly code: 'out_of_gas' }
  | { readonly code: 'out_of_memory' }
  /** Depends on the machine, unlike all above: never a contract's result, run it again elsewhere. */
  | { readonly code: 'deadline_exceeded' }
  /** The handler returned no JSON, too much of it, or a promise that nothing settles. */
  | {
      readonly code: 'output_invalid'
      readonly reason: 'not_json' | 'too_large' | 'unsettled'
    }
  | { readonly code: 'state_limit' }
  | { readonly code: 'outbox_limit' }
  /** The bundle does not parse, throws while it loads, or exports no contract. */
  | { readonly code: 'code_invalid'; readonly message: string }
  /** The process ended or answered nonsense; a new one takes its place. Depends on the machine. */
  | { readonly code: 'sandbox_crashed' }
  | { readonly code: 'sandbox_closed' }

/** Why a call has no outcome, and what is owed for the attempt: at most the call's gas limit. */
export type SandboxError = CallFailure & { readonly gasUsed: bigint }

export interface SandboxOptions {
  /** What QuickJS may allocate, 4 MiB to 1 GiB. */
  readonly memoryBytes?: number
  /** QuickJS's stack, 32 KiB to 256 KiB. */
  readonly maxStackBytes?: number
}
