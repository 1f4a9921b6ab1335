import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { accountIdToAddress } from '@tacit/base'
import { chainSpecToJson, developmentSpec, type ChainSpec } from '@tacit/node'
import { spawnNode } from '../packages/node/src/testing/node-process.ts'
import { LoadClient, runLoad, toFrames, type Load } from './chain-load.ts'
import {
  ACCOUNTS,
  ANVIL_MNEMONIC,
  FIRST_TRANSFERS,
  senders,
  TRANSFERS,
  type Scheme,
} from './chain-transfers.ts'
import { cpuBetween, readProcessCpu, type ProcessCpu } from './process-cpu.ts'

const ANVIL_FLAGS = [
  `--accounts=${ACCOUNTS}`,
  '--block-time=1',
  '--block-base-fee-per-gas=0',
  '--order=fifo',
  '--disable-block-gas-limit',
  '--disable-min-priority-fee',
  '--no-cors',
  '--quiet',
]

/** One run of a chain that began empty. */
export type ChainRun = Load & {
  readonly perSecond: number
  readonly cpu: ProcessCpu
  /** Of the first transfers of the process, which count nowhere else. */
  readonly firstPerSecond: number
}

/** A chain of its own for the senders of a scheme; its genesis is the same each time. */
export function benchSpec(scheme: Scheme): ChainSpec {
  const development = developmentSpec({ timeMs: 1_700_000_000_000n })
  const free = 1_000_000n * 10n ** 12n
  const balances = senders(scheme).map(({ accountId: who }) => ({ who, free }))
  return { ...development, genesis: { ...development.genesis, balances } }
}

/**
 * Our node in a process of its own with its default settings and an empty database. All is done
 * when the pool is empty and the best block is justified, which says that it is on the disk.
 */
export async function runOurs(scheme: Scheme, transfers: readonly string[]): Promise<ChainRun> {
  const basePath = mkdtempSync(join(tmpdir(), 'tacit-bench-'))
  const specPath = join(basePath, 'spec.json')
  writeFileSync(specPath, JSON.stringify(chainSpecToJson(benchSpec(scheme))))
  const flags = ['--base-path', basePath, '--chain-spec', specPath, '--rpc-port', '0']
  const node = await spawnNode([...flags, '--log', 'warn'])
  try {
    const health = `${node.rpcUrl.replace('ws:', 'http:')}/health`
    const isDone = async (): Promise<boolean> => {
      const { best, justified, pool } = (await (await fetch(health)).json()) as Health
      return pool === 0 && best === justified
    }
    const nonces = senders(scheme).map(({ accountId }) => accountIdToAddress(accountId))
    return await measure(node, toFrames('author_submitExtrinsic', transfers), isDone, (client) =>
      sum(nonces, (address) => client.call('system_accountNextIndex', [address])),
    )
  } finally {
    await node.end('SIGTERM')
    rmSync(basePath, { recursive: true })
  }
}

type Health = { readonly best: number; readonly justified: number; readonly pool: number }

/**
 * Anvil as it is fastest for this: zero base fee, no limit of gas, transactions in the order of
 * arrival, a block each second. All is done when its pool is empty; it writes nothing to the disk.
 */
export async function runAnvil(folder: string, transfers: readonly string[]): Promise<ChainRun> {
  const port = await freePort()
  const anvil = spawn(
    anvilPath(folder),
    ['--port', String(port), '--mnemonic', ANVIL_MNEMONIC, ...ANVIL_FLAGS],
    { stdio: 'ignore' },
  )
  const ended = once(anvil, 'exit')
  try {
    const rpcUrl = `ws://127.0.0.1:${port}`
    const node = { rpcUrl, pid: anvil.pid ?? 0 }
    await untilListening(rpcUrl)
    const control = await LoadClient.connect(rpcUrl)
    const accounts = (await control.call('eth_accounts', [])) as string[]
    const isDone = async (): Promise<boolean> => {
      const { pending, queued } = (await control.call('txpool_status', [])) as Record<
        string,
        string
      >
      return pending === '0x0' && queued === '0x0'
    }
    return await measure(node, toFrames('eth_sendRawTransaction', transfers), isDone, (client) =>
      sum(accounts, (address) => client.call('eth_getTransactionCount', [address, 'latest'])),
    )
  } finally {
    anvil.kill('SIGKILL')
    await ended
  }
}

async function measure(
  { rpcUrl, pid }: { readonly rpcUrl: string; readonly pid: number },
  frames: readonly string[],
  isDone: () => Promise<boolean>,
  countIncluded: (client: LoadClient) => Promise<number>,
): Promise<ChainRun> {
  const client = await LoadClient.connect(rpcUrl)
  const first = await runLoad(client, frames.slice(0, FIRST_TRANSFERS), isDone)
  const before = readProcessCpu(pid)
  const load = await runLoad(client, frames.slice(FIRST_TRANSFERS), isDone)
  const cpu = cpuBetween(before, readProcessCpu(pid))
  const included = await countIncluded(client)
  client.close()
  if (included !== frames.length) throw new Error(`${included} of ${frames.length} were included`)
  const perSecond = (TRANSFERS * 1_000) / load.elapsedMs
  return { ...load, cpu, perSecond, firstPerSecond: (FIRST_TRANSFERS * 1_000) / first.elapsedMs }
}

async function sum(
  accounts: readonly string[],
  nonceOf: (account: string) => Promise<unknown>,
): Promise<number> {
  let total = 0
  for (const account of accounts) total += Number(await nonceOf(account))
  return total
}

/** The program itself: the package's own command is a process around it. */
function anvilPath(folder: string): string {
  const cpu = { x64: 'amd64', arm64: 'arm64' }[process.arch as string]
  const name = `@foundry-rs/anvil-${process.platform}-${cpu ?? process.arch}`
  return join(folder, 'node_modules', name, 'bin', 'anvil')
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function untilListening(url: string): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt++) {
    const client = await LoadClient.connect(url).catch(() => undefined)
    if (client) return client.close()
    await setTimeout(25)
  }
  throw new Error('anvil does not listen')
}
