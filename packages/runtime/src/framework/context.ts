import type { Hash } from '@tacit/base'
import type { SignatureCheck } from '@tacit/crypto'
import type { RuntimeEvent } from './events.ts'
import type { Origin } from './origin.ts'
import type { State } from './state.ts'
import type { TransactionSource } from './validity.ts'

/** The block in which something happens. */
export type BlockContext = {
  readonly number: number
  readonly parentHash: Hash
  /** The chain's clock, Unix milliseconds: of this block once its inherent ran, else the last. */
  readonly nowMs: bigint
}

export type LogLevel = 'debug' | 'info' | 'warn'

/** What the rules get from outside besides storage; both functions are total. */
export interface HostServices {
  verify(check: SignatureCheck): boolean
  log(level: LogLevel, message: string): void
}

/** Where code of a pallet runs, whoever called it. */
export interface PalletContext {
  readonly state: State
  readonly host: HostServices
  readonly block: BlockContext
  readonly deposit: (event: RuntimeEvent) => void
}

/** Where calls are dispatched, by extrinsics and by hooks. */
export interface DispatchContext extends PalletContext {
  /** Runs a part that is undone by itself, events included, if its outcome is bad. */
  readonly attempt: <T extends { readonly ok: boolean }>(run: () => T) => T
}

export interface CallContext extends DispatchContext {
  readonly origin: Origin
  /** The extrinsic's position in the block. */
  readonly extrinsicIndex: number
  /** The nonce that a signed extrinsic used; absent where another account than its signer calls. */
  readonly nonce?: number
}

/** What an unsigned extrinsic is judged by, in the pool and again in the block. */
export interface ValidateContext {
  readonly state: State
  readonly host: HostServices
  readonly block: BlockContext
  readonly source: TransactionSource
}
