import {
  bytesToHex,
  decode,
  encode,
  equalBytes,
  err,
  ok,
  type AccountId,
  type DecodeError,
  type Result,
} from '@tacit/base'
import { aeadOpen, aeadSeal, type CryptoProvider } from '@tacit/crypto'
import {
  frameAad,
  frameNonce,
  pad,
  queryRequest,
  queryResponse,
  sessionAuthMessage,
  sessionFrame,
  signedServerHello,
  unpad,
  type ClientHello,
  type QueryRequest,
  type QueryResponse,
} from '@tacit/runtime'
import type { InstanceKeys, Random } from '../keys.ts'
import { answerHello, type HelloError, type ServerFacts, type SessionKeys } from './handshake.ts'
import { createReplayWindow, type ReplayWindow } from './replay-window.ts'

/** Sessions that are open at once; beyond it the one longest unused ends. */
export const MAX_SESSIONS = 1_024

export type FrameRefusal =
  | DecodeError
  /** Never opened, or ended because others were used more recently. */
  | { readonly code: 'session_unknown' }
  /** Its counter was used before or is too far behind. */
  | { readonly code: 'frame_replayed' }
  /** Sealed with another key, or damaged. */
  | { readonly code: 'frame_open_failed' }
  /** It opened, but what is inside is not a padded request. */
  | { readonly code: 'request_malformed' }
  | { readonly code: 'caller_signature_invalid' }
  /** The session was opened by another account. */
  | { readonly code: 'caller_changed' }

/** A request of an open session, with who makes it. */
export interface SessionQuery {
  readonly contract: AccountId
  /** Undefined where no account has signed the session. */
  readonly caller: AccountId | undefined
  readonly method: string
  readonly input: Uint8Array
}

/** Answers one query; failures are answers too, with their code. */
export type AnswerQuery = (query: SessionQuery) => Promise<QueryResponse>

export interface Sessions {
  /** @returns SCALE(SignedServerHello). */
  open(client: ClientHello, facts: ServerFacts): Result<Uint8Array, HelloError>
  /** SCALE(SessionFrame) to SCALE(SessionFrame). */
  frame(frame: Uint8Array): Promise<Result<Uint8Array, FrameRefusal>>
  readonly count: number
}

interface Session {
  readonly id: Uint8Array
  readonly contract: AccountId
  readonly keys: SessionKeys
  readonly window: ReplayWindow
  caller: AccountId | undefined
}

/** The attested sessions of one instance. */
export function createSessions(options: {
  readonly crypto: CryptoProvider
  readonly instance: InstanceKeys
  readonly random: Random
  readonly answer: AnswerQuery
}): Sessions {
  const { crypto, instance, random, answer } = options
  /** In the order of last use: a Map keeps the order of insertion. */
  const sessions = new Map<string, Session>()

  function touch(session: Session): void {
    const name = bytesToHex(session.id)
    sessions.delete(name)
    sessions.set(name, session)
    const [oldest] = sessions.keys()
    if (sessions.size > MAX_SESSIONS && oldest !== undefined) sessions.delete(oldest)
  }

  function open(client: ClientHello, facts: ServerFacts): Result<Uint8Array, HelloError> {
    const shaken = answerHello(crypto.hashes, client, facts, instance, random)
    if (!shaken.ok) return shaken
    const { hello, signature, keys } = shaken.value
    const contract = client.contract.slice() as AccountId
    touch({ id: hello.session, contract, keys, window: createReplayWindow(), caller: undefined })
    return ok(encode(signedServerHello, { hello, signature }))
  }

  async function frame(bytes: Uint8Array): Promise<Result<Uint8Array, FrameRefusal>> {
    const parsed = decode(sessionFrame, bytes)
    if (!parsed.ok) return parsed
    const { counter, ciphertext } = parsed.value
    const session = sessions.get(bytesToHex(parsed.value.session))
    if (session === undefined) return err({ code: 'session_unknown' })
    if (!session.window.isFresh(counter)) return err({ code: 'frame_replayed' })
    const nonce = frameNonce(counter)
    const aad = frameAad(session.id, counter)
    const opened = aeadOpen({ key: session.keys.toServer, nonce, aad, ciphertext })
    if (!opened.ok) return err({ code: 'frame_open_failed' })
    session.window.mark(counter)
    touch(session)
    const request = readRequest(opened.value)
    if (!request.ok) return request
    const known = authenticate(crypto, session, request.value.caller)
    if (!known.ok) return known
    const { contract, caller } = session
    const { method, input } = request.value
    const plaintext = padded(await answer({ contract, caller, method, input }))
    const sealed = aeadSeal({ key: session.keys.toClient, nonce, aad, plaintext })
    return ok(encode(sessionFrame, { session: session.id, counter, ciphertext: sealed }))
  }

  return {
    open,
    frame,
    get count() {
      return sessions.size
    },
  }
}

function readRequest(plaintext: Uint8Array): Result<QueryRequest, FrameRefusal> {
  const content = unpad(plaintext)
  if (!content.ok) return err({ code: 'request_malformed' })
  const request = decode(queryRequest, content.value)
  return request.ok ? request : err({ code: 'request_malformed' })
}

const SCHEMES = { Sr25519: 'sr25519', Ed25519: 'ed25519', Ecdsa: 'ecdsa' } as const

/** An account speaks once it has signed the transcript; a session belongs to one account. */
function authenticate(
  crypto: CryptoProvider,
  session: Session,
  caller: QueryRequest['caller'],
): Result<void, FrameRefusal> {
  if (caller === undefined) return ok()
  const { account, signature } = caller
  if (session.caller !== undefined) {
    return equalBytes(session.caller, account) ? ok() : err({ code: 'caller_changed' })
  }
  const isSigned = crypto.verify({
    scheme: SCHEMES[signature.type],
    publicKey: account,
    message: sessionAuthMessage(session.keys.transcriptHash),
    signature: signature.value,
  })
  if (!isSigned) return err({ code: 'caller_signature_invalid' })
  session.caller = account.slice() as AccountId
  return ok()
}

function padded(response: QueryResponse): Uint8Array {
  const bytes = pad(encode(queryResponse, response))
  if (bytes.ok) return bytes.value
  return padded({ ...response, code: 'output_too_large', output: new Uint8Array() })
}
