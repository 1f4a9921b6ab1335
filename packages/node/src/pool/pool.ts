import {
  bytesToLatin1,
  concatBytes,
  encode,
  err,
  ok,
  u32,
  type AccountId,
  type Hash,
  type Result,
} from '@tacit/base'
import type { CryptoProvider } from '@tacit/crypto'
import type { ExtrinsicError, Head, TransactionSource } from '@tacit/runtime'
import type { Runtime } from '@tacit/runtime/runtime'
import type { Application } from '../application.ts'
import type { Log } from '../log.ts'
import type { PoolAccess, PoolState } from './access.ts'
import { createBanList } from './ban-list.ts'
import { createTally, type PoolCounters } from './counters.ts'
import type { PoolError } from './errors.ts'
import { createIntake, type Intake, type OpenCheck } from './intake.ts'
import { POOL_LIMITS, type PoolLimits } from './limits.ts'
import { SignatureChecker } from './signatures/checker.ts'
import type { PoolTransaction, StatusListener } from './transaction.ts'
import { WaitingRoom } from './waiting-room.ts'

export type PoolOptions = {
  readonly app: Pick<Application, 'checkTx' | 'head' | 'signatures'>
  readonly runtime: Pick<Runtime, 'parseExtrinsic'>
  readonly crypto: CryptoProvider
  readonly log: Log
  readonly limits?: PoolLimits
  /** Threads that check signatures, see CheckerOptions. */
  readonly signatureThreads?: number
}

/** Waiting transactions that are judged again behind each block. */
const REVALIDATED_PER_BLOCK = 64
/** Bytes of extrinsics whose signatures are being checked. */
const MAX_UNDER_WAY_BYTES = 32 * 1024 * 1024
const MAX_BANNED = 4_096
const BANNED_BLOCKS = 64
/** Verdicts that no later block can change. */
const FINAL_VERDICTS: ReadonlySet<string> = new Set([
  'stale',
  'bad_proof',
  'ancient_birth_block',
  'bad_signer',
  'mandatory_validation',
  'no_unsigned_validator',
  'extrinsic_malformed',
])

/**
 * Extrinsics on their way into a block: judged, proved, kept within bounds, offered by priority.
 * What is cheap comes first: form, ban, copy, nonce, fee, priority and room; then the signature, on
 * another thread; then what blocks changed meanwhile.
 */
export class Pool implements PoolAccess {
  readonly #options: PoolOptions
  readonly #checker: SignatureChecker
  readonly #intake: Intake
  readonly #room: WaitingRoom
  /** Names of those whose signatures are being checked. */
  readonly #underWay = new Set<string>()
  readonly #banned = createBanList(MAX_BANNED, BANNED_BLOCKS)
  readonly #refused = createTally<PoolError['code']>()
  #underWayBytes = 0
  #submitted = 0
  #accepted = 0
  #sequence = 0

  constructor(options: PoolOptions) {
    const { app, crypto, log, signatureThreads, limits = POOL_LIMITS } = options
    this.#options = options
    const threads = signatureThreads === undefined ? {} : { threads: signatureThreads }
    this.#checker = new SignatureChecker({ crypto, log, ...threads })
    this.#intake = createIntake(app, this.#checker)
    this.#room = new WaitingRoom(limits)
  }

  get size(): number {
    return this.#room.size
  }

  get counters(): PoolCounters {
    return {
      submitted: this.#submitted,
      accepted: this.#accepted,
      refused: this.#refused.read(),
      left: this.#room.left,
      signatures: this.#checker.counts,
    }
  }

  hasReady(): boolean {
    return this.#room.ready.size > 0
  }

  /** Called whenever a transaction becomes ready; returns what ends it. */
  onReady(listener: () => void): () => void {
    return this.#room.onReady(listener)
  }

  /** Ends the threads; whoever waits for a signature gets `signatures_unavailable`. */
  async stop(): Promise<void> {
    await this.#checker.stop()
  }

  async submit(
    bytes: Uint8Array,
    source: TransactionSource,
    listener?: StatusListener,
  ): Promise<Result<Hash, PoolError>> {
    this.#submitted++
    const hash = this.#hashOf(bytes)
    const taken = await this.#takeIn(bytes, hash, source, listener)
    if (taken.ok) this.#accepted++
    else this.#refused.add(taken.error.code)
    return taken.ok ? ok(hash) : taken
  }

  unwatch(hash: Hash, listener: StatusListener): void {
    this.#room.unwatch(bytesToLatin1(hash), listener)
  }

