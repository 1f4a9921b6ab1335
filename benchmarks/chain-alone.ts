import { unwrap, type AccountId } from '@tacit/base'
import { native } from '@tacit/crypto/native'
import { updateTrie, type Change } from '@tacit/state'
import { IMMORTAL } from '../packages/runtime/src/era.ts'
import { encodeSignedExtrinsic } from '../packages/runtime/src/extrinsic.ts'
import { createTestChain, PHA } from '../packages/runtime/src/testing/chain.ts'
import { transferCall } from '../packages/runtime/src/testing/scenario.ts'
import { median, type BenchCase } from './result.ts'

const BLOCKS = 30
/** Blocks at the start that do not count: JavaScript's compiler is still at work. */
const WARM_UP = 12
const PER_BLOCK = 1_000
const RUNTIME_ACCOUNTS = 2_000
const TRIE_ACCOUNTS = 100_000
const SCHEME = { hash: native.hashes.blake2b256, layout: 'v1' } as const

/**
 * The rules alone: transfers that one second of this thread's CPU executes with every signature taken as good.
 * Decoding, payload, nonce, fee, accounts, events; no trie, no disk.
 */
export function benchRuntime(): BenchCase {
  const accounts = Array.from({ length: RUNTIME_ACCOUNTS }, (_, at) => accountOf(at))
  const chain = createTestChain(accounts.map((who) => ({ who, free: 1_000n * PHA })))
  const host = { ...chain.host, hashes: native.hashes, verify: () => true }
  const figures: number[] = []
  for (let round = 0; round < BLOCKS; round++) {
    const extrinsics = transfersOf(accounts, round)
    const block = chain.begin(host)
    figures.push(
      perCpuSecond(() => extrinsics.map((bytes) => unwrap(unwrap(block.apply(bytes)).dispatch))),
    )
    chain.seal(block)
  }
  return { name: 'runtime', unit: 'transfers/s', ours: median(figures.slice(WARM_UP)), ratio: {} }
}

/**
 * The trie alone: changed accounts that one second of this thread's CPU puts into a trie of 100,000, a thousand
 * in a block, with their new root; nodes in memory.
 */
export function benchTrie(): BenchCase {
  const nodes = new Map<string, Uint8Array>()
  const update = (changes: readonly Change[]): void => {
    for (const [path, node] of updateTrie(nodes, changes, SCHEME).nodeChanges)
      if (node) nodes.set(path, node)
      else nodes.delete(path)
  }
  update(Array.from({ length: TRIE_ACCOUNTS }, (_, at) => changeOf(at, 0)))
  const figures = Array.from({ length: BLOCKS }, (_, round) => {
    const changed = Array.from({ length: PER_BLOCK }, (_, at) =>
      changeOf((at * 99 + round) % TRIE_ACCOUNTS, round + 1),
    )
    return perCpuSecond(() => update(changed))
  })
  return { name: 'trie', unit: 'keys/s', ours: median(figures.slice(WARM_UP)), ratio: {} }
}

function perCpuSecond(run: () => unknown): number {
  const from = process.threadCpuUsage()
  run()
  const { user, system } = process.threadCpuUsage(from)
  return Math.round((PER_BLOCK * 1e6) / (user + system))
}

function accountOf(at: number): AccountId {
  const who = new Uint8Array(32)
  new DataView(who.buffer).setUint32(0, at + 1)
  return who as Uint8Array as AccountId
}

/** Each account sends once in two blocks, hence the nonces. */
function transfersOf(accounts: readonly AccountId[], round: number): readonly Uint8Array[] {
  return Array.from({ length: PER_BLOCK }, (_, at) => {
    const place = round * PER_BLOCK + at
    const signer = accounts[place % RUNTIME_ACCOUNTS]
    const to = accounts[(place + 6 * at + 1) % RUNTIME_ACCOUNTS]
    if (!signer || !to) throw new RangeError('no such account')
    const nonce = Math.floor(place / RUNTIME_ACCOUNTS)
    const extensions = { era: IMMORTAL, nonce, tip: 0n, metadataHash: false }
    const signature = { type: 'Sr25519', value: new Uint8Array(64) } as const
    return encodeSignedExtrinsic({ signer, signature, extensions, callBytes: transferCall(to, 5n) })
  })
}

/** An account's record where Substrate keeps it, as long as a real one. */
function changeOf(at: number, version: number): Change {
  const who = accountOf(at)
  const key = new Uint8Array(80)
  key.set(native.hashes.twox128(new TextEncoder().encode('System')))
  key.set(native.hashes.twox128(new TextEncoder().encode('Account')), 16)
  key.set(native.hashes.blake2b128(who), 32)
  key.set(who, 48)
  return { key, value: new Uint8Array(80).fill(version) }
}
