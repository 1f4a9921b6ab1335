import type { Hash } from '@tacit/base'
import { portable } from '@tacit/crypto/portable'
import { connect, followChain, type Chain } from '@tacit/sdk'

const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 15_000

/** Told of every change of the connection. */
export type Watcher = {
  onConnecting(): void
  onLive(chain: Chain): void
  /** The node went away or misbehaved; the next attempt comes after waitMs. */
  onLost(error: unknown, waitMs: number): void
}

export type FollowDeps = {
  readonly open: () => Promise<Chain>
  readonly wait: (ms: number) => Promise<void>
}

/** Follows a chain for good: connects, and after a loss connects again, ever less often. */
export async function follow(
  watcher: Watcher,
  { open, wait }: FollowDeps,
  isWanted: () => boolean = () => true,
): Promise<void> {
  let waitMs = FIRST_WAIT_MS
  while (isWanted()) {
    watcher.onConnecting()
    let chain: Chain | undefined
    try {
      chain = await open()
      waitMs = FIRST_WAIT_MS
      watcher.onLive(chain)
      // No block passes this test: it ends with the connection or with a proof that fails.
      await chain.untilJustified(() => false)
    } catch (error) {
      chain?.close()
      watcher.onLost(error, waitMs)
      await wait(waitMs)
      waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)
    }
  }
}

/** Starts a light client in the browser that insists on the chain of a genesis hash. */
export async function openChain(rpcUrl: string, genesisHash: Hash): Promise<Chain> {
  const rpc = await connect(rpcUrl)
  try {
    return await followChain(rpc, { crypto: portable, genesisHash })
  } catch (error) {
    rpc.close()
    throw error
  }
}
