import { decode, encode, equalBytes, parseUtf8, utf8, type AccountId, type Hash } from '@tacit/base'
import {
  aeadOpen,
  aeadSeal,
  hkdfSha256,
  x25519,
  x25519PublicKey,
  type Keypair,
} from '@tacit/crypto'
import type { JustifiedHead } from '@tacit/light'
import {
  clientHello,
  frameAad,
  frameNonce,
  pad,
  queryRequest,
  queryResponse,
  SESSION_KEYS_BYTES,
  SESSION_SUITE,
  SESSION_VERSION,
  sessionAuthMessage,
  sessionFrame,
  sessionKeysInfo,
  sessionTranscript,
  signedServerHello,
  timestampStorage,
  unpad,
  type ClientHello,
  type QueryResponse,
  type ServerHello,
} from '@tacit/runtime'
import type { Chain, JustifiedBlock } from './chain.ts'
import { checkServing } from './check-serving.ts'
import { TacitError } from './errors.ts'
import { post } from './http.ts'
import { toMultiSignature } from './multi-signature.ts'
import { readContract, readServingInstance } from './workers.ts'

/** The answer to a query, and what it was computed at. */
export type QueryAnswer = {
  /** JSON value that the contract returned. */
  readonly output: unknown
  readonly gasUsed: bigint
  /** Justified height, contract root, and commands that the root has taken in. */
  readonly height: number
  readonly root: Hash
  readonly processed: bigint
  readonly roundTripMs: number
}

/** An attested, encrypted channel to the enclave that serves a contract. */
export type Session = {
  readonly contract: AccountId
  /** ed25519 key of the enclave's instance, registered on the chain with its evidence. */
  readonly instance: Uint8Array
  /**
   * Asks a query.
   * @throws TacitError with the contract's or the enclave's own code.
   */
  query(method: string, input?: unknown): Promise<QueryAnswer>
}

export type OpenSessionOptions = {
  readonly contract: AccountId
  /** Speaks as this account; without it, as nobody. */
  readonly account?: Keypair
  /** Seconds that the newest justified block may be old by this machine's clock; default 600. */
  readonly maxHeadAgeS?: number
}

const MAX_HEAD_AGE_S = 600
/** How long the own node may take to show the block at which the enclave stands. */
const HEAD_PATIENCE_MS = 15_000

type Secrets = {
  readonly toServer: Uint8Array
  readonly toClient: Uint8Array
  readonly transcriptHash: Uint8Array
}

/**
 * Opens a session in one round trip. The enclave signs both fresh keys, the client's nonce and its
 * own justified head with the key that the chain registered for it; a clone, a forked worker or
 * one that lags behind the client's head cannot answer. That head must be one that this client
 * finds justified too, with the very root that the enclave names.
 * @throws TacitError `contract_unknown`, `worker_unknown`, `instance_not_serving`,
 *   `instance_refused`, `session_forged`, `session_stale`, `chain_time_ahead`, `worker_unreachable`,
 *   or the worker's own code.
 */
export async function openSession(chain: Chain, options: OpenSessionOptions): Promise<Session> {
  const head = chain.head()
  const serving = await readServingInstance(chain, options.contract, head)
  checkServing({
    record: serving.record,
    chainClass: chain.chainClass,
    chainTimeMs: (await chain.read(timestampStorage.Now, [], head)) ?? 0n,
    now: Math.floor(Date.now() / 1_000),
    maxHeadAgeS: options.maxHeadAgeS ?? MAX_HEAD_AGE_S,
  })
  const privateKey = crypto.getRandomValues(new Uint8Array(32))
  const hello = helloFor(chain, head, options.contract, privateKey)
  const reply = await post(`${serving.endpoint}/v1/session`, encode(clientHello, hello))
  const parsed = decode(signedServerHello, reply)
  if (!parsed.ok) throw forged('its answer is malformed')
  const server = parsed.value.hello
  checkServer(chain, hello, server, parsed.value.signature, serving)
  await checkPlace(chain, head, options.contract, server)
  const secrets = deriveSecrets(chain, privateKey, hello, server)
  return createSession(options, serving.endpoint, server, secrets)
}

