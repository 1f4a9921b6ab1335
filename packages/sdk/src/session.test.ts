import { decode, encode, parseAccountId, unwrap, utf8, type Hash } from '@tacit/base'
import {
  aeadOpen,
  aeadSeal,
  hkdfSha256,
  keypairFromSeed,
  x25519,
  x25519PublicKey,
} from '@tacit/crypto'
import { native } from '@tacit/crypto/native'
import { headerHash, type Header, type JustifiedHead } from '@tacit/light'
import {
  clientHello,
  contractsStorage,
  frameAad,
  frameNonce,
  pad,
  queryRequest,
  queryResponse,
  SESSION_KEYS_BYTES,
  sessionFrame,
  sessionKeysInfo,
  sessionTranscript,
  signedServerHello,
  timestampStorage,
  unpad,
  workersStorage,
  type ChainClass,
  type ContractInfo,
  type Instance,
  type QueryRequest,
  type ServerHello,
  type SessionFrame,
} from '@tacit/runtime'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Chain, JustifiedBlock } from './chain.ts'
import { TacitError } from './errors.ts'
import { openSession } from './session.ts'

const filled = (byte: number, length = 32): Uint8Array => new Uint8Array(length).fill(byte)
const hash = (byte: number): Hash => filled(byte) as Hash
const CONTRACT = unwrap(parseAccountId(filled(1)))
const OPERATOR = unwrap(parseAccountId(filled(2)))
const ROOT = hash(3)
const GENESIS = hash(4)
const EVIDENCE = hash(5)
const ENCLAVE = keypairFromSeed('ed25519', filled(6))
const ACCOUNT = keypairFromSeed('sr25519', filled(7))
const NOW_MS = 1_800_000_000_000
const SLOT = { operator: OPERATOR, index: 0 }

function headAt(number: number, stateRoot = hash(9)): JustifiedHead {
  const header: Header = {
    parentHash: hash(8),
    number,
    stateRoot,
    extrinsicsRoot: hash(0),
    digest: { logs: [] },
  }
  return { number, hash: headerHash(native.hashes, header), header }
}

const CONTRACT_INFO: ContractInfo = {
  owner: OPERATOR,
  codeHash: hash(0),
  slot: SLOT,
  status: { type: 'Live', value: undefined },
  root: ROOT,
  processed: 1n,
  deposit: 0n,
  deployedAt: 1,
}

const RECORD: Instance = {
  slot: SLOT,
  role: { type: 'Contracts', value: undefined },
  encryptionKey: filled(0),
  evidenceHash: EVIDENCE,
  verdict: {
    tee: { type: 'Tdx', value: undefined },
    status: { type: 'UpToDate', value: undefined },
    advisories: [],
    rootName: 'a development root',
    rootFingerprint: filled(11),
    measurement: hash(12),
    debug: false,
    tcbEvaluationDataNumber: 1,
    earliestExpiry: 0n,
    signatureChecks: 7,
    platform: hash(13),
    facts: {
      type: 'Dcap',
      value: {
        collateral: { tee: { type: 'Tdx' }, fmspc: new Uint8Array(6), ca: { type: 'Platform' } },
        facts: {
          pckSerial: filled(1),
          platform: { componentSvns: [], pceSvn: 0 },
          qeIsvSvn: 0,
          tdx: undefined,
        },
      },
    },
    gpus: [],
    gpuRoots: [],
  },
  endpoint: 'http://worker.test',
  registeredAt: 1,
  registeredMs: 0n,
  expiresMs: BigInt(NOW_MS) + 1_000n,
  recentNumber: 0,
  judgedBy: hash(14),
  policyVersion: 0,
  grace: undefined,
  deposit: 0n,
}

type World = {
  readonly record: Instance
  readonly chainClass: ChainClass
  readonly chainTimeMs: bigint
  readonly head: JustifiedHead
  /** Blocks that the chain justifies once it is asked to wait. */
  readonly later: readonly JustifiedHead[]
  readonly known: readonly JustifiedHead[]
}

const OWN = headAt(10)
const WORLD: World = {
  record: RECORD,
  chainClass: 'development',
  chainTimeMs: BigInt(NOW_MS),
  head: OWN,
  later: [],
  known: [],
}

/** A chain that has what a session asks of it; everything else fails loudly. */
function chainOf(change: Partial<World> = {}): Chain {
  const world = { ...WORLD, ...change }
  const values = new Map<unknown, unknown>([
    [contractsStorage.Contracts, CONTRACT_INFO],
    [workersStorage.Slots, ENCLAVE.publicKey],
    [workersStorage.Instances, world.record],
    [timestampStorage.Now, world.chainTimeMs],
  ])
  const recent = [...world.known]
  const part = {
    crypto: native,
    genesisHash: GENESIS,
    chainClass: world.chainClass,
    head: () => world.head,
    read: (item: unknown) => Promise.resolve(values.get(item)),
    recent: (of: Hash) => recent.find((one) => String(one.hash) === String(of)),
    onJustified(callback: (block: JustifiedBlock) => void) {
      queueMicrotask(() => {
        for (const head of world.later) {
          recent.push(head)
          callback({ ...head, justification: filled(0), extrinsics: [] })
        }
      })
      return () => {}
    },
  }
  return part as unknown as Chain
}

type Enclave = { readonly seen: QueryRequest[]; dropNext: boolean }

