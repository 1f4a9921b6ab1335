import { compactU32, hash256, struct, type Codec, type Hash } from '@tacit/base'
import { digest, type Digest } from '../pallets/system/types.ts'

/** sp_runtime::generic::Header; its BLAKE2b-256 is the block's hash. */
export type Header = {
  readonly parentHash: Hash
  readonly number: number
  readonly stateRoot: Hash
  readonly extrinsicsRoot: Hash
  readonly digest: Digest
}

export const headerCodec: Codec<Header> = struct({
  parentHash: hash256,
  number: compactU32,
  stateRoot: hash256,
  extrinsicsRoot: hash256,
  digest,
})
