import { decode, encode, err, unwrap, type AccountId, type Hash } from '@tacit/base'
import {
  aeadOpen,
  aeadSeal,
  devKeypair,
  hpkeGenerateKeypair,
  x25519,
  type Keypair,
} from '@tacit/crypto'
import { portable } from '@tacit/crypto/portable'
import {
  frameAad,
  frameNonce,
  pad,
  queryRequest,
  queryResponse,
  SESSION_SUITE,
  SESSION_VERSION,
  sessionAuthMessage,
  sessionFrame,
  sessionTranscript,
  signedServerHello,
  unpad,
  type ClientHello,
  type QueryRequest,
  type QueryResponse,
} from '@tacit/runtime'
import { beforeEach, describe, expect, test } from 'vitest'
import { createInstanceKeys } from '../keys.ts'
import { filled, seededRandom } from '../testing/test-bytes.ts'
import { deriveSessionKeys, type ServerFacts, type SessionKeys } from './handshake.ts'
import { createSessions, MAX_SESSIONS, type SessionQuery, type Sessions } from './sessions.ts'

const instance = createInstanceKeys(seededRandom('instance'))
const client = hpkeGenerateKeypair(filled(3))
const CONTRACT = filled<AccountId>(0xc0)
const FACTS: ServerFacts = {
  genesis: filled(0x99),
  evidenceHash: filled(0xee),
  head: { number: 5, hash: filled(5), stateRoot: filled(0) },
  root: filled(0x11),
  hashAt: (number) => filled(number),
}
const ANSWER: QueryResponse = {
  code: 'ok',
  output: Uint8Array.of(1, 2),
  gasUsed: 7n,
  headNumber: 5,
  root: filled(0x11),
  processed: 3n,
}
const REQUEST: QueryRequest = { caller: undefined, method: 'ask', input: Uint8Array.of(9) }

let sessions: Sessions
let asked: SessionQuery[]
let response: QueryResponse

beforeEach(() => {
  asked = []
  response = ANSWER
  sessions = createSessions({
    crypto: portable,
    instance,
    random: seededRandom('server'),
    answer: (query) => {
      asked.push(query)
      return Promise.resolve(response)
    },
  })
})

function helloOf(changes: Partial<ClientHello> = {}): ClientHello {
  return {
    version: SESSION_VERSION,
    suite: SESSION_SUITE,
    genesis: FACTS.genesis,
    contract: CONTRACT,
    clientKey: client.publicKey,
    nonce: filled(8),
    headNumber: 4,
    headHash: filled(4),
    ...changes,
  }
}

function open(): { id: Uint8Array; keys: SessionKeys } {
  const hello = helloOf()
  const answer = unwrap(decode(signedServerHello, unwrap(sessions.open(hello, FACTS))))
  const transcript = sessionTranscript(hello, answer.hello)
  const shared = unwrap(x25519(client.privateKey, answer.hello.serverKey))
  const keys = deriveSessionKeys(shared, portable.hashes.blake2b256(transcript))
  return { id: answer.hello.session, keys }
}

type Open = ReturnType<typeof open>

function seal({ id, keys }: Open, counter: bigint, plaintext: Uint8Array): Uint8Array {
  const nonce = frameNonce(counter)
  const aad = frameAad(id, counter)
  const ciphertext = aeadSeal({ key: keys.toServer, nonce, aad, plaintext })
  return encode(sessionFrame, { session: id, counter, ciphertext })
}

function requestFrame(session: Open, counter: bigint, request = REQUEST): Uint8Array {
  return seal(session, counter, unwrap(pad(encode(queryRequest, request))))
}

function read({ id, keys }: Open, counter: bigint, bytes: Uint8Array): QueryResponse {
  const frame = unwrap(decode(sessionFrame, bytes))
  const opened = aeadOpen({
    key: keys.toClient,
    nonce: frameNonce(counter),
    aad: frameAad(id, counter),
    ciphertext: frame.ciphertext,
  })
  return unwrap(decode(queryResponse, unwrap(unpad(unwrap(opened)))))
}

function callerOf(keys: SessionKeys, account: Keypair): NonNullable<QueryRequest['caller']> {
  const value = account.sign(sessionAuthMessage(keys.transcriptHash))
  const type =
    account.scheme === 'ed25519' ? 'Ed25519' : account.scheme === 'ecdsa' ? 'Ecdsa' : 'Sr25519'
  return { account: account.accountId, signature: { type, value } }
}

describe('the hello', () => {
  test('is answered under the signature of the instance over everything said', () => {
    const hello = helloOf()
    const { hello: server, signature } = unwrap(
      decode(signedServerHello, unwrap(sessions.open(hello, FACTS))),
    )
    const message = sessionTranscript(hello, server)
    const publicKey = instance.signing.publicKey
    expect(portable.verify({ scheme: 'ed25519', publicKey, message, signature })).toBe(true)
    const forged = sessionTranscript(helloOf({ nonce: filled(7) }), server)
    expect(portable.verify({ scheme: 'ed25519', publicKey, message: forged, signature })).toBe(
      false,
    )
    expect(server).toMatchObject({ headNumber: 5, root: FACTS.root, evidenceHash: filled(0xee) })
  })

  test.each<[string, Partial<ClientHello>]>([
    ['session_version_unknown', { version: 2 }],
    ['session_suite_unknown', { suite: 2 }],
    ['genesis_wrong', { genesis: filled<Hash>(1) }],
    ['head_unknown', { headNumber: 6, headHash: filled<Hash>(6) }],
    ['head_conflict', { headHash: filled<Hash>(1) }],
    ['head_conflict', { headNumber: 5, headHash: filled<Hash>(1) }],
    ['client_key_invalid', { clientKey: new Uint8Array(32) }],
  ])('is refused with %s', (code, changes) => {
    expect(sessions.open(helloOf(changes), FACTS)).toMatchObject({ ok: false, error: { code } })
    expect(sessions.count).toBe(0)
  })
})

