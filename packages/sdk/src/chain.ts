import {
  bytesToHex,
  decode,
  encode,
  equalBytes,
  toHex,
  type AccountId,
  type Hash,
} from '@tacit/base'
import type { CryptoProvider } from '@tacit/crypto'
import {
  advance,
  grandpaJustification,
  headerCodec,
  headerHash,
  startFromCheckpoint,
  type Checkpoint,
  type Header,
  type LightState,
} from '@tacit/light'
import { consensusStorage, type ChainClass, type StorageItem } from '@tacit/runtime'
import { orderedTrieRoot, verifyProof } from '@tacit/state'
import { fetchCheckpoint } from './checkpoint.ts'
import { TacitError, tacitError } from './errors.ts'
import {
  headerFromJson,
  nodeBytes,
  nodeHash,
  nodeMisbehaves,
  nodeNumbers,
  type JsonBlock,
} from './json-block.ts'
import type { Rpc } from './rpc.ts'

/** A block that the authorities made final, checked by this client. */
export type JustifiedBlock = {
  readonly number: number
  readonly hash: Hash
  readonly header: Header
  /** SCALE of the GRANDPA justification. */
  readonly justification: Uint8Array
  /** With their length prefixes, inherents first. */
  readonly extrinsics: readonly Uint8Array[]
}

/** The chain as a light client sees it; nothing is believed that was not proved. */
export interface Chain {
  readonly rpc: Rpc
  readonly crypto: CryptoProvider
  readonly genesisHash: Hash
  readonly checkpoint: Checkpoint
  readonly chainClass: ChainClass
  /** Newest justified head, and the set that signs next. */
  light(): LightState
  head(): LightState['head']
  /** Calls back for every justified block from now on, in order; returns the way to stop. */
  onJustified(callback: (block: JustifiedBlock) => void): () => void
  /** Resolves with the first justified block, now or later, for which the test is true. */
  untilJustified(test: (block: JustifiedBlock) => boolean): Promise<JustifiedBlock>
  /** A justified block that this client still remembers (the newest 64). */
  recent(hash: Hash): JustifiedBlock | undefined
  /** Trie nodes that prove keys at a block. */
  fetchProof(keys: readonly Uint8Array[], at: Hash): Promise<readonly Uint8Array[]>
  /** Values of raw keys, proved at a justified head, in the order of the keys. */
  readKeys(
    keys: readonly Uint8Array[],
    at?: { readonly header: Header; readonly hash: Hash },
  ): Promise<readonly (Uint8Array | undefined)[]>
  /** A storage item's value, proved at the newest justified head or the given block. */
  read<K extends readonly unknown[], V, G>(
    item: StorageItem<K, V, G>,
    keys: K,
    at?: { readonly header: Header; readonly hash: Hash },
  ): Promise<V | undefined>
  /** Nonce for the account's next extrinsic, waiting ones counted. */
  nextNonce(account: AccountId): Promise<number>
  close(): void
}

export type FollowOptions = {
  readonly crypto: CryptoProvider
  /** The genesis hash to insist on; without it the node's own is taken, for a first visit. */
  readonly genesisHash?: Hash
}

const REMEMBERED = 64

/**
 * Starts a light client at genesis and follows the node's justified blocks.
 * @throws TacitError `genesis_mismatch`, `node_misbehaves`, and the codes of @tacit/light.
 */
export async function followChain(rpc: Rpc, options: FollowOptions): Promise<Chain> {
  const { crypto } = options
  const genesisHash = await readGenesisHash(rpc, options.genesisHash)
  const checkpoint = await fetchCheckpoint(rpc, genesisHash, crypto.hashes)
  const started = startFromCheckpoint(genesisHash, checkpoint, crypto)
  if (!started.ok) throw unproven(started.error)
  const chainClass = await readChainClass(rpc, crypto, checkpoint, genesisHash)
  const chain = new FollowedChain(rpc, crypto, { checkpoint, chainClass, light: started.value })
  await chain.start()
  return chain
}

type Begin = {
  readonly checkpoint: Checkpoint
  readonly chainClass: ChainClass
  readonly light: LightState
}

