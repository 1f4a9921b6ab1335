import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { toHex } from '@tacit/base'
import { devKeypair } from '@tacit/crypto'
import { deployContract, untilContractLive, uploadCode } from '@tacit/sdk'
import { startDevNetwork, type DevNetwork } from '../src/dev/network.ts'

const PACKAGES = join(import.meta.dirname, '../../../packages')

let network: DevNetwork

beforeAll(async () => {
  network = await startDevNetwork({ rpcPort: 0, log: () => {} }, { step: () => {} })
})
afterAll(() => network.stop())

/** Runs a README's code as a module of its package, with values that it leaves to the reader. */
async function runReadme(
  name: string,
  values: Readonly<Record<string, unknown>>,
  change: (code: string) => string,
): Promise<readonly unknown[]> {
  const readme = readFileSync(join(PACKAGES, name, 'README.md'), 'utf8')
  const code = /```ts\n([^]+?)```/.exec(readme)?.[1] ?? ''
  const dist = join(PACKAGES, name, 'dist')
  mkdirSync(dist, { recursive: true })
  const folder = mkdtempSync(join(dist, 'readme-'))
  const given = Object.keys(values).map((key) => `const ${key} = globalThis.readme.${key}\n`)
  writeFileSync(join(folder, 'example.ts'), given.join('') + change(code))
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  try {
    Object.assign(globalThis, { readme: values })
    await import(join(folder, 'example.ts'))
    return log.mock.calls.flat()
  } finally {
    log.mockRestore()
    rmSync(folder, { recursive: true })
  }
}

it("the SDK's README places an order and reads it back", async () => {
  const { chain, workerSlot, poolCode } = network
  const owner = devKeypair('Alice')
  const codeHash = await uploadCode(chain, owner, await poolCode)
  const contract = await deployContract(chain, owner, { codeHash, slot: workerSlot })
  await untilContractLive(chain, contract)
  const values = { genesisHash: chain.genesisHash, contract }
  const shown = await runReadme('sdk', values, (code) =>
    code.replace('ws://127.0.0.1:9944', network.node.rpcUrl),
  )
  expect(shown).toEqual([
    { fills: [], open: [expect.objectContaining({ side: 'buy', limit: '105', quantity: '10' })] },
  ])
})

it("the worker's README registers an enclave and stops it", async () => {
  const td = { quote: askPlatform }
  const shown = await runReadme('worker', { td }, (code) =>
    code
      .replace('ws://127.0.0.1:9944', network.node.rpcUrl)
      .replaceAll('/tmp/', `${network.directory}/readme-`),
  )
  expect(shown).toEqual([expect.stringMatching(/^http:\/\/127/), expect.any(Uint8Array)])
})

/** Asks the network's own software platform, as an enclave would. */
async function askPlatform(reportData: Uint8Array): Promise<Uint8Array> {
  const socket = createConnection(join(network.directory, 'contracts.sock'))
  socket.write(`${JSON.stringify({ reportData: toHex(reportData) })}\n`)
  let text = ''
  while (!text.endsWith('\n')) text += String((await once(socket, 'data'))[0])
  socket.destroy()
  return new Uint8Array(Buffer.from((JSON.parse(text) as { quote: string }).quote.slice(2), 'hex'))
}
