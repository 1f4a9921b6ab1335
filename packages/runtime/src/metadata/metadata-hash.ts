import {
  concatBytes,
  encode,
  fixedBytes,
  SS58_PREFIX,
  str,
  struct,
  u16,
  u32,
  u8,
  variant,
  vec,
} from '@tacit/base'
import type { Hashes } from '@tacit/crypto'
import type { Composition } from '../framework/composition.ts'
import { SPEC_NAME, SPEC_VERSION, TOKEN_DECIMALS, TOKEN_SYMBOL } from '../version.ts'
import { describeForSigners, type SignedParts } from './encode.ts'
import { typeLeaf, typeRef } from './type-leaf.ts'
import { createTypeTree, type TypeTree } from './type-tree.ts'

type Blake3 = Pick<Hashes, 'blake3'>

const extrinsicMetadata = struct({
  version: u8,
  address: typeRef,
  call: typeRef,
  signature: typeRef,
  signedExtensions: vec(struct({ identifier: str, included: typeRef, additional: typeRef })),
})

const metadataDigest = variant({
  V1: [
    1,
    struct({
      typesTreeRoot: fixedBytes(32),
      extrinsicMetadataHash: fixedBytes(32),
      specVersion: u32,
      specName: str,
      base58Prefix: u16,
      decimals: u8,
      tokenSymbol: str,
    }),
  ],
})

/** What signers show beside the types. */
export type ChainInfo = {
  readonly specVersion: number
  readonly specName: string
  /** SS58 prefix of addresses. */
  readonly base58Prefix: number
  readonly decimals: number
  readonly tokenSymbol: string
}

const CHAIN: ChainInfo = {
  specVersion: SPEC_VERSION,
  specName: SPEC_NAME,
  base58Prefix: SS58_PREFIX,
  decimals: TOKEN_DECIMALS,
  tokenSymbol: TOKEN_SYMBOL,
}

const known = new WeakMap<Composition, Uint8Array>()

/**
 * The hash by which signers name the metadata that they showed their owner; a signature may cover
 * it (CheckMetadataHash). It is made once for each composition, in some tenths of a second.
 * Source: RFC-78, "Merkleized Metadata".
 * @returns 32 bytes.
 */
export function metadataHash(composition: Composition, hashes: Blake3): Uint8Array {
  const made =
    known.get(composition) ?? hashMetadata(describeForSigners(composition), CHAIN, hashes)
  known.set(composition, made)
  return made
}

/** The same of any chain's metadata. */
export function hashMetadata(
  { lookup, extrinsic }: SignedParts,
  chain: ChainInfo,
  { blake3 }: Blake3,
): Uint8Array {
  const { address, call, signature, signedExtensions } = extrinsic
  const ofExtensions = signedExtensions.flatMap((one) => [one.type, one.additionalSigned])
  const tree = createTypeTree(lookup, [address, call, signature, ...ofExtensions])
  const leaves = tree.leaves.map((leaf) => blake3(encode(typeLeaf, leaf)))
  const typesTreeRoot = treeRoot(leaves, blake3)
  const extrinsicMetadataHash = blake3(encodeExtrinsicMetadata(extrinsic, tree))
  const value = { typesTreeRoot, extrinsicMetadataHash, ...chain }
  return blake3(encode(metadataDigest, { type: 'V1', value }))
}

function encodeExtrinsicMetadata(
  { version, address, call, signature, signedExtensions }: SignedParts['extrinsic'],
  { refer }: TypeTree,
): Uint8Array {
  return encode(extrinsicMetadata, {
    version,
    address: refer(address),
    call: refer(call),
    signature: refer(signature),
    signedExtensions: signedExtensions.map(({ identifier, type, additionalSigned }) => ({
      identifier,
      included: refer(type),
      additional: refer(additionalSigned),
    })),
  })
}

/** Root of a complete binary tree: node n is over nodes 2n + 1 and 2n + 2, and leaves come last. */
function treeRoot(leaves: readonly Uint8Array[], blake3: Hashes['blake3']): Uint8Array {
  const inner = leaves.length - 1
  const node = (at: number): Uint8Array =>
    at < inner
      ? blake3(concatBytes(node(2 * at + 1), node(2 * at + 2)))
      : (leaves[at - inner] ?? new Uint8Array(32))
  return node(0)
}
