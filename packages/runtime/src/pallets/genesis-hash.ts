import { InvariantError, type Hash } from '@tacit/base'
import type { State } from '../framework/state.ts'
import { systemStorage } from './system/types.ts'

/** The hash of this chain's genesis block, known from block 1 on. */
export function genesisHash(state: State): Hash {
  const hash = systemStorage.BlockHash.get(state, 0)
  if (hash === undefined) throw new InvariantError('the genesis hash is not in state')
  return hash
}
