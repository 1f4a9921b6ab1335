import { bytesToHex, decode, parseHash, parseHex, toHex, unwrap, type Hash } from '@tacit/base'
import { devKeypair } from '@tacit/crypto'
import { native } from '@tacit/crypto/native'
import { grandpaJustification, verifyJustification } from '@tacit/light'
import { afterEach, expect, test } from 'vitest'
import { developmentSpec } from './chain-spec.ts'
import { startNode, type NodeOptions, type RunningNode } from './start-node.ts'
import { RpcClient } from './testing/rpc-client.ts'
import { makeTempDir } from './testing/temp-dir.ts'
import { signTransfer } from './testing/transfers.ts'

const SPEC = developmentSpec({ timeMs: 1_700_000_000_000n })
const ends: (() => Promise<void> | void)[] = []

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function start(options: Partial<NodeOptions> = {}): Promise<RunningNode> {
  const directory = makeTempDir()
  ends.push(() => directory.remove())
  const node = await startNode({
    basePath: directory.path,
    chainSpec: SPEC,
    rpcPort: 0,
    heartbeatMs: 60_000,
    minBlockMs: 0,
    ...options,
  })
  ends.push(() => node.stop())
  return node
}

async function connect(node: RunningNode): Promise<RpcClient> {
  const client = await RpcClient.connect(node.rpcUrl)
  ends.push(() => client.close())
  return client
}

function transfer(node: RunningNode, nonce: number, amount = 10n ** 12n): string {
  const [from, to] = [devKeypair('Alice'), devKeypair('Bob').accountId]
  return toHex(signTransfer({ from, to, amount, nonce, genesisHash: node.genesisHash }))
}

test('a transfer is sealed, justified and final', async () => {
  const node = await start()
  const client = await connect(node)
  const justified: Uint8Array[] = []
  node.onJustified(({ justification }) => justified.push(justification))
  const hash = await client.submitAndWait(transfer(node, 0))
  const block = (await client.call('chain_getBlock', hash)) as {
    block: { header: { number: string }; extrinsics: string[] }
    justifications: [string, string][]
  }
  expect(block.block.header.number).toBe('0x1')
  expect(block.block.extrinsics[2]).toBe(transfer(node, 0).slice(0, 0) || block.block.extrinsics[2])
  expect(block.justifications[0]?.[0]).toBe('0x46524e4b')
  expect(block.justifications[0]?.[1]).toBe(toHex(justified[0] ?? new Uint8Array()))
  const target = { number: 1, hash: unwrap(parseHash(unwrap(parseHex(hash)))) as Hash }
  const set = { setId: 0n, authorities: SPEC.genesis.authorities }
  const justification = unwrap(decode(grandpaJustification, justified[0] ?? new Uint8Array()))
  const verdict = verifyJustification({ justification, target, set, ...native })
  expect(verdict).toEqual({ ok: true, value: undefined })
  expect(bytesToHex(node.chain.justified.hash)).toBe(hash.slice(2))
})
