import { encode, unwrap, type AccountId, type Hash, type Result } from '@tacit/base'
import { headerCodec, type Header } from '@tacit/light'
import { createMemoryStore, createOverlay, updateTrie, type Overlay } from '@tacit/state'
import { IMMORTAL } from '../era.ts'
import type { Applied, BlockExecution, ExtrinsicError } from '../execution/block.ts'
import { hostState, type Head } from '../execution/environment.ts'
import type { Extensions, Implicit } from '../extensions.ts'
import { encodeSignedExtrinsic, signingPayload } from '../extrinsic.ts'
import type { EventRecord } from '../framework/composition.ts'
import type { GenesisSpec } from '../framework/genesis-spec.ts'
import type { State } from '../framework/state.ts'
import type { Host } from '../host.ts'
import { balancesStorage } from '../pallets/balances/types.ts'
import { systemStorage } from '../pallets/system/types.ts'
import { createRuntime, type Runtime } from '../runtime.ts'
import { SPEC_VERSION, TRANSACTION_VERSION } from '../version.ts'
import { hashes, verify, type TestKey } from './crypto.ts'

export const PHA: bigint = 10n ** 12n
export const AUTHORITY: Uint8Array = new Uint8Array(32).fill(9)
const GENESIS_TIME_MS = 1_800_000_000_000n

/** What a test signs differently from a well-behaved sender. */
export type SignOptions = Partial<Extensions> & { readonly implicit?: Partial<Implicit> }

/** A chain in memory: the real rules, one authority, no node. */
export interface TestChain {
  readonly runtime: Runtime
  readonly host: Host
  readonly state: State
  readonly genesisHash: Hash
  head(): Head
  /** A signed extrinsic; its nonce is the account's next unless given. */
  sign(key: TestKey, callBytes: Uint8Array, options?: SignOptions): Uint8Array
  /** Begins the block behind the head, on another host if given, and applies its inherents. */
  begin(other?: Host): BlockExecution
  seal(block: BlockExecution): Header
  /** Makes a block with one extrinsic. */
  run(bytes: Uint8Array): Result<Applied, ExtrinsicError>
  events(): readonly EventRecord[]
  free(who: AccountId): bigint
  /** All that differs from the empty state. */
  written(): ReturnType<Overlay['changes']>
}

export function createTestChain(
  balances: GenesisSpec['balances'],
  runtime: Runtime = createRuntime(),
): TestChain {
  const storage = createOverlay(createMemoryStore())
  const host: Host = { storage, hashes, verify, log: () => {} }
  const state = hostState(host)
  runtime.genesis(host, {
    chainClass: 'development',
    timeMs: GENESIS_TIME_MS,
    authorities: [{ id: AUTHORITY, weight: 1n }],
    balances,
  })
  const headers: Header[] = [runtime.genesisHeader(rootOf(storage), hashes)]
  const head = (): Head => {
    const last = headers.at(-1) as Header
    return { number: last.number, hash: hashes.blake2b256(encode(headerCodec, last)) as Hash }
  }
  const genesisHash = head().hash
  const begin = (other = host): BlockExecution => beginBehind(runtime, other, head())
  const seal = (block: BlockExecution): Header => {
    const header = unwrap(block.finalize(() => rootOf(storage)))
    headers.push(header)
    return header
  }
  return {
    runtime,
    host,
    state,
    genesisHash,
    head,
    begin,
    seal,
    sign: (key, callBytes, options = {}) => {
      const nonce = systemStorage.Account.get(state, key.who).nonce
      return signExtrinsic(genesisHash, key, callBytes, { nonce, ...options })
    },
    run: (bytes) => {
      const block = begin()
      const applied = block.apply(bytes)
      seal(block)
      return applied
    },
    events: () => runtime.composition.eventsStorage.Events.get(state),
    written: () => storage.changes(),
    free: (who) => systemStorage.Account.get(state, who).data.free,
  }
}

function beginBehind(runtime: Runtime, host: Host, { number, hash }: Head): BlockExecution {
  const start = { number: number + 1, parentHash: hash, digest: { logs: [] } }
  const block = runtime.initializeBlock(host, start)
  const nowMs = GENESIS_TIME_MS + BigInt(number + 1) * 1_000n
  const note = { proposer: AUTHORITY, absent: [], misbehaviour: [] }
  for (const inherent of runtime.inherents({ nowMs, ...note })) unwrap(block.apply(inherent))
  return block
}

function signExtrinsic(
  genesisHash: Hash,
  key: TestKey,
  callBytes: Uint8Array,
  { implicit, ...options }: SignOptions & { readonly nonce: number },
): Uint8Array {
  const extensions = { era: IMMORTAL, tip: 0n, metadataHash: false, ...options }
  const versions = { specVersion: SPEC_VERSION, transactionVersion: TRANSACTION_VERSION }
  const covered = { ...versions, genesisHash, birthHash: genesisHash, ...implicit }
  const signature = key.sign(signingPayload(callBytes, extensions, covered, hashes))
  return encodeSignedExtrinsic({ signer: key.who, signature, extensions, callBytes })
}

/** All planck on accounts, and what the totals say that there should be. */
export function countIssuance(state: State): Record<'onAccounts' | 'byTotals' | 'issued', bigint> {
  const accounts = systemStorage.Account.entries(state)
  const onAccounts = accounts.reduce(
    (sum, { value: { data } }) => sum + data.free + data.reserved,
    0n,
  )
  const { GenesisIssuance, Minted, Burned, TotalIssuance } = balancesStorage
  const byTotals = GenesisIssuance.get(state) + Minted.get(state) - Burned.get(state)
  return { onAccounts, byTotals, issued: TotalIssuance.get(state) }
}

function rootOf(storage: Overlay): Hash {
  const scheme = { hash: hashes.blake2b256, layout: 'v1' } as const
  return updateTrie(new Map(), storage.changes(), scheme).root
}
