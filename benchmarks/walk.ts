import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { devKeypair } from '@tacit/crypto'
import {
  sendCommand,
  deployContract,
  untilCommitted,
  untilContractLive,
  uploadCode,
} from '@tacit/sdk'
import { startDevNetwork } from '../apps/cli/src/dev/network.ts'
import { median, type BenchResult } from './result.ts'

const RUNS = 5
const TRADERS = ['Alice', 'Bob', 'Charlie', 'Dave', 'Eve', 'Ferdie']
const COMMANDS_EACH = 16
const MAIN = join(import.meta.dirname, '../apps/cli/src/main.ts')

/**
 * The walk has no peer that does the same. `receipt`: milliseconds from process start to the
 * verified receipt, everything included, a fresh process each time. `commands`: sealed commands of
 * six senders, one after the other each, from the first submission to the last justified commit.
 */
export async function benchWalk(): Promise<BenchResult> {
  const receipts: number[] = []
  for (let run = 0; run < RUNS; run++) receipts.push(await timeToReceipt())
  const commands = await commandsPerSecond()
  return {
    bench: 'walk',
    cases: [
      { name: 'receipt', unit: 'ms', ours: median(receipts), ratio: {} },
      { name: 'commands', unit: 'commands/s', ours: commands, ratio: {} },
    ],
  }
}

function timeToReceipt(): Promise<number> {
  const args = [MAIN, 'dev', '--once', '--json', '--rpc-port', '0', '--page-port', '0']
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
  return new Promise((resolve, reject) => {
    child.once('close', (code) => {
      if (code !== 0) return reject(new Error(`tacit dev ended with ${code}`))
      resolve((JSON.parse(text) as { elapsedMs: number }).elapsedMs)
    })
  })
}

async function commandsPerSecond(): Promise<number> {
  const network = await startDevNetwork({ rpcPort: 0, log: () => {} }, { step: () => {} })
  try {
    const { chain, workerSlot, poolCode } = network
    const owner = devKeypair('Alice')
    const codeHash = await uploadCode(chain, owner, await poolCode)
    const contract = await deployContract(chain, owner, { codeHash, slot: workerSlot })
    await untilContractLive(chain, contract)
    const input = { side: 'buy', limit: '1', quantity: '1' }
    const startedAt = performance.now()
    await Promise.all(
      TRADERS.map(async (name) => {
        const sender = devKeypair(name)
        for (let sent = 0; sent < COMMANDS_EACH; sent++) {
          const { sequence } = await sendCommand(chain, sender, {
            contract,
            method: 'place',
            input,
          })
          if (sent === COMMANDS_EACH - 1) await untilCommitted(chain, contract, sequence)
        }
      }),
    )
    return (TRADERS.length * COMMANDS_EACH) / ((performance.now() - startedAt) / 1_000)
  } finally {
    await network.stop()
  }
}
