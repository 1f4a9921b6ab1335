import {
  concatBytes,
  encode,
  err,
  ok,
  u32,
  utf8,
  type AccountId,
  type Hash,
  type Result,
} from '@tacit/base'
import { createVerifyCache, type CryptoProvider, type SignatureCheck } from '@tacit/crypto'
import { native } from '@tacit/crypto/native'
import {
  idAddress,
  type ExtrinsicError,
  type TransactionSource,
  type ValidTransaction,
} from '@tacit/runtime'
import type { Application } from '../application.ts'
import { POOL_LIMITS, type PoolLimits, type QueueLimits } from '../pool/limits.ts'
import { Pool, type PoolOptions } from '../pool/pool.ts'

/**
 * A chain for tests of the pool alone: an extrinsic is the text 'sender:nonce:priority:signature',
 * valid while its nonce is not used and its signature is not 'bad'. Senders beginning with 'u' are
 * unsigned: nobody is their signer.
 */
export type ToyChain = {
  readonly pool: Pool
  readonly nonces: Map<string, number>
  /** Verdicts by sender or by the whole text. */
  readonly verdicts: Map<string, ExtrinsicError>
  /** Priorities by sender, in place of those that the texts name. */
  readonly priorities: Map<string, bigint>
  /** Blocks that extrinsics of a sender live, 2^64 - 1 if none. */
  readonly longevities: Map<string, bigint>
  /** What was asked of the crypto provider, by text. */
  readonly checked: string[]
  height: number
  readonly submit: (
    sender: string,
    nonce: number,
    rest?: string | number,
  ) => ReturnType<Pool['submit']>
  /** The next block with these extrinsics. */
  readonly include: (...extrinsics: readonly Uint8Array[]) => void
  /** Begins a block that takes the first few of what it is offered, and gives them. */
  readonly begin: (count: number) => Uint8Array[]
  /** What a block is offered that would take all. */
  readonly offered: () => string[]
}

export type ToyOptions = Partial<Pick<PoolOptions, 'crypto' | 'log' | 'signatureThreads'>> & {
  readonly ready?: Partial<QueueLimits>
  readonly future?: Partial<QueueLimits>
  readonly stayBlocks?: number
  /** Signatures count as checked before, and none is asked for. */
  readonly areProved?: boolean
}

const MAX_U64 = 2n ** 64n - 1n

export function toyExtrinsic(sender: string, nonce: number, rest: string | number = 1): Uint8Array {
  return utf8(`${sender}:${nonce}:${rest}`)
}

export function toyAccount(sender: string): AccountId {
  const account = new Uint8Array(32)
  account.set(utf8(sender))
  return account as AccountId
}

export function createToyChain(options: ToyOptions = {}): ToyChain {
  const { crypto, checked } = countedCrypto(options.crypto)
  const { log = () => {}, signatureThreads = 0 } = options
  const parts = {
    nonces: new Map(),
    verdicts: new Map(),
    priorities: new Map(),
    longevities: new Map(),
    height: 0,
  }
  const pool = new Pool({
    app: toyApplication(parts, crypto, options.areProved ?? false),
    runtime: { parseExtrinsic: parseToy },
    crypto,
    log,
    signatureThreads,
    limits: toyLimits(options),
  })
  const chain: ToyChain = Object.assign(parts, {
    pool,
    checked,
    submit: (sender: string, nonce: number, rest: string | number = 1) =>
      pool.submit(toyExtrinsic(sender, nonce, rest), 'External'),
    include: (...extrinsics: readonly Uint8Array[]) => {
      for (const bytes of extrinsics) {
        const { sender, nonce } = readToy(bytes)
        parts.nonces.set(sender, nonce + 1)
      }
      parts.height++
      pool.onBlock(headOf(parts.height), extrinsics)
    },
    begin: (count: number) => {
      const inTurn = pool.candidates()
      const taken: Uint8Array[] = []
      for (let next = inTurn.next(); !next.done && taken.length < count; next = inTurn.next(true))
        taken.push(next.value)
      return taken
    },
    offered: () => [...pool.candidates()].map((bytes) => new TextDecoder().decode(bytes)),
  })
  return chain
}