class FollowedChain implements Chain {
  readonly rpc: Rpc
  readonly crypto: CryptoProvider
  readonly genesisHash: Hash
  readonly checkpoint: Checkpoint
  readonly chainClass: ChainClass
  #light: LightState
  #queue: Promise<void> = Promise.resolve()
  #stop: (() => void) | undefined
  readonly #listeners = new Set<(block: JustifiedBlock) => void>()
  readonly #recent = new Map<string, JustifiedBlock>()
  readonly #failed = Promise.withResolvers<never>()

  constructor(rpc: Rpc, crypto: CryptoProvider, begin: Begin) {
    this.rpc = rpc
    this.crypto = crypto
    this.genesisHash = begin.light.genesisHash
    this.checkpoint = begin.checkpoint
    this.chainClass = begin.chainClass
    this.#light = begin.light
    this.#failed.promise.catch(() => {})
    void rpc.closed.then(() => this.#failed.reject(gone()))
  }

  /** Catches up with the newest justified block, then takes every one that comes. */
  async start(): Promise<void> {
    const onNotification = (text: string): void => this.#enqueue(() => this.#followed(text))
    this.#stop = await this.rpc.subscribe<string>(
      'grandpa_subscribeJustifications',
      [],
      'grandpa_unsubscribeJustifications',
      onNotification,
    )
    this.#enqueue(async () => {
      const hash = nodeHash(await this.rpc.request<string>('chain_getFinalizedHead'))
      if (bytesToHex(hash) !== bytesToHex(this.genesisHash)) await this.#take(hash)
    })
    await Promise.race([this.#queue, this.#failed.promise])
  }

  light(): LightState {
    return this.#light
  }

  head(): LightState['head'] {
    return this.#light.head
  }

  onJustified(callback: (block: JustifiedBlock) => void): () => void {
    this.#listeners.add(callback)
    return () => this.#listeners.delete(callback)
  }

  async untilJustified(test: (block: JustifiedBlock) => boolean): Promise<JustifiedBlock> {
    const known = [...this.#recent.values()].find(test)
    if (known) return known
    const found = Promise.withResolvers<JustifiedBlock>()
    const stop = this.onJustified((block) => test(block) && found.resolve(block))
    try {
      return await Promise.race([found.promise, this.#failed.promise])
    } finally {
      stop()
    }
  }

  recent(hash: Hash): JustifiedBlock | undefined {
    return this.#recent.get(bytesToHex(hash))
  }

  async fetchProof(keys: readonly Uint8Array[], at: Hash): Promise<readonly Uint8Array[]> {
    const answer = await this.rpc.request<{ proof: readonly string[] }>('state_getReadProof', [
      keys.map(toHex),
      toHex(at),
    ])
    return answer.proof.map(nodeBytes)
  }

  async readKeys(
    keys: readonly Uint8Array[],
    at: { readonly header: Header; readonly hash: Hash } = this.head(),
  ): Promise<readonly (Uint8Array | undefined)[]> {
    const proof = await this.fetchProof(keys, at.hash)
    const hash = this.crypto.hashes.blake2b256
    const values = verifyProof({ root: at.header.stateRoot, proof, keys, hash })
    if (!values.ok) throw unproven(values.error)
    return keys.map((key) => values.value.get(bytesToHex(key)))
  }

  async read<K extends readonly unknown[], V, G>(
    item: StorageItem<K, V, G>,
    keys: K,
    at?: { readonly header: Header; readonly hash: Hash },
  ): Promise<V | undefined> {
    const [raw] = await this.readKeys([item.key(this.crypto.hashes, ...keys)], at)
    const value = raw && item.decode(raw)
    if (value && !value.ok) throw nodeMisbehaves('runs rules that this client does not know')
    return value?.value
  }

  nextNonce(account: AccountId): Promise<number> {
    return this.rpc.request<number>('system_accountNextIndex', [toHex(account)])
  }

  close(): void {
    this.#stop?.()
    this.#listeners.clear()
    this.rpc.close()
  }

  #enqueue(step: () => Promise<void>): void {
    this.#queue = this.#queue.then(step).catch((error: unknown) => this.#failed.reject(error))
  }

  async #followed(text: string): Promise<void> {
    const parsed = decode(grandpaJustification, nodeBytes(text))
    if (!parsed.ok) throw nodeMisbehaves('sent a justification that is malformed')
    const { targetHash, targetNumber } = parsed.value.commit
    if (targetNumber > this.head().number) await this.#take(targetHash)
  }

  async #take(hash: Hash): Promise<void> {
    const answer = await this.rpc.request<JsonBlock | null>('chain_getBlock', [toHex(hash)])
    const block = answer && blockFromJson(answer, this.crypto)
    if (!block) throw nodeMisbehaves(`has no justified block ${toHex(hash)}`)
    const parsed = decode(grandpaJustification, block.justification)
    if (!parsed.ok) throw nodeMisbehaves('sent a justification that is malformed')
    const advanced = advance(this.#light, block.header, parsed.value, this.crypto)
    if (!advanced.ok) throw unproven(advanced.error)
    this.#light = advanced.value
    this.#remember(block)
    for (const listener of this.#listeners) listener(block)
  }

  #remember(block: JustifiedBlock): void {
    const oldest = this.#recent.size >= REMEMBERED ? this.#recent.keys().next() : undefined
    if (oldest?.value !== undefined) this.#recent.delete(oldest.value)
    this.#recent.set(bytesToHex(block.hash), block)
  }
}

function blockFromJson(answer: JsonBlock, crypto: CryptoProvider): JustifiedBlock | undefined {
  const justification = answer.justifications?.[0]?.[1]
  if (justification === undefined) return undefined
  const header = headerFromJson(answer.block.header)
  const extrinsics = answer.block.extrinsics.map(nodeBytes)
  const root = orderedTrieRoot(extrinsics, crypto.hashes.blake2b256)
  if (!equalBytes(root, header.extrinsicsRoot)) {
    throw nodeMisbehaves('sent extrinsics that are not those of the block')
  }
  return {
    number: header.number,
    hash: headerHash(crypto.hashes, header),
    header,
    justification: nodeNumbers(justification),
    extrinsics,
  }
}

async function readGenesisHash(rpc: Rpc, expected: Hash | undefined): Promise<Hash> {
  const hash = nodeHash(await rpc.request<string>('chain_getBlockHash', [0]))
  if (expected === undefined || bytesToHex(hash) === bytesToHex(expected)) return hash
  throw new TacitError({
    code: 'genesis_mismatch',
    shortMessage: `The node at ${rpc.url} runs another chain: its genesis is ${toHex(hash)}`,
    fix: `Connect to a node of the chain with genesis ${toHex(expected)}.`,
  })
}

async function readChainClass(
  rpc: Rpc,
  { hashes }: CryptoProvider,
  { header }: Checkpoint,
  at: Hash,
): Promise<ChainClass> {
  const key = consensusStorage.ChainClass.key(hashes)
  const answer = await rpc.request<{ proof: readonly string[] }>('state_getReadProof', [
    [toHex(key)],
    toHex(at),
  ])
  const proof = answer.proof.map(nodeBytes)
  const values = verifyProof({
    root: header.stateRoot,
    proof,
    keys: [key],
    hash: hashes.blake2b256,
  })
  if (!values.ok) throw unproven(values.error)
  const raw = values.value.get(bytesToHex(key))
  const parsed = raw && consensusStorage.ChainClass.decode(raw)
  if (!parsed?.ok) throw nodeMisbehaves('runs a chain without a chain class')
  return parsed.value
}

/** The header's SCALE encoding, as enclaves and receipts take it. */
export function encodeHeader(header: Header): Uint8Array {
  return encode(headerCodec, header)
}

function unproven(error: { readonly code: string }): TacitError {
  return tacitError(
    error,
    'The node could not prove what it said',
    'Connect to another node; nothing of this answer was used.',
  )
}

function gone(): TacitError {
  return new TacitError({
    code: 'rpc_disconnected',
    shortMessage: 'The connection to the node was lost',
    fix: 'Check that the node still runs, then connect again.',
  })
}