describe('a frame', () => {
  test('is opened, asked and answered', async () => {
    const session = open()
    const answer = unwrap(await sessions.frame(requestFrame(session, 0n)))
    expect(read(session, 0n, answer)).toEqual(ANSWER)
    expect(asked).toEqual([
      { contract: CONTRACT, caller: undefined, method: 'ask', input: Uint8Array.of(9) },
    ])
  })

  test('counts once, and may overtake others', async () => {
    const session = open()
    const frame = requestFrame(session, 5n)
    expect(await sessions.frame(frame)).toMatchObject({ ok: true })
    expect(await sessions.frame(frame)).toEqual(err({ code: 'frame_replayed' }))
    expect(await sessions.frame(requestFrame(session, 2n))).toMatchObject({ ok: true })
    expect(await sessions.frame(requestFrame(session, 100n))).toMatchObject({ ok: true })
    expect(await sessions.frame(requestFrame(session, 3n))).toEqual(err({ code: 'frame_replayed' }))
  })

  test('of another session, counter or direction does not open, and uses no counter up', async () => {
    const [one, two] = [open(), open()]
    const refused = err({ code: 'frame_open_failed' })
    expect(await sessions.frame(requestFrame({ id: one.id, keys: two.keys }, 0n))).toEqual(refused)
    const frame = unwrap(decode(sessionFrame, requestFrame(one, 0n)))
    const moved = encode(sessionFrame, { ...frame, counter: 1n })
    expect(await sessions.frame(moved)).toEqual(refused)
    const { toServer, toClient } = one.keys
    const swapped = { ...one, keys: { ...one.keys, toServer: toClient, toClient: toServer } }
    expect(await sessions.frame(requestFrame(swapped, 0n))).toEqual(refused)
    expect(await sessions.frame(requestFrame(one, 0n))).toMatchObject({ ok: true })
  })

  test('of an unknown session, or that is no frame, is refused', async () => {
    const session = open()
    const stranger = { ...session, id: filled(1, 16) }
    expect(await sessions.frame(requestFrame(stranger, 0n))).toEqual(
      err({ code: 'session_unknown' }),
    )
    expect(await sessions.frame(new Uint8Array(3))).toMatchObject({
      ok: false,
      error: { code: 'scale_malformed' },
    })
  })

  test('whose content is not padded, or is no request, is refused', async () => {
    const session = open()
    const refused = err({ code: 'request_malformed' })
    const bare = encode(queryRequest, REQUEST)
    expect(await sessions.frame(seal(session, 0n, bare))).toEqual(refused)
    const other = unwrap(pad(Uint8Array.of(1, 2, 3)))
    expect(await sessions.frame(seal(session, 1n, other))).toEqual(refused)
    expect(asked).toEqual([])
  })

  test('answers too long to fit say so', async () => {
    response = { ...ANSWER, output: new Uint8Array(70_000) }
    const session = open()
    const answer = unwrap(await sessions.frame(requestFrame(session, 0n)))
    expect(read(session, 0n, answer)).toMatchObject({ code: 'output_too_large' })
  })
})

describe('the caller', () => {
  test.each(['sr25519', 'ed25519', 'ecdsa'] as const)(
    'is known by a %s signature, from then on',
    async (scheme) => {
      const session = open()
      const account = devKeypair('Bob', scheme)
      const caller = callerOf(session.keys, account)
      expect(await sessions.frame(requestFrame(session, 0n, { ...REQUEST, caller }))).toMatchObject(
        {
          ok: true,
        },
      )
      await sessions.frame(requestFrame(session, 1n))
      expect(asked.map((one) => one.caller)).toEqual([account.accountId, account.accountId])
    },
  )

  test('of another session is nobody here', async () => {
    const [one, two] = [open(), open()]
    const caller = callerOf(one.keys, devKeypair('Bob'))
    expect(await sessions.frame(requestFrame(two, 0n, { ...REQUEST, caller }))).toEqual(
      err({ code: 'caller_signature_invalid' }),
    )
    expect(asked).toEqual([])
  })

  test('cannot be somebody else, then or later', async () => {
    const session = open()
    const bob = callerOf(session.keys, devKeypair('Bob'))
    const claimed = { ...bob, account: devKeypair('Alice').accountId }
    expect(
      await sessions.frame(requestFrame(session, 0n, { ...REQUEST, caller: claimed })),
    ).toEqual(err({ code: 'caller_signature_invalid' }))
    expect(
      await sessions.frame(requestFrame(session, 1n, { ...REQUEST, caller: bob })),
    ).toMatchObject({ ok: true })
    const alice = callerOf(session.keys, devKeypair('Alice'))
    expect(await sessions.frame(requestFrame(session, 2n, { ...REQUEST, caller: alice }))).toEqual(
      err({ code: 'caller_changed' }),
    )
  })
})

test('beyond the bound the session that was longest unused ends', async () => {
  const first = open()
  const second = open()
  await sessions.frame(requestFrame(first, 0n))
  for (let count = 0; count < MAX_SESSIONS - 1; count++) sessions.open(helloOf(), FACTS)
  expect(sessions.count).toBe(MAX_SESSIONS)
  expect(await sessions.frame(requestFrame(second, 0n))).toEqual(err({ code: 'session_unknown' }))
  expect(await sessions.frame(requestFrame(first, 1n))).toMatchObject({ ok: true })
}, 30_000)
