import { equalBytes, err, ok, type Hash, type Result } from '@tacit/base'
import { hkdfSha256, hpkeGenerateKeypair, x25519, type Hashes } from '@tacit/crypto'
import {
  SESSION_KEYS_BYTES,
  SESSION_SUITE,
  SESSION_VERSION,
  sessionKeysInfo,
  sessionTranscript,
  type ClientHello,
  type ServerHello,
} from '@tacit/runtime'
import type { InstanceKeys, Random } from '../keys.ts'
import type { Head } from '../chain/chain-view.ts'

export type HelloError =
  | { readonly code: 'session_version_unknown' }
  | { readonly code: 'session_suite_unknown' }
  | { readonly code: 'genesis_wrong' }
  /** The client has seen a justified head that this enclave has not reached yet. */
  | { readonly code: 'head_unknown'; readonly headNumber: number }
  /** Client and enclave follow different chains. */
  | { readonly code: 'head_conflict'; readonly headNumber: number }
  /** The client's key is no usable X25519 point. */
  | { readonly code: 'client_key_invalid' }

/** What a server says of itself in a hello. */
export interface ServerFacts {
  readonly genesis: Hash
  readonly evidenceHash: Hash
  readonly head: Head
  /** Hash of a justified header on the way to the head, where still remembered. */
  hashAt(number: number): Hash | undefined
  /** Committed root of the contract at the head. */
  readonly root: Hash
}

/** Seals one direction each; 32 bytes. */
export interface SessionKeys {
  readonly toServer: Uint8Array
  readonly toClient: Uint8Array
  /** BLAKE2b-256 of everything both sides said; an account signs it to speak. */
  readonly transcriptHash: Uint8Array
}

export interface Handshake {
  readonly hello: ServerHello
  /** ed25519, of the instance, over the transcript. */
  readonly signature: Uint8Array
  readonly keys: SessionKeys
}

/** Answers a client's hello. The secret of the fresh server key is gone when this returns. */
export function answerHello(
  hashes: Hashes,
  client: ClientHello,
  facts: ServerFacts,
  instance: InstanceKeys,
  random: Random,
): Result<Handshake, HelloError> {
  const refused = checkHello(client, facts)
  if (refused !== undefined) return err(refused)
  const fresh = hpkeGenerateKeypair(random(32))
  const shared = x25519(fresh.privateKey, client.clientKey)
  if (!shared.ok) return err({ code: 'client_key_invalid' })
  const hello: ServerHello = {
    session: random(16),
    serverKey: fresh.publicKey,
    instance: instance.signing.publicKey,
    evidenceHash: facts.evidenceHash,
    headNumber: facts.head.number,
    headHash: facts.head.hash,
    root: facts.root,
  }
  const transcript = sessionTranscript(client, hello)
  return ok({
    hello,
    signature: instance.signing.sign(transcript),
    keys: deriveSessionKeys(shared.value, hashes.blake2b256(transcript)),
  })
}

export function deriveSessionKeys(shared: Uint8Array, transcriptHash: Uint8Array): SessionKeys {
  const keys = hkdfSha256(shared, transcriptHash, sessionKeysInfo(), SESSION_KEYS_BYTES)
  return { toServer: keys.subarray(0, 32), toClient: keys.subarray(32), transcriptHash }
}

/** Why a hello cannot be answered here, as far as that shows without its contract. */
export function checkHello(
  client: ClientHello,
  facts: Pick<ServerFacts, 'genesis' | 'head' | 'hashAt'>,
): HelloError | undefined {
  if (client.version !== SESSION_VERSION) return { code: 'session_version_unknown' }
  if (client.suite !== SESSION_SUITE) return { code: 'session_suite_unknown' }
  if (!equalBytes(client.genesis, facts.genesis)) return { code: 'genesis_wrong' }
  const { number, hash } = facts.head
  if (client.headNumber > number) return { code: 'head_unknown', headNumber: number }
  const known = client.headNumber === number ? hash : facts.hashAt(client.headNumber)
  const isConflict = known !== undefined && !equalBytes(known, client.headHash)
  return isConflict ? { code: 'head_conflict', headNumber: client.headNumber } : undefined
}
