import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { decode, equalBytes, parseHex, toHex, unwrap, utf8 } from '@tacit/base'
import { devKeypair } from '@tacit/crypto'
import { native } from '@tacit/crypto/native'
import { grandpaJustification, headerCodec, type GrandpaJustification } from '@tacit/light'
import { createRuntime } from '@tacit/runtime/runtime'
import { createApplication } from '../application.ts'
import { createPrng } from '../../../../tools/prng.ts'
import { chainSpecToJson } from '../chain-spec.ts'
import { Store } from '../storage/store.ts'
import { killStart, spawnNode } from './node-process.ts'
import { RpcClient } from './rpc-client.ts'
import { makeTempDir } from './temp-dir.ts'
import { TEST_SPEC, transferHex } from './test-node.ts'

const MAX_LIFE_MS = 300
const MAX_START_MS = 900
const SENDERS = ['Alice', 'Charlie', 'Dave', 'Eve'] as const
const WINDOW = 4

export type KillSoakOptions = {
  readonly kills: number
  /** Decides when the node is killed. */
  readonly seed: number
  /** Default SIGKILL; behind SIGTERM the node must end in good order. */
  readonly signal?: 'SIGKILL' | 'SIGTERM'
  /** Called behind each kill. */
  readonly onKill?: (done: KillSoakProgress) => void
}

export type KillSoakProgress = {
  readonly kills: number
  /** Justified blocks that a subscriber heard of. */
  readonly justified: number
}

export type KillSoakResult = KillSoakProgress & {
  /** Blocks that were executed again from genesis, to equal roots. */
  readonly replayed: number
  /** Longest time from a process's start to its readiness. */
  readonly slowestStartMs: number
}

/**
 * Kills a node at random times, under load and within its start, and starts it again without any
 * repair. Throws where a justified block that was heard of is not there any more or
 * is another one, or where executing the whole chain again in an empty database gives another
 * hash.
 */
export async function runKillSoak(options: KillSoakOptions): Promise<KillSoakResult> {
  const { kills, seed, signal = 'SIGKILL', onKill = () => {} } = options
  const directory = makeTempDir()
  const specPath = join(directory.path, 'chain.json')
  writeFileSync(specPath, JSON.stringify(chainSpecToJson(TEST_SPEC)))
  const flags = ['--chain-spec', specPath, '--base-path', directory.path, '--rpc-port', '0']
  const random = createPrng(seed, 0)
  const seen: Seen = new Map()
  let slowestStartMs = 0
  for (let kill = 0; kill < kills; kill++) {
    // Now and then within its start: the first time while it writes genesis.
    if (kill % 4 === 0) await killStart(flags, random.below(MAX_START_MS))
    const startMs = await liveAndDie(flags, seen, random.below(MAX_LIFE_MS), signal)
    slowestStartMs = Math.max(slowestStartMs, startMs)
    onKill({ kills: kill + 1, justified: seen.size })
  }
  const last = await spawnNode(flags)
  const client = await RpcClient.connect(last.rpcUrl)
  await checkSeen(client, seen, 0)
  client.close()
  if ((await last.end('SIGTERM')) !== 0) throw new Error('the node did not end in good order')
  const replayed = await replayAll(directory.path)
  directory.remove()
  return { kills, justified: seen.size, replayed, slowestStartMs }
}

/** Hex of justifications by the number of their block. */
type Seen = Map<number, string>

/** How far back a restarted node is asked at each start; the last one is asked for everything. */
const CHECKED_BLOCKS = 200

/** @returns milliseconds from the start to readiness. */
async function liveAndDie(
  flags: readonly string[],
  seen: Seen,
  lifeMs: number,
  signal: 'SIGKILL' | 'SIGTERM',
): Promise<number> {
  const node = await spawnNode([...flags, '--min-block-ms', '0', '--heartbeat-ms', '20'])
  const client = await RpcClient.connect(node.rpcUrl)
  const newest = [...seen.keys()].at(-1) ?? 0
  await checkSeen(client, seen, newest - CHECKED_BLOCKS)
  const genesisHash = String(await client.call('chainSpec_v1_genesisHash'))
  const life = { over: false }
  await client.subscribe('grandpa_subscribeJustifications', [], (one) => note(seen, String(one)))
  void sendLoad(client, genesisHash, () => life.over)
  await new Promise((resolve) => setTimeout(resolve, lifeMs))
  life.over = true
  const ended = await node.end(signal)
  client.close()
  if (ended !== (signal === 'SIGKILL' ? signal : 0))
    throw new Error(`the node ended by itself: ${ended}`)
  return node.readyMs
}

function note(seen: Seen, justification: string): void {
  const { targetNumber } = commitOf(justification)
  const known = seen.get(targetNumber)
  if (known !== undefined && known !== justification)
    throw new Error(`block ${targetNumber} was justified twice`)
  seen.set(targetNumber, justification)
}

function commitOf(justification: string): GrandpaJustification['commit'] {
  return unwrap(decode(grandpaJustification, unwrap(parseHex(justification)))).commit
}

/** Sends transfers as fast as they are signed, until the node is gone. */
async function sendLoad(
  client: RpcClient,
  genesisHash: string,
  isOver: () => boolean,
): Promise<void> {
  const genesis = { genesisHash: unwrap(parseHex(genesisHash)) as never }
  while (!isOver()) {
    for (const from of SENDERS) {
      const account = toHex(devKeypair(from).accountId)
      const first = Number(await client.call('system_accountNextIndex', account))
      for (let nonce = first; nonce < first + WINDOW; nonce++)
        await client.ask('author_submitExtrinsic', transferHex(genesis, nonce, { from }))
      if (isOver()) return
    }
  }
}

/** Every justification that a subscriber saw is what the restarted node has. */
async function checkSeen(client: RpcClient, seen: Seen, from: number): Promise<void> {
  for (const [number, justification] of seen) {
    if (number < from) continue
    const hash = await client.call('chain_getBlockHash', number)
    if (hash !== toHex(commitOf(justification).targetHash))
      throw new Error(`block ${number} is lost`)
    const block = (await client.call('chain_getBlock', hash)) as { justifications: number[][][] }
    const kept = JSON.stringify(block.justifications)
    const wanted = JSON.stringify([[[...utf8('FRNK')], [...unwrap(parseHex(justification))]]])
    if (kept !== wanted) throw new Error(`block ${number} has another justification`)
  }
}

/** Executes the whole chain again in an empty database. */
async function replayAll(basePath: string): Promise<number> {
  const options = { runtime: createRuntime(), crypto: native, log: () => {} }
  const store = new Store(join(basePath, TEST_SPEC.id), { retention: 256 })
  const scratch = makeTempDir()
  const copy = new Store(scratch.path, { retention: 256 })
  const app = createApplication({ ...options, store: copy })
  await app.genesis(TEST_SPEC.genesis)
  const best = store.metadata?.bestNumber ?? 0
  for (let number = 1; number <= best; number++) {
    const header = unwrap(decode(headerCodec, store.header(number) ?? new Uint8Array()))
    const extrinsics = unwrap(store.body(number))
    await app.commit(unwrap(app.execute({ header, extrinsics }), `block ${number}`))
  }
  const replayed = app.info()?.best.hash ?? new Uint8Array()
  if (!equalBytes(replayed, store.metadata?.bestHash ?? new Uint8Array()))
    throw new Error('executing the chain again gives another hash')
  await Promise.all([store.close(), copy.close()])
  scratch.remove()
  return best
}