/** Stands in for the worker and its enclave, which follows the protocol to the letter. */
function serve(hello: Partial<ServerHello> = {}): Enclave {
  const enclave: Enclave = { seen: [], dropNext: false }
  const privateKey = filled(21)
  let keys: Uint8Array = new Uint8Array()

  function open(body: Uint8Array): Uint8Array {
    const client = unwrap(decode(clientHello, body))
    const server: ServerHello = {
      session: filled(22, 16),
      serverKey: x25519PublicKey(privateKey),
      instance: ENCLAVE.publicKey,
      evidenceHash: EVIDENCE,
      headNumber: OWN.number,
      headHash: OWN.hash,
      root: ROOT,
      ...hello,
    }
    const transcript = sessionTranscript(client, server)
    const salt = native.hashes.blake2b256(transcript)
    const shared = unwrap(x25519(privateKey, client.clientKey))
    keys = hkdfSha256(shared, salt, sessionKeysInfo(), SESSION_KEYS_BYTES)
    return encode(signedServerHello, { hello: server, signature: ENCLAVE.sign(transcript) })
  }

  function answer({ session, counter, ciphertext }: SessionFrame): Uint8Array {
    const place = { nonce: frameNonce(counter), aad: frameAad(session, counter) }
    const opened = aeadOpen({ key: keys.subarray(0, 32), ...place, ciphertext })
    enclave.seen.push(unwrap(decode(queryRequest, unwrap(unpad(unwrap(opened))))))
    const response = { code: 'ok', output: utf8('1'), gasUsed: 0n, headNumber: 10, processed: 1n }
    const plaintext = unwrap(pad(encode(queryResponse, { ...response, root: ROOT })))
    const sealed = aeadSeal({ key: keys.subarray(32), ...place, plaintext })
    return encode(sessionFrame, { session, counter, ciphertext: sealed })
  }

  vi.stubGlobal('fetch', (url: string, { body }: { body: Uint8Array }) => {
    if (url.endsWith('/session')) return Promise.resolve(new Response(open(body).slice()))
    if (enclave.dropNext) {
      enclave.dropNext = false
      return Promise.reject(new TypeError('dropped'))
    }
    return Promise.resolve(new Response(answer(unwrap(decode(sessionFrame, body))).slice()))
  })
  return enclave
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (one: unknown) => one,
  )
  return error instanceof TacitError ? error.code : String(error)
}

const attempt = (change: Partial<World> = {}): Promise<string> =>
  codeOf(openSession(chainOf(change), { contract: CONTRACT, account: ACCOUNT }))

afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

function freezeTime(): void {
  vi.useFakeTimers({ now: NOW_MS, toFake: ['Date', 'setTimeout', 'clearTimeout'] })
}

describe('openSession judges the instance that the chain proves', () => {
  const verdict = (change: Partial<Instance['verdict']>): Instance => ({
    ...RECORD,
    verdict: { ...RECORD.verdict, ...change },
  })
  it.each<[string, Partial<World>, string]>([
    ['serving', {}, 'undefined'],
    ['expired', { record: { ...RECORD, expiresMs: BigInt(NOW_MS) } }, 'instance_not_serving'],
    [
      'of another role',
      { record: { ...RECORD, role: { type: 'Gatekeeper', value: undefined } } },
      'instance_not_serving',
    ],
    ['in debug mode', { record: verdict({ debug: true }) }, 'instance_refused'],
    ['under a development root in production', { chainClass: 'production' }, 'instance_refused'],
    ['vouched for long ago', { chainTimeMs: BigInt(NOW_MS) - 601_000n }, 'session_stale'],
    ['vouched for in the future', { chainTimeMs: BigInt(NOW_MS) + 200_000n }, 'chain_time_ahead'],
  ])('%s', async (_, change, code) => {
    freezeTime()
    serve()
    expect(await attempt(change)).toBe(code)
  })
})

describe('openSession judges where the enclave stands', () => {
  const next = headAt(11)
  const at = ({ number, hash: headHash }: JustifiedHead): Partial<ServerHello> => ({
    headNumber: number,
    headHash,
  })
  it.each<[string, Partial<ServerHello>, Partial<World>, string]>([
    ['a later block that becomes justified here', at(next), { later: [next] }, 'undefined'],
    ['a later block that is justified here already', at(next), { known: [next] }, 'undefined'],
    ['another block of the same height', at(headAt(10, hash(31))), {}, 'session_forged'],
    [
      'a later block of another chain',
      at(headAt(11, hash(31))),
      { later: [next] },
      'session_forged',
    ],
    ['a height that is not the block’s', { ...at(next), headNumber: 12 }, {}, 'session_forged'],
    ['an older block', at(headAt(9)), {}, 'session_stale'],
    ['another root than the contract has', { root: hash(33) }, {}, 'session_forged'],
  ])('%s', async (_, hello, change, code) => {
    freezeTime()
    serve(hello)
    const opened = attempt({ ...change })
    await vi.advanceTimersByTimeAsync(20_000)
    expect(await opened).toBe(code)
  })
})

describe('query', () => {
  it('names its account until a frame was answered, so that a dropped one changes nobody', async () => {
    freezeTime()
    const enclave = serve()
    const session = await openSession(chainOf(), { contract: CONTRACT, account: ACCOUNT })
    enclave.dropNext = true
    expect(await codeOf(session.query('mine'))).toBe('worker_unreachable')
    expect((await session.query('mine')).output).toBe(1)
    await session.query('mine')
    const callers = enclave.seen.map(({ caller }) => caller?.account)
    expect(callers).toEqual([ACCOUNT.accountId, undefined])
  })
})
