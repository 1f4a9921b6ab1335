/**
 * `node benchmarks/scale-blocks.ts DIRECTORY ACCOUNTS`: seals blocks of 1,000 transfers between random
 * accounts of the state that scale-state.ts wrote, and prints what they cost.
 */
import { readFileSync } from 'node:fs'
import type { CryptoProvider, Keypair } from '@tacit/crypto'
import { native } from '@tacit/crypto/native'
import { createRuntime } from '@tacit/runtime/runtime'
import { createApplication, type Application } from '../packages/node/src/application.ts'
import { Store } from '../packages/node/src/storage/store.ts'
import { signTransfer } from '../packages/node/src/testing/transfers.ts'
import { createPrng } from '../tools/prng.ts'
import { median } from './result.ts'
import { SCALE_SPEC, scaleAccount } from './scale-accounts.ts'

const TRANSFERS = 1_000
const WARM_UP_BLOCKS = 6
const BLOCKS = 16
const BLOCK_MS = 1_000n

/** What blocks cost behind the warm-up. */
export type ScaleFigures = {
  /** Wall time from the candidates to the durable block, median. */
  readonly blockMs: number
  /** CPU time of all threads, median. */
  readonly cpuUsPerTransfer: number
  /** Trie nodes that a transfer changes, mean; the same in every run. */
  readonly nodesPerTransfer: number
  /** Anonymous memory of the process behind the last block. */
  readonly rssAnonMb: number
}

/** Signatures count as good: what they cost does not depend on the state. */
const TRUSTING: CryptoProvider = { ...native, verify: () => true }
/** Of an acceptable form: sr25519 marks its last byte. */
const SIGNATURE = new Uint8Array(64)
SIGNATURE[63] = 0x80

async function sealBlocks(path: string, accounts: number): Promise<ScaleFigures> {
  const store = new Store(path, { retention: 256 })
  const app = createApplication({
    runtime: createRuntime(),
    store,
    crypto: TRUSTING,
    log: () => {},
  })
  const draw = createDraw(accounts)
  const wallMs: number[] = []
  const cpuUs: number[] = []
  let nodes = 0
  for (let number = 1; number <= WARM_UP_BLOCKS + BLOCKS; number++) {
    const candidates = draw(app)
    const startedAt = performance.now()
    const cpuBefore = process.cpuUsage()
    const changed = await sealBlock(app, number, candidates)
    await store.flushed()
    const { user, system } = process.cpuUsage(cpuBefore)
    if (number <= WARM_UP_BLOCKS) continue
    wallMs.push(performance.now() - startedAt)
    cpuUs.push((user + system) / TRANSFERS)
    nodes += changed
  }
  const rssAnonMb = readRssAnonMb()
  await store.close()
  return {
    blockMs: median(wallMs),
    cpuUsPerTransfer: median(cpuUs),
    nodesPerTransfer: nodes / BLOCKS / TRANSFERS,
    rssAnonMb,
  }
}

/** @returns how many trie nodes the block changes. */
async function sealBlock(
  app: Application,
  number: number,
  candidates: readonly Uint8Array[],
): Promise<number> {
  const nowMs = SCALE_SPEC.genesis.timeMs + BLOCK_MS * BigInt(number)
  const [authority] = SCALE_SPEC.genesis.authorities
  const proposer = authority?.id ?? new Uint8Array(32)
  const { block, refused } = app.prepare({ nowMs, proposer, candidates })
  const taken = block.extrinsics.length - 2
  if (refused.length > 0 || taken !== candidates.length)
    throw new Error(`block ${number} took ${taken} transfers: ${JSON.stringify(refused[0]?.error)}`)
  await app.commit(block)
  return block.nodes.length
}

/** Transfers of a block: no sender twice, so that each touches two accounts of its own. */
function createDraw(accounts: number): (app: Application) => readonly Uint8Array[] {
  const random = createPrng(accounts, 0)
  const nonces = new Map<number, number>()
  return (app) => {
    const genesisHash = app.info()?.genesisHash
    if (!genesisHash) throw new Error('genesis is not written')
    const senders = new Set<number>()
    while (senders.size < TRANSFERS) senders.add(random.below(accounts))
    return [...senders].map((sender) => {
      const nonce = nonces.get(sender) ?? 0
      nonces.set(sender, nonce + 1)
      const from = keyless(sender)
      const to = scaleAccount(random.below(accounts))
      return signTransfer({ from, to, amount: 10n ** 12n, nonce, genesisHash })
    })
  }
}

function keyless(index: number): Keypair {
  const accountId = scaleAccount(index)
  return { scheme: 'sr25519', publicKey: accountId, accountId, sign: () => SIGNATURE }
}

function readRssAnonMb(): number {
  const status = readFileSync('/proc/self/status', 'utf8')
  return Number(/^RssAnon:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1_024
}

const [path = '', accounts = ''] = process.argv.slice(2)
console.log(JSON.stringify(await sealBlocks(path, Number(accounts))))