  async pending(): Promise<Uint8Array[]> {
    return await Promise.resolve(this.#room.all().map(({ bytes }) => bytes))
  }

  async nextNonce(account: AccountId, stateNonce: number): Promise<number> {
    let nonce = stateNonce
    while (this.#room.provides(bytesToLatin1(concatBytes(account, encode(u32, nonce))))) nonce++
    return await Promise.resolve(nonce)
  }

  async status(): Promise<PoolState> {
    const { ready, future } = this.#room
    return await Promise.resolve({
      ready: ready.size,
      future: future.size,
      bytes: ready.bytes + future.bytes,
      counters: this.counters,
    })
  }

  /**
   * Ready extrinsics in the order in which a block takes them: by priority, each behind those that
   * it requires, and none whose provider the block left out. The pool may not change meanwhile.
   * Those of which it is told true keep their place until the block is here, or another begins;
   * who tells nothing only looks.
   */
  candidates(): Generator<Uint8Array, void, boolean | undefined> {
    return this.#room.candidates()
  }

  /** A candidate was refused by the block; one that only came too early is judged again. */
  onRefused(bytes: Uint8Array, error: ExtrinsicError): void {
    const transaction = this.#room.get(bytesToLatin1(this.#hashOf(bytes)))
    if (!transaction) return
    if (error.code === 'future') this.#revalidate(transaction)
    else this.#reject(transaction, error)
  }

  /** Takes out what a block includes, what it makes invalid and whose time is over. */
  onBlock(block: Head, extrinsics: readonly Uint8Array[]): void {
    const names = extrinsics.map((bytes) => bytesToLatin1(this.#hashOf(bytes)))
    const others = extrinsics.filter((_, at) => !this.#room.get(names[at] ?? ''))
    this.#room.onBlock(
      block,
      names,
      others.some((bytes) => this.#isSigned(bytes)),
    )
    for (const transaction of this.#room.oldest(REVALIDATED_PER_BLOCK))
      this.#revalidate(transaction)
  }

  async #takeIn(
    bytes: Uint8Array,
    hash: Hash,
    source: TransactionSource,
    listener: StatusListener | undefined,
  ): Promise<Result<void, PoolError>> {
    const name = bytesToLatin1(hash)
    if (this.#room.get(name) || this.#underWay.has(name)) return err({ code: 'already_imported' })
    const { app } = this.#options
    const seenAt = app.head()
    if (this.#banned.has(name, seenAt.number)) return err({ code: 'temporarily_banned' })
    const judged = this.#judge(bytes, hash, name, source)
    if (!judged.ok) return judged
    const { open } = judged.value
    let { transaction } = judged.value
    if (open.length > 0) {
      const proved = await this.#prove(name, bytes, source, open)
      if (!proved.ok) return this.#banFor(name, proved.error)
      const mayStill = this.#room.catchUp(transaction, seenAt.number)
      if (mayStill === false) return this.#banFor(name, { code: 'stale' })
      const again = mayStill ? judged : this.#judge(bytes, hash, name, source)
      if (!again.ok) return again
      transaction = again.value.transaction
    }
    if (listener) transaction.listeners.add(listener)
    return this.#room.enter(transaction)
  }

  async #prove(
    name: string,
    bytes: Uint8Array,
    source: TransactionSource,
    open: readonly OpenCheck[],
  ): Promise<Result<void, PoolError>> {
    if (this.#underWayBytes + bytes.length > MAX_UNDER_WAY_BYTES)
      return err({ code: 'signatures_busy' })
    this.#underWay.add(name)
    this.#underWayBytes += bytes.length
    const proved = await this.#intake.prove(bytes, source, open)
    this.#underWay.delete(name)
    this.#underWayBytes -= bytes.length
    return proved
  }

  /** All that is cheap: what the rules say but for signatures, priority and room. */
  #judge(
    bytes: Uint8Array,
    hash: Hash,
    name: string,
    source: TransactionSource,
  ): Result<{ transaction: PoolTransaction; open: readonly OpenCheck[] }, PoolError> {
    const judged = this.#intake.judge(bytes, source)
    if (!judged.ok) return this.#banFor(name, judged.error)
    const { valid, open } = judged.value
    const sender = valid.signer ? bytesToLatin1(valid.signer) : ''
    const { number } = this.#options.app.head()
    const transaction = this.#room.describe(
      { hash, name, bytes, sender, sequence: this.#sequence++ },
      valid,
      number,
    )
    const admitted = this.#room.admit(transaction)
    return admitted.ok ? ok({ transaction, open }) : admitted
  }

  #hashOf(bytes: Uint8Array): Hash {
    return this.#options.crypto.hashes.blake2b256(bytes) as Hash
  }

  #isSigned(bytes: Uint8Array): boolean {
    const parsed = this.#options.runtime.parseExtrinsic(bytes)
    return parsed.ok && parsed.value.signed !== undefined
  }

  #banFor(name: string, error: PoolError): Result<never, PoolError> {
    if (FINAL_VERDICTS.has(error.code)) this.#banned.add(name, this.#options.app.head().number)
    return err(error)
  }

  #reject(transaction: PoolTransaction, error: ExtrinsicError): void {
    this.#banFor(transaction.name, error)
    this.#room.remove(transaction, { type: 'invalid', error })
  }

  #revalidate(transaction: PoolTransaction): void {
    const valid = this.#options.app.checkTx(transaction.bytes, 'External')
    if (valid.ok) this.#room.renew(transaction, valid.value)
    else this.#reject(transaction, valid.error)
  }
}