function helloFor(
  chain: Chain,
  head: JustifiedHead,
  contract: AccountId,
  privateKey: Uint8Array,
): ClientHello {
  return {
    version: SESSION_VERSION,
    suite: SESSION_SUITE,
    genesis: chain.genesisHash,
    contract,
    clientKey: x25519PublicKey(privateKey),
    nonce: crypto.getRandomValues(new Uint8Array(32)),
    headNumber: head.number,
    headHash: head.hash,
  }
}

function checkServer(
  chain: Chain,
  hello: ClientHello,
  server: ServerHello,
  signature: Uint8Array,
  serving: { readonly instance: Uint8Array; readonly evidenceHash: Uint8Array },
): void {
  if (!equalBytes(server.instance, serving.instance)) throw forged('another instance answered')
  if (!equalBytes(server.evidenceHash, serving.evidenceHash)) {
    throw forged('it names other evidence than the chain verified')
  }
  const message = sessionTranscript(hello, server)
  const isSigned = chain.crypto.verify({
    scheme: 'ed25519',
    publicKey: server.instance,
    message,
    signature,
  })
  if (!isSigned) throw forged('its signature does not fit')
  if (server.headNumber < hello.headNumber) {
    throw new TacitError({
      code: 'session_stale',
      shortMessage: `The enclave is at block ${server.headNumber}, this client already at ${hello.headNumber}`,
      fix: 'Wait until the worker has caught up, or let the owner assign another one.',
    })
  }
}

/** Whether the enclave stands where this client's own chain does, and answers from its root. */
async function checkPlace(
  chain: Chain,
  own: JustifiedHead,
  contract: AccountId,
  server: ServerHello,
): Promise<void> {
  const isOwn = equalBytes(server.headHash, own.hash)
  const place = isOwn ? own : await untilKnown(chain, server.headHash, server.headNumber)
  if (place?.number !== server.headNumber) {
    throw forged('it follows another chain, or one that this node does not show')
  }
  const { root } = await readContract(chain, contract, place)
  if (!equalBytes(root, server.root)) throw forged('it answers from another state of the contract')
}

/** The justified block of a hash, as soon as the chain has come so far; undefined: it is not there. */
async function untilKnown(
  chain: Chain,
  hash: Hash,
  number: number,
): Promise<JustifiedBlock | undefined> {
  if (chain.head().number < number) {
    const reached = Promise.withResolvers<void>()
    const stop = chain.onJustified((block) => block.number >= number && reached.resolve())
    const timer = setTimeout(reached.resolve, HEAD_PATIENCE_MS)
    await reached.promise
    clearTimeout(timer)
    stop()
  }
  return chain.recent(hash)
}

function deriveSecrets(
  chain: Chain,
  privateKey: Uint8Array,
  hello: ClientHello,
  server: ServerHello,
): Secrets {
  const transcriptHash = chain.crypto.hashes.blake2b256(sessionTranscript(hello, server))
  const shared = x25519(privateKey, server.serverKey)
  if (!shared.ok) throw forged('its key is not a valid X25519 key')
  const keys = hkdfSha256(shared.value, transcriptHash, sessionKeysInfo(), SESSION_KEYS_BYTES)
  return { toServer: keys.subarray(0, 32), toClient: keys.subarray(32), transcriptHash }
}

