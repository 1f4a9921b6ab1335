import { devKeypair, type SignatureCheck } from '@tacit/crypto'
import { native } from '@tacit/crypto/native'
import { createRuntime } from '@tacit/runtime/runtime'
import { createApplication, type Application } from '../application.ts'
import type { ExecutedBlock } from '../executor.ts'
import { Pool, type PoolOptions } from '../pool/pool.ts'
import { Store } from '../storage/store.ts'
import { makeTempDir } from './temp-dir.ts'
import { TEST_SPEC } from './test-node.ts'

/** An application with its pool, and no engine but what a test makes of it. */
export type PoolNode = {
  readonly app: Application
  readonly pool: Pool
  /** Signatures that the main thread had to check. */
  readonly asked: SignatureCheck[]
  /** Makes the next block of what the pool offers. */
  readonly seal: () => Promise<ExecutedBlock>
  readonly end: () => Promise<void>
}

const runtime = createRuntime()
const GENESIS_MS = 1_800_000_000_000

export async function createPoolNode(
  options: Pick<PoolOptions, 'limits' | 'signatureThreads'>,
): Promise<PoolNode> {
  const asked: SignatureCheck[] = []
  const verify = (check: SignatureCheck): boolean => {
    asked.push(check)
    return native.verify(check)
  }
  const crypto = { ...native, verify }
  const directory = makeTempDir()
  const store = new Store(directory.path, { retention: 8 })
  const app = createApplication({ runtime, store, crypto, log: () => {} })
  await app.genesis(TEST_SPEC.genesis)
  const pool = new Pool({ app, runtime, crypto, log: () => {}, ...options })
  return {
    app,
    pool,
    asked,
    seal: async () => {
      const nowMs = BigInt(GENESIS_MS + 1_000 * app.head().number)
      const proposer = devKeypair('Alice', 'ed25519').publicKey
      const made = app.prepare({ nowMs, proposer, candidates: pool.candidates() })
      for (const { bytes, error } of made.refused) pool.onRefused(bytes, error)
      await app.commit(made.block)
      pool.onBlock(made.block, made.block.extrinsics)
      return made.block
    },
    end: async () => {
      await pool.stop()
      await store.close()
      directory.remove()
    },
  }
}
