import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { parseHex, unwrap, type Hash } from '@tacit/base'
import { spawnNode } from '../src/testing/node-process.ts'
import { RpcClient } from '../src/testing/rpc-client.ts'
import { makeTempDir } from '../src/testing/temp-dir.ts'
import { transferHex } from '../src/testing/test-node.ts'

const SAMPLE_MS = 50
/** Between two payments: each block is a notice to everybody. */
const PAUSE_MS = 200

/** What honest users saw while something went on, and what it cost the node. */
export type Report = {
  /** Blocks from the newest one before submission to the one with the transaction, at most. */
  readonly mostBlocks: number
  readonly transactions: number
  /** MiB of memory that the node's process had at most, and before. */
  readonly peakMiB: number
  readonly startMiB: number
  /** Milliseconds that an honest question took at most. */
  readonly slowestMs: number
}

/** A node in a process of its own, with an honest user. */
export interface NodeUnderLoad {
  readonly rpcUrl: string
  readonly port: number
  readonly genesisHash: Hash
  connect(): Promise<RpcClient>
  /** Runs something while the honest user goes on. */
  measure(run: () => Promise<void>): Promise<Report>
  stop(): Promise<void>
}

export async function startNodeUnderLoad(): Promise<NodeUnderLoad> {
  const directory = makeTempDir()
  const flags = ['--dev', '--base-path', directory.path, '--rpc-port', '0', '--log', 'error']
  const node = await spawnNode(flags)
  const clients: RpcClient[] = []
  const connect = async (): Promise<RpcClient> => {
    const client = await RpcClient.connect(node.rpcUrl)
    clients.push(client)
    return client
  }
  const honest = await connect()
  const genesisHash = unwrap(parseHex(String(await honest.call('chain_getBlockHash', 0)))) as Hash
  const user = createUser(honest, genesisHash)
  return {
    rpcUrl: node.rpcUrl,
    port: Number(new URL(node.rpcUrl).port),
    genesisHash,
    connect,
    measure: async (run) => await measure(node.pid, user, run),
    stop: async () => {
      for (const client of clients) client.close()
      await node.end('SIGTERM')
      directory.remove()
    },
  }
}

type User = { pay(): Promise<{ blocks: number; slowestMs: number }> }

/** Pays from Alice to Bob, one transfer after the other. */
function createUser(client: RpcClient, genesisHash: Hash): User {
  let nonce = 0
  const numberOf = async (hash?: string): Promise<number> => {
    const header = await client.call('chain_getHeader', ...(hash === undefined ? [] : [hash]))
    return Number((header as { number: string }).number)
  }
  return {
    pay: async () => {
      const startMs = performance.now()
      const before = await numberOf()
      const slowestMs = performance.now() - startMs
      const block = await client.submitAndWait(transferHex({ genesisHash }, nonce++))
      return { blocks: (await numberOf(block)) - before, slowestMs }
    },
  }
}

async function measure(pid: number, user: User, run: () => Promise<void>): Promise<Report> {
  const startMiB = memoryOf(pid)
  let [peakMiB, mostBlocks, transactions, slowestMs] = [startMiB, 0, 0, 0]
  const sampling = setInterval(() => (peakMiB = Math.max(peakMiB, memoryOf(pid))), SAMPLE_MS)
  const over = run()
  const end = over.then(() => true)
  const paying = async (): Promise<void> => {
    do {
      const paid = await user.pay()
      mostBlocks = Math.max(mostBlocks, paid.blocks)
      slowestMs = Math.max(slowestMs, paid.slowestMs)
      transactions++
    } while (!(await Promise.race([end, delay(PAUSE_MS, false)])))
  }
  await Promise.all([over, paying()]).finally(() => clearInterval(sampling))
  return { mostBlocks, transactions, peakMiB, startMiB, slowestMs }
}

function memoryOf(pid: number): number {
  const path = `/proc/${pid}/status`
  const status = existsSync(path) ? readFileSync(path, 'utf8') : ''
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024
}
