import { toHex } from '@tacit/base'
import { devKeypair } from '@tacit/crypto'
import { developmentSpec, type ChainSpec } from '../chain-spec.ts'
import { startNode, type NodeOptions, type RunningNode } from '../start-node.ts'
import { RpcClient } from './rpc-client.ts'
import { makeTempDir } from './temp-dir.ts'
import { signTransfer } from './transfers.ts'

export const TEST_SPEC: ChainSpec = developmentSpec({ timeMs: 1_700_000_000_000n })

/** Nodes and clients that end with a test. */
export type TestBench = {
  start(options?: Partial<NodeOptions>): Promise<RunningNode>
  connect(node: RunningNode): Promise<RpcClient>
  end(): Promise<void>
}

export function createBench(): TestBench {
  const ends: (() => Promise<void> | void)[] = []
  return {
    start: async (options = {}) => {
      const directory = makeTempDir()
      ends.push(() => directory.remove())
      const node = await startNode({
        basePath: directory.path,
        chainSpec: TEST_SPEC,
        rpcPort: 0,
        heartbeatMs: 60_000,
        minBlockMs: 0,
        rpcThread: 'none',
        signatureThreads: 0,
        ...options,
      })
      ends.push(() => node.stop())
      return node
    },
    connect: async (node) => {
      const client = await RpcClient.connect(node.rpcUrl)
      ends.push(() => client.close())
      return client
    },
    end: async () => {
      for (const end of ends.splice(0).reverse()) await end()
    },
  }
}

/** A transfer from Alice to Bob in hex; one PHA unless said otherwise. */
export function transferHex(
  node: Pick<RunningNode, 'genesisHash'>,
  nonce: number,
  options: { readonly amount?: bigint; readonly tip?: bigint; readonly from?: string } = {},
): string {
  const { amount = 10n ** 12n, tip = 0n, from = 'Alice' } = options
  const { genesisHash } = node
  const to = devKeypair('Bob').accountId
  return toHex(signTransfer({ from: devKeypair(from), to, amount, tip, nonce, genesisHash }))
}
