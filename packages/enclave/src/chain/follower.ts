import {
  bytesToHex,
  decode,
  err,
  ok,
  toHex,
  type Coded,
  type DecodeError,
  type Hash,
  type Result,
} from '@tacit/base'
import type { CryptoProvider } from '@tacit/crypto'
import {
  advance,
  grandpaJustification,
  headerCodec,
  startFromCheckpoint,
  type AdvanceError,
  type CheckpointError,
  type LightState,
} from '@tacit/light'
import { consensusStorage, type ChainClass, type State } from '@tacit/runtime'
import { verifyProof } from '@tacit/state'
import type { ChainView, Head } from './chain-view.ts'
import { readProven, type ProvenReadError, type ProvenValues } from './proven-state.ts'

/** Justified headers that an enclave remembers. */
const REMEMBERED = 1_024

/** Asks the untrusted host for the nodes that prove keys at a block. */
export type FetchProof = (
  hash: Hash,
  keys: readonly Uint8Array[],
) => Promise<Result<readonly Uint8Array[], Coded>>

export type StartError =
  | DecodeError
  | CheckpointError
  | ProvenReadError
  /** A production enclave serves no development chain. */
  | { readonly code: 'chain_class_refused' }

/** Follows a chain from its checkpoint through justified headers. */
export interface Follower extends ChainView {
  readonly chainClass: ChainClass
  /** SCALE header and GRANDPA justification. */
  advance(header: Uint8Array, justification: Uint8Array): Result<Head, AdvanceError | DecodeError>
}

/**
 * Starts at a genesis header.
 * @param expected the class that this enclave was built and started for.
 */
export async function startFollower(options: {
  readonly genesisHash: Hash
  readonly header: Uint8Array
  readonly proof: readonly Uint8Array[]
  readonly expected: ChainClass
  readonly crypto: CryptoProvider
  readonly fetchProof: FetchProof
}): Promise<Result<Follower, StartError>> {
  const { crypto, fetchProof } = options
  const header = decode(headerCodec, options.header)
  if (!header.ok) return header
  const checkpoint = { header: header.value, proof: options.proof }
  const started = startFromCheckpoint(options.genesisHash, checkpoint, crypto)
  if (!started.ok) return started
  const follower = follow(started.value, crypto, fetchProof)
  const read = await follower.read((state) => ({
    chainClass: consensusStorage.ChainClass.get(state),
  }))
  if (!read.ok) return read
  const { chainClass } = read.value
  // A development enclave may look at any chain; a production one serves production alone.
  const isFit = chainClass === 'production' || chainClass === options.expected
  if (chainClass === undefined || !isFit) return err({ code: 'chain_class_refused' })
  return ok({ ...follower, chainClass })
}

function follow(
  started: LightState,
  crypto: CryptoProvider,
  fetchProof: FetchProof,
): Omit<Follower, 'chainClass'> {
  const { hashes } = crypto
  let light = started
  const passed = new Map<number, Hash>([[light.head.number, light.head.hash]])

  const head = (): Head => ({
    number: light.head.number,
    hash: light.head.hash,
    stateRoot: light.head.header.stateRoot,
  })

  async function prove(
    at: Head,
    keys: readonly Uint8Array[],
  ): Promise<Result<ProvenValues, Coded>> {
    const proof = await fetchProof(at.hash, keys)
    if (!proof.ok) return proof
    const root = at.stateRoot
    const values = verifyProof({ root, proof: proof.value, keys, hash: hashes.blake2b256 })
    if (!values.ok) return values
    return ok(new Map(keys.map((key) => [toHex(key), values.value.get(bytesToHex(key))])))
  }

  return {
    genesis: light.genesisHash,
    hashes,
    head,
    hashAt: (number) => passed.get(number),
    read<T>(read: (state: State) => T) {
      const at = head()
      return readProven<T>(hashes, (keys) => prove(at, keys), read)
    },
    advance(headerBytes, justificationBytes) {
      const header = decode(headerCodec, headerBytes)
      if (!header.ok) return header
      const justification = decode(grandpaJustification, justificationBytes)
      if (!justification.ok) return justification
      const advanced = advance(light, header.value, justification.value, crypto)
      if (!advanced.ok) return advanced
      light = advanced.value
      passed.set(light.head.number, light.head.hash)
      const [oldest] = passed.keys()
      if (passed.size > REMEMBERED && oldest !== undefined) passed.delete(oldest)
      return ok(head())
    },
  }
}
