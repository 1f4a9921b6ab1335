import { InvariantError, type Hash } from '@tacit/base'
import type { ValidateContext } from '../framework/context.ts'
import { systemStorage } from './system/types.ts'

/** The hash of this chain's genesis block; the pool asks before block 1 has noted it. */
export function genesisHash({ state, block }: Pick<ValidateContext, 'state' | 'block'>): Hash {
  if (block.number === 1) return block.parentHash
  const hash = systemStorage.BlockHash.get(state, 0)
  if (hash === undefined) throw new InvariantError('the genesis hash is not in state')
  return hash
}
