import { native } from '@tacit/crypto/native'
import { connect, followChain, type Chain } from '@tacit/sdk'

/** The option that every command with a node takes. */
export const RPC_OPTION: readonly [string, string, string] = [
  '--rpc <url>',
  'JSON-RPC of a node',
  'ws://127.0.0.1:9944',
]

/** Runs a step with a light client of the node's chain, and closes it. */
export async function withChain<T>(url: string, step: (chain: Chain) => Promise<T>): Promise<T> {
  const rpc = await connect(url)
  try {
    return await step(await followChain(rpc, { crypto: native }))
  } finally {
    rpc.close()
  }
}
