import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { decode, equalBytes, parseHex, toHex, unwrap, utf8 } from '@tacit/base'
import { devKeypair } from '@tacit/crypto'
import { native } from '@tacit/crypto/native'
import { grandpaJustification, headerCodec } from '@tacit/light'
import { createRuntime } from '@tacit/runtime/runtime'
import { expect, test } from 'vitest'
import { createApplication } from './application.ts'
import { chainSpecToJson } from './chain-spec.ts'
import { Store } from './storage/store.ts'
import { killStart, spawnNode } from './testing/node-process.ts'
import { RpcClient } from './testing/rpc-client.ts'
import { makeTempDir } from './testing/temp-dir.ts'
import { TEST_SPEC, transferHex } from './testing/test-node.ts'

/** TACIT_KILLS=1000 makes the soak. */
const KILLS = Number(process.env['TACIT_KILLS'] ?? 8)
const SEED = Number(process.env['TACIT_SEED'] ?? Date.now() % 1_000_000)
const MAX_LIFE_MS = 300
const MAX_START_MS = 900
const SENDERS = ['Alice', 'Charlie', 'Dave', 'Eve'] as const
const WINDOW = 4

/** Numbers from 0 up to 1 that a seed fixes (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
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
async function checkSeen(client: RpcClient, seen: ReadonlySet<string>): Promise<void> {
  for (const justification of seen) {
    const { commit } = unwrap(decode(grandpaJustification, unwrap(parseHex(justification))))
    const hash = await client.call('chain_getBlockHash', commit.targetNumber)
    expect(hash).toBe(toHex(commit.targetHash))
    const block = (await client.call('chain_getBlock', hash)) as { justifications: number[][][] }
    const bytes = [...unwrap(parseHex(justification))]
    expect(block.justifications).toEqual([[[...utf8('FRNK')], bytes]])
  }
}

/** Executes the whole chain again in an empty database. */
async function replayAll(basePath: string, scratch: string): Promise<number> {
  const options = { runtime: createRuntime(), crypto: native, log: () => {} }
  const store = new Store(join(basePath, TEST_SPEC.id), { retention: 256 })
  const copy = new Store(scratch, { retention: 256 })
  const app = createApplication({ ...options, store: copy })
  await app.genesis(TEST_SPEC.genesis)
  const best = store.metadata?.bestNumber ?? 0
  for (let number = 1; number <= best; number++) {
    const header = unwrap(decode(headerCodec, store.header(number) ?? new Uint8Array()))
    const extrinsics = unwrap(store.body(number))
    await app.commit(unwrap(app.execute({ header, extrinsics }), `block ${number}`))
  }
  const replayed = app.info()?.best.hash ?? new Uint8Array()
  expect(equalBytes(replayed, store.metadata?.bestHash ?? new Uint8Array())).toBe(true)
  await Promise.all([store.close(), copy.close()])
  return best
}

test(
  `kill -9 at ${KILLS} random times under load (TACIT_SEED=${SEED})`,
  async () => {
    const directory = makeTempDir()
    const scratch = makeTempDir()
    const specPath = join(directory.path, 'chain.json')
    writeFileSync(specPath, JSON.stringify(chainSpecToJson(TEST_SPEC)))
    const flags = ['--chain-spec', specPath, '--base-path', directory.path, '--rpc-port', '0']
    const random = createRandom(SEED)
    const seen = new Set<string>()
    for (let kill = 0; kill < KILLS; kill++) {
      // Now and then within its start: the first time while it writes genesis.
      if (kill % 4 === 0) await killStart(flags, random() * MAX_START_MS)
      const node = await spawnNode([...flags, '--min-block-ms', '0', '--heartbeat-ms', '20'])
      const client = await RpcClient.connect(node.rpcUrl)
      await checkSeen(client, seen)
      const genesisHash = String(await client.call('chainSpec_v1_genesisHash'))
      const life = { over: false }
      await client.subscribe('grandpa_subscribeJustifications', [], (one) => seen.add(String(one)))
      const load = sendLoad(client, genesisHash, () => life.over)
      await new Promise((resolve) => setTimeout(resolve, random() * MAX_LIFE_MS))
      life.over = true
      expect(await node.end('SIGKILL')).toBe('SIGKILL')
      client.close()
      void load
    }
    const last = await spawnNode(flags)
    const client = await RpcClient.connect(last.rpcUrl)
    await checkSeen(client, seen)
    client.close()
    expect(await last.end('SIGTERM')).toBe(0)
    const best = await replayAll(directory.path, scratch.path)
    expect(best).toBeGreaterThanOrEqual(seen.size)
    console.log(`${KILLS} kills, ${seen.size} justifications seen, ${best} blocks replayed`)
    directory.remove()
    scratch.remove()
  },
  60_000 + KILLS * 5_000,
)
