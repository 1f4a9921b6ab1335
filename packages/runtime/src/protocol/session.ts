import {
  accountId,
  boundedBytes,
  boundedStr,
  encode,
  fixedBytes,
  hash256,
  inDomain,
  option,
  struct,
  u32,
  u64,
  u8,
  type Codec,
  type AccountId,
  type Hash,
} from '@tacit/base'
import { multiSignature, type MultiSignature } from './signature.ts'

/** X25519, HKDF-SHA256, AES-256-GCM, ed25519. */
export const SESSION_SUITE = 1
export const SESSION_VERSION = 1
/** Bytes of a query's input or answer. */
export const MAX_QUERY_BYTES = 60_000

/** First message of a session: the client's fresh key, nonce and own justified head. */
export type ClientHello = {
  readonly version: number
  readonly suite: number
  readonly genesis: Hash
  readonly contract: AccountId
  readonly clientKey: Uint8Array
  readonly nonce: Uint8Array
  readonly headNumber: number
  readonly headHash: Hash
}

export const clientHello: Codec<ClientHello> = struct({
  version: u8,
  suite: u8,
  genesis: hash256,
  contract: accountId,
  clientKey: fixedBytes(32),
  nonce: fixedBytes(32),
  headNumber: u32,
  headHash: hash256,
})

/** The answer, signed by the instance: its fresh key, what it is, and how far it has come. */
export type ServerHello = {
  readonly session: Uint8Array
  readonly serverKey: Uint8Array
  readonly instance: Uint8Array
  readonly evidenceHash: Hash
  /** Justified head that the instance follows, not below the client's. */
  readonly headNumber: number
  readonly headHash: Hash
  /** Committed root of the contract at that head. */
  readonly root: Hash
}

export const serverHello: Codec<ServerHello> = struct({
  session: fixedBytes(16),
  serverKey: fixedBytes(32),
  instance: fixedBytes(32),
  evidenceHash: hash256,
  headNumber: u32,
  headHash: hash256,
  root: hash256,
})

/** The answer on the wire. */
export type SignedServerHello = {
  readonly hello: ServerHello
  readonly signature: Uint8Array
}

export const signedServerHello: Codec<SignedServerHello> = struct({
  hello: serverHello,
  signature: fixedBytes(64),
})

/** Everything both sides have said; signed by the instance, and the salt of the keys. */
export function sessionTranscript(client: ClientHello, server: ServerHello): Uint8Array {
  return inDomain('session', encode(clientHello, client), encode(serverHello, server))
}

/**
 * Bytes of key material of a session: HKDF-SHA256 with the X25519 secret of both fresh keys as
 * input, the transcript's BLAKE2b-256 as salt and sessionKeysInfo() as info. The first 32 bytes
 * seal the client's frames, the last 32 the server's.
 */
export const SESSION_KEYS_BYTES = 64

export function sessionKeysInfo(): Uint8Array {
  return inDomain('sessionKeys')
}

/** AES-256-GCM nonce of a frame: four zeros, then its counter (u64 LE). */
export function frameNonce(counter: bigint): Uint8Array {
  const nonce = new Uint8Array(12)
  new DataView(nonce.buffer).setBigUint64(4, counter, true)
  return nonce
}

/** AES-256-GCM aad of a frame: it opens in its session and at its place alone. */
export function frameAad(session: Uint8Array, counter: bigint): Uint8Array {
  return encode(framePlace, { session, counter })
}

type FramePlace = { readonly session: Uint8Array; readonly counter: bigint }

const framePlace: Codec<FramePlace> = struct({ session: fixedBytes(16), counter: u64 })

/** What an account signs, over the transcript's BLAKE2b-256, to speak in a session. */
export function sessionAuthMessage(transcriptHash: Uint8Array): Uint8Array {
  return inDomain('sessionAuth', transcriptHash)
}

/** A sealed request, or the answer to the request of the same counter; counters start at 0. */
export type SessionFrame = {
  readonly session: Uint8Array
  readonly counter: bigint
  readonly ciphertext: Uint8Array
}

export const sessionFrame: Codec<SessionFrame> = struct({
  session: fixedBytes(16),
  counter: u64,
  ciphertext: boundedBytes(65_552),
})

/** Content of a request frame, padded to a size class. */
export type QueryRequest = {
  /** Proves the caller once; the session remembers it. */
  readonly caller:
    | {
        readonly account: AccountId
        readonly signature: MultiSignature
      }
    | undefined
  readonly method: string
  readonly input: Uint8Array
}

export const queryRequest: Codec<QueryRequest> = struct({
  caller: option(struct({ account: accountId, signature: multiSignature })),
  method: boundedStr(64),
  input: boundedBytes(MAX_QUERY_BYTES),
})

/** Content of an answer frame, padded to a size class. */
export type QueryResponse = {
  /** `ok`, or the code of the failure. */
  readonly code: string
  readonly output: Uint8Array
  readonly gasUsed: bigint
  /** Justified head and contract root that the answer was computed at. */
  readonly headNumber: number
  readonly root: Hash
  /** Commands that this root has taken in. */
  readonly processed: bigint
}

export const queryResponse: Codec<QueryResponse> = struct({
  code: boundedStr(64),
  output: boundedBytes(MAX_QUERY_BYTES),
  gasUsed: u64,
  headNumber: u32,
  root: hash256,
  processed: u64,
})
