import type { Json } from './json.ts'

/** Where a call stands in the chain. */
export interface Block {
  /** Number of the block that ordered the command; for a query, of the head that answers it. */
  readonly height: number
  /** That block's time in Unix milliseconds. `Date.now()` gives the same. */
  readonly timeMs: number
}

/**
 * The contract's secret state: a map from text to JSON values.
 * A key is 1 to 256 bytes of UTF-8, a value at most 64 KiB as JSON, everything together 4 MiB.
 * Passing a bound ends the call with `state_limit`, whether or not the contract catches it.
 */
export interface ReadonlyState {
  /** The value under a key, a fresh copy each time; undefined where there is none. */
  get<T extends Json = Json>(key: string): T | undefined
  /** The keys that begin with a prefix (all, without one), in ascending order of their UTF-8. */
  keys(prefix?: string): string[]
}

export interface State extends ReadonlyState {
  set(key: string, value: Json): void
  /** Removing what is not there is no error. */
  delete(key: string): void
}

/** Fast hashes of the host; the sandbox's own JavaScript is about 100 times slower. */
export interface Hashes {
  /** SHA-256 of bytes, or of a text's UTF-8: 32 bytes. Input at most 1 MiB. */
  sha256(data: Uint8Array | string): Uint8Array
}

/** What every handler is given. */
export interface BaseContext {
  /**
   * The account that sent the command or opened the session: `0x` and 64 lower-case hex digits.
   * The chain (a command) or the session's handshake (a query) has checked its signature.
   */
  readonly caller: string
  /** This contract's own account, in the same form. */
  readonly self: string
  readonly block: Block
  readonly hash: Hashes
  /**
   * Ends the call with `contract_failed` and this code; nothing of the call takes effect.
   * Final: a `catch` around it does not undo it.
   * @param code 1 to 64 of a-z, 0-9 and _, starting with a letter.
   * @param message for the caller's eyes; at most 256 characters are kept.
   */
  fail(code: string, message?: string): never
}

/** What a query is given: it reads, and leaves nothing behind. */
export interface QueryContext extends BaseContext {
  readonly state: ReadonlyState
}

/** What a command is given. Its effects are applied together, or none of them. */
export interface CommandContext extends BaseContext {
  readonly state: State
  /** Position in the contract's inbox: rises by one with each command, for all callers together. */
  readonly sequence: bigint
  /** PHA in planck that the caller sent along; the contract's account already holds it. */
  readonly value: bigint
  /**
   * Secret randomness, the same on every worker that runs this command and unknown outside the
   * TEE. `Math.random()` draws from the same stream.
   * @param length 1 to 1024 bytes.
   */
  random(length: number): Uint8Array
  /**
   * Publishes an event. Everything in it is PUBLIC, for ever.
   * @param topic 1 to 64 bytes of UTF-8.
   * @param data at most 4 KiB as JSON. At most 64 events and transfers in one call.
   */
  emit(topic: string, data: Json): void
  /**
   * Sends PHA of the contract's account. Receiver and amount are PUBLIC. The chain applies it when
   * the commit is accepted; a contract that promises more than it holds has its commit refused.
   * @param to `0x` and 64 hex digits.
   * @param amount planck, 1 to 2^128 - 1.
   */
  transfer(to: string, amount: bigint): void
}
