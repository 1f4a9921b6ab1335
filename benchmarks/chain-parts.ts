import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseHex, unwrap } from '@tacit/base'
import { devKeypair, type CryptoProvider } from '@tacit/crypto'
import { native } from '@tacit/crypto/native'
import type { Head } from '@tacit/runtime'
import { createRuntime } from '@tacit/runtime/runtime'
import { createApplication, type Application } from '../packages/node/src/application.ts'
import { computeRoot } from '../packages/node/src/storage/state-root.ts'
import { Store } from '../packages/node/src/storage/store.ts'
import { benchSpec } from './chain-contenders.ts'
import { senders, type Scheme } from './chain-transfers.ts'
import type { BenchCase } from './result.ts'

const PER_BLOCK = 500
/** Transfers at the start that do not count: JavaScript's compiler is still at work. */
const WARM_UP = 10_000
const SIGNATURE_ROUNDS = 20

/** What a node does with a transfer that it has read, in this order. */
const PARTS = ['judge', 'dispatch', 'trie', 'database'] as const
type Part = (typeof PARTS)[number]

/**
 * CPU time that each part of the node takes of a transfer: one after the other in this process, in
 * blocks of 500. Of this thread, but for the database, whose writer is another.
 * @param transfers in hex, from the accounts of sr25519.
 */
export async function benchParts(transfers: readonly string[]): Promise<readonly BenchCase[]> {
  const extrinsics = transfers.map(toBytes)
  const spent = await makeBlocks(extrinsics)
  const counted = transfers.length - WARM_UP
  const signatures = (['sr25519', 'ed25519'] as const).map((scheme) =>
    partCase(`signature/${scheme}`, signatureUs(scheme)),
  )
  return [
    partCase('decode', decodeUs(extrinsics)),
    ...PARTS.map((part) => partCase(part, (spent.get(part) ?? 0) / counted)),
    ...signatures,
  ]
}

function partCase(name: string, us: number): BenchCase {
  return { name: `part/${name}`, unit: 'us/transfer', ours: Math.round(us * 10) / 10, ratio: {} }
}

/** Signatures count as good here, they have a case of their own. */
const TRUSTING: CryptoProvider = { ...native, verify: () => true }

async function makeBlocks(extrinsics: readonly Uint8Array[]): Promise<ReadonlyMap<Part, number>> {
  const path = mkdtempSync(join(tmpdir(), 'tacit-bench-'))
  const store = new Store(path, { retention: 256 })
  const runtime = createRuntime()
  const app = createApplication({ runtime, store, crypto: TRUSTING, log: () => {} })
  const spent = new Map<Part, number>()
  try {
    await app.genesis(benchSpec('sr25519').genesis)
    for (let at = 0; at < extrinsics.length; at += PER_BLOCK) {
      const candidates = extrinsics.slice(at, at + PER_BLOCK)
      const add = (part: Part, us: number): void => {
        if (at >= WARM_UP) spent.set(part, (spent.get(part) ?? 0) + us)
      }
      add(
        'judge',
        cpuUs(() => candidates.map((bytes) => app.checkTx(bytes, 'External'))),
      )
      await makeBlock(app, store, candidates, add)
    }
  } finally {
    await store.close()
    rmSync(path, { recursive: true })
  }
  return spent
}

async function makeBlock(
  app: Application,
  store: Store,
  candidates: readonly Uint8Array[],
  add: (part: Part, us: number) => void,
): Promise<void> {
  const { best } = app.info() as { best: Head }
  const state = unwrap(store.stateAt(best.number))
  const nowMs = 1_700_000_001_000n + BigInt(best.number)
  const prepareFrom = process.threadCpuUsage()
  const { block, refused } = app.prepare({
    nowMs,
    proposer: devKeypair('Alice', 'ed25519').publicKey,
    candidates,
  })
  const prepareUs = sum(process.threadCpuUsage(prepareFrom))
  if (refused.length > 0) throw new Error(`refused: ${refused[0]?.error.code}`)
  const trieUs = cpuUs(() => computeRoot(state.nodes, block.values, native.hashes))
  add('trie', trieUs)
  add('dispatch', prepareUs - trieUs)
  const commitFrom = process.cpuUsage()
  await app.commit(block)
  await store.flushed()
  add('database', sum(process.cpuUsage(commitFrom)))
}

/** All at once: the clock of CPU time ticks in milliseconds. */
function decodeUs(extrinsics: readonly Uint8Array[]): number {
  const runtime = createRuntime()
  const decodeAll = (): unknown => extrinsics.map((bytes) => unwrap(runtime.parseExtrinsic(bytes)))
  decodeAll()
  return cpuUs(decodeAll) / extrinsics.length
}

/** Of payloads as long as a transfer's, by the provider that nodes use. */
function signatureUs(scheme: Scheme): number {
  const message = new Uint8Array(117)
  const checks = senders(scheme).map((key) => {
    const signature = key.sign(message)
    return { scheme, publicKey: key.publicKey, message, signature }
  })
  const verifyAll = (): boolean => checks.every((check) => native.verify(check))
  if (!verifyAll()) throw new Error(`${scheme}: a signature does not hold`)
  return (
    cpuUs(() => Array.from({ length: SIGNATURE_ROUNDS }, verifyAll)) /
    (SIGNATURE_ROUNDS * checks.length)
  )
}

function cpuUs(run: () => unknown): number {
  const from = process.threadCpuUsage()
  run()
  return sum(process.threadCpuUsage(from))
}

function sum({ user, system }: NodeJS.CpuUsage): number {
  return user + system
}

function toBytes(hex: string): Uint8Array {
  return unwrap(parseHex(hex))
}
