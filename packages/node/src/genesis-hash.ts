import type { Hash } from '@tacit/base'
import { native } from '@tacit/crypto/native'
import { createRuntime } from '@tacit/runtime/runtime'
import type { ChainSpec } from './chain-spec.ts'
import { createExecutor } from './executor.ts'

/** The hash of the block that a specification begins with. */
export function genesisHashOf({ genesis }: ChainSpec): Hash {
  const executor = createExecutor({ runtime: createRuntime(), crypto: native, log: () => {} })
  return executor.genesis(genesis).hash
}