function createSession(
  options: OpenSessionOptions,
  endpoint: string,
  server: ServerHello,
  secrets: Secrets,
): Session {
  let counter = 0n
  const caller = authenticate(options.account, secrets.transcriptHash)
  // Until one is answered every frame carries it: who drops or delays a frame must not make the
  // enclave take the next one for nobody's.
  let isKnown = false
  return {
    contract: options.contract,
    instance: server.instance,
    async query(method, input) {
      const at = counter++
      const content = { method, input: utf8(JSON.stringify(input ?? null)) }
      const request = { caller: isKnown ? undefined : caller, ...content }
      const startedAt = performance.now()
      const frame = sealFrame(server.session, at, secrets.toServer, encode(queryRequest, request))
      const answer = await post(`${endpoint}/v1/frame`, frame)
      const response = openFrame(answer, server.session, at, secrets.toClient)
      isKnown = true
      return toAnswer(response, method, performance.now() - startedAt)
    },
  }
}

function authenticate(
  account: Keypair | undefined,
  transcriptHash: Uint8Array,
): { account: AccountId; signature: ReturnType<typeof toMultiSignature> } | undefined {
  if (!account) return undefined
  const signature = account.sign(sessionAuthMessage(transcriptHash))
  return { account: account.accountId, signature: toMultiSignature(account.scheme, signature) }
}

function sealFrame(
  session: Uint8Array,
  counter: bigint,
  key: Uint8Array,
  content: Uint8Array,
): Uint8Array {
  const padded = pad(content)
  if (!padded.ok) {
    throw new TacitError({
      code: 'query_too_large',
      shortMessage: 'The query does not fit into one frame of 64 KiB',
      fix: 'Send less input at once.',
    })
  }
  const ciphertext = aeadSeal({
    key,
    nonce: frameNonce(counter),
    aad: frameAad(session, counter),
    plaintext: padded.value,
  })
  return encode(sessionFrame, { session, counter, ciphertext })
}

function openFrame(
  bytes: Uint8Array,
  session: Uint8Array,
  counter: bigint,
  key: Uint8Array,
): QueryResponse {
  const frame = decode(sessionFrame, bytes)
  if (!frame.ok || frame.value.counter !== counter) throw forged('a frame is malformed')
  const { ciphertext } = frame.value
  const nonce = frameNonce(counter)
  const opened = aeadOpen({ key, nonce, aad: frameAad(session, counter), ciphertext })
  if (!opened.ok) throw forged('a frame was changed on the way')
  const content = unpad(opened.value)
  const response = content.ok ? decode(queryResponse, content.value) : content
  if (!response.ok) throw forged('a frame is malformed')
  return response.value
}

function toAnswer(response: QueryResponse, method: string, roundTripMs: number): QueryAnswer {
  const text = parseUtf8(response.output) ?? ''
  if (response.code !== 'ok') {
    throw new TacitError({
      code: response.code,
      shortMessage: `The query ${method} failed${text === '' ? '' : `: ${text}`}`,
      fix: 'The code is the contract’s or the enclave’s own; correct the query.',
    })
  }
  const output: unknown = text === '' ? undefined : JSON.parse(text)
  const { gasUsed, headNumber, root, processed } = response
  return { output, gasUsed, height: headNumber, root, processed, roundTripMs }
}

function forged(why: string): TacitError {
  return new TacitError({
    code: 'session_forged',
    shortMessage: `What answered is not the registered enclave: ${why}`,
    fix: 'Do not send secrets there. Report the worker; its endpoint is on the chain.',
  })
}

/** What a command gave back, told to its sender alone. */
export type CommandOutput = {
  /** `ok`, or the code that stands in the commit. */
  readonly code: string
  /** JSON value that the handler returned, or what it said when it failed. */
  readonly output: unknown
  /** The very bytes that the commit's output hash covers. */
  readonly bytes: Uint8Array
}

/**
 * Asks for the output of an own command. The session must speak as the command's sender.
 * @throws TacitError with the enclave's code where it is not the sender's, or forgotten.
 */
export async function readOutput(session: Session, sequence: bigint): Promise<CommandOutput> {
  const answer = await session.query('$output', { sequence: sequence.toString() })
  const { code, output } = answer.output as { code: string; output: string }
  return { code, output: output === '' ? undefined : JSON.parse(output), bytes: utf8(output) }
}