/** Statuses are delivered when all work of a turn is done. */
export async function delivered(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

function toyLimits({ ready, future, stayBlocks }: ToyOptions): PoolLimits {
  const wide = { transactions: 100, bytes: 10_000, perSender: 100 }
  return {
    ready: { ...wide, ...ready },
    future: { ...wide, ...future },
    stayBlocks: stayBlocks ?? POOL_LIMITS.stayBlocks,
  }
}

function headOf(number: number): { number: number; hash: Hash } {
  return { number, hash: native.hashes.blake2b256(encode(u32, number)) as Hash }
}

function readToy(bytes: Uint8Array): {
  text: string
  sender: string
  nonce: number
  priority: bigint
  signature: string
} {
  const text = new TextDecoder().decode(bytes)
  const [sender = '', nonce, priority = '1', signature = 'good'] = text.split(':')
  return { text, sender, nonce: Number(nonce), priority: BigInt(priority), signature }
}

/** Signatures of the toy chain are texts in the message of a check that has the right form. */
function toyCheck(text: string): SignatureCheck {
  const publicKey = native.hashes.blake2b256(utf8('toy key'))
  const signature = new Uint8Array(64)
  signature[63] = 0x80
  return { scheme: 'sr25519', publicKey, message: utf8(text), signature }
}

function countedCrypto(crypto: CryptoProvider | undefined): {
  crypto: CryptoProvider
  checked: string[]
} {
  const checked: string[] = []
  const verify = ({ message }: SignatureCheck): boolean => {
    const text = new TextDecoder().decode(message)
    checked.push(text)
    return !text.endsWith(':bad')
  }
  return { crypto: crypto ?? { ...native, verify }, checked }
}

function toyApplication(
  chain: Pick<ToyChain, 'nonces' | 'verdicts' | 'priorities' | 'longevities' | 'height'>,
  crypto: CryptoProvider,
  areProved: boolean,
): PoolOptions['app'] {
  const cache = createVerifyCache(crypto, 1_000)
  const signatures = areProved
    ? { ...cache, verify: () => true, recall: () => ({ answer: true, put: () => {} }) }
    : cache
  const checkTx: Application['checkTx'] = (bytes, _source: TransactionSource, verify) => {
    const { text, sender, nonce, priority } = readToy(bytes)
    if (!(verify ?? signatures.verify)(toyCheck(text))) return err({ code: 'bad_proof' })
    const verdict = chain.verdicts.get(text) ?? chain.verdicts.get(sender)
    if (verdict) return err(verdict)
    const used = chain.nonces.get(sender) ?? 0
    if (nonce < used) return err({ code: 'stale' })
    const valid = tagsOf(sender, nonce, used)
    return ok({
      ...valid,
      priority: chain.priorities.get(sender) ?? priority,
      longevity: chain.longevities.get(sender) ?? MAX_U64,
      propagate: true,
      ...(!sender.startsWith('u') && { signer: toyAccount(sender) }),
    })
  }
  return {
    signatures,
    checkTx,
    head: () => headOf(chain.height),
  }
}

/** Chains a sender's extrinsics; those of 'untagged' have no tags. */
function tagsOf(
  sender: string,
  nonce: number,
  used: number,
): Pick<ValidTransaction, 'requires' | 'provides'> {
  const tag = (at: number): Uint8Array => concatBytes(toyAccount(sender), encode(u32, at))
  const provides = sender === 'untagged' ? [] : [tag(nonce)]
  return { requires: nonce > used ? [tag(nonce - 1)] : [], provides }
}

/** Only the signer is asked of what is parsed. */
function parseToy(bytes: Uint8Array): ReturnType<PoolOptions['runtime']['parseExtrinsic']> {
  const { sender } = readToy(bytes)
  if (sender.startsWith('u'))
    return err({ code: 'extrinsic_malformed', reason: 'truncated', at: 0 })
  const extensions = { era: { type: 'Immortal' }, nonce: 0, tip: 0n, metadataHash: false } as const
  const signature = { type: 'Sr25519', value: new Uint8Array(64) } as const
  const signed = { address: idAddress(toyAccount(sender)), signature, extensions }
  const call = { type: 'System', value: { type: 'remark', value: {} } } as never
  return ok({ lengthBytes: bytes.length, callBytes: bytes, call, signed }) satisfies Result<
    unknown,
    never
  >
}
