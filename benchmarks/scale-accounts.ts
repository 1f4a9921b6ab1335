import { encode, u32, type AccountId } from '@tacit/base'
import { native } from '@tacit/crypto/native'
import { developmentSpec, type ChainSpec } from '../packages/node/src/chain-spec.ts'

/** The chain whose genesis gets the accounts. */
export const SCALE_SPEC: ChainSpec = developmentSpec({ timeMs: 1_700_000_000_000n })

/** The account of a number; nobody has its key. */
export function scaleAccount(index: number): AccountId {
  return native.hashes.blake2b256(encode(u32, index)) as AccountId
}
