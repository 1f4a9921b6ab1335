import { concatBytes, encode, err, ok, unwrap, type AccountId, type Hash } from '@tacit/base'
import { hpkeSeal } from '@tacit/crypto'
import { portable } from '@tacit/crypto/portable'
import {
  commandAad,
  commandInfo,
  commandPlaintext,
  commitMessage,
  contractsStorage,
  inboxLink,
  inboxPayloadHash,
  pad,
  saltedHash,
  sealedCommand,
  type InboxEntry,
  type InboxPayload,
} from '@tacit/runtime'
import type { CallOutcome, SandboxCall, SandboxError } from '@tacit/sandbox'
import { beforeEach, describe, expect, test } from 'vitest'
import { deriveInboxKey, deriveStateKeys } from '../release/contract-keys.ts'
import { filled } from '../testing/test-bytes.ts'
import {
  CONTRACT,
  contractInfo,
  createTestChain,
  GENESIS,
  OWNER,
  register,
  SLOT,
  type TestChain,
} from '../testing/test-chain.ts'
import { createContractHost, type ContractHost, type SignedCommit } from './contract-host.ts'

const { hashes } = portable
const CODE = Uint8Array.of(1, 2, 3)
const HASH = hashes.blake2b256(CODE) as Hash
const BOB = filled<AccountId>(0xb0)
const SCOPE = { genesis: GENESIS, contract: CONTRACT }
const STATE_KEYS = deriveStateKeys(filled(0x51, 48), SCOPE)
const INBOX_KEY = deriveInboxKey(filled(0x52, 48), SCOPE, 0)
const SALT = filled(0x5a)

type Ended = { outcome?: Partial<CallOutcome>; error?: SandboxError }
let world: TestChain
let inbox: { entry: InboxEntry; payload: InboxPayload }[]
let blobs: Map<string, Uint8Array>
let calls: SandboxCall[]
let end: (call: SandboxCall) => Ended
let host: ContractHost

beforeEach(() => {
  world = createTestChain()
  inbox = []
  blobs = new Map()
  calls = []
  end = (call) => ({
    outcome: { writes: new Map([[`at ${call.context.sequence}`, call.input.slice()]]) },
  })
  contractsStorage.Code.set(world.state, HASH, CODE)
  contractsStorage.Contracts.set(world.state, CONTRACT, { ...contractInfo(), codeHash: HASH })
  host = boot()
})

function boot(): ContractHost {
  const made = createContractHost({
    contract: CONTRACT,
    chain: world.chain,
    crypto: portable,
    instance: world.instance,
    stateKeys: STATE_KEYS,
    limits: { baseGas: 10n, deadlineMs: 1_000, deadlineMsPerMillionGas: 1_000 },
    run: (call) => {
      calls.push(call)
      const { outcome, error } = end(call)
      if (error) return Promise.resolve(err(error))
      const nothing = { output: Uint8Array.of(7), gasUsed: 50n, writes: new Map(), outbox: [] }
      return Promise.resolve(ok({ ...nothing, ...outcome }))
    },
    source: {
      inbox: (_, from, to) => {
        const found = inbox.slice(Number(from), Number(to))
        return Promise.resolve(
          ok({
            entries: found.map(({ entry }) => entry),
            payloads: found.map(({ payload }) => payload),
          }),
        )
      },
      stateBlob: (_, { root }) => Promise.resolve(ok(blobs.get(String(root)))),
    },
  })
  made.addInboxKey(0, INBOX_KEY)
  return made
}

function order(payload: InboxPayload, changes: Partial<InboxEntry> = {}): void {
  const { count, head } = contractsStorage.Inbox.get(world.state, CONTRACT)
  const entry: InboxEntry = {
    sequence: count,
    sender: count === 0n ? OWNER : BOB,
    nonce: Number(count),
    epoch: 0,
    gasLimit: 100n,
    value: 0n,
    height: 11,
    timeMs: 5n,
    payloadHash: inboxPayloadHash(hashes, payload),
    ...changes,
  }
  inbox.push({ entry, payload })
  const next = inboxLink(hashes, head, entry)
  contractsStorage.Inbox.set(world.state, CONTRACT, { count: count + 1n, head: next })
  const { sender, gasLimit, value, epoch } = entry
  const pending = { sender, gasLimit, value, held: 0n, epoch, head: next }
  contractsStorage.Pending.set(world.state, CONTRACT, count, pending)
}

type SealChanges = Partial<Parameters<typeof commandInfo>[0]> & {
  sender?: AccountId
  nonce?: number
  plaintext?: Uint8Array
}

function sealed(changes: SealChanges = {}): InboxPayload {
  const nonce = Number(contractsStorage.Inbox.get(world.state, CONTRACT).count)
  const { sender, nonce: as, plaintext, ...scope } = { sender: BOB, nonce, ...changes }
  const content = encode(commandPlaintext, { method: 'go', input: Uint8Array.of(4), salt: SALT })
  const made = hpkeSeal({
    recipientPublicKey: INBOX_KEY.publicKey,
    info: commandInfo({ ...SCOPE, codeHash: HASH, epoch: 0, ...scope }),
    aad: commandAad(sender, as),
    plaintext: plaintext ?? unwrap(pad(content)),
    ephemeralSeed32: filled(3),
  })
  return { type: 'Sealed', value: encode(sealedCommand, unwrap(made)) }
}

const INIT: InboxPayload = { type: 'Init', value: Uint8Array.of(0x30) }

/** The chain takes a commit. */
function accept({ payload, blob }: SignedCommit, isSaved = true): void {
  const { newRoot: root, nextSequence: processed } = payload
  contractsStorage.Contracts.set(world.state, CONTRACT, {
    ...contractInfo(),
    codeHash: HASH,
    root,
    processed,
  })
  if (isSaved) blobs.set(String(root), blob)
  world.nextBlock()
}

async function next(): Promise<SignedCommit> {
  const commit = unwrap(await host.step())
  if (commit === undefined) throw new Error('no command waits')
  return commit
}

async function started(): Promise<SignedCommit> {
  order(INIT)
  const first = await next()
  accept(first)
  return first
}

const codesOf = ({ payload }: SignedCommit): string[] => payload.outcomes.map(({ code }) => code)

describe('a step', () => {
  test('runs the constructor and signs what it did', async () => {
    order(INIT)
    const { payload, signature } = await next()
    expect(calls[0]).toMatchObject({ kind: 'init', method: '', input: INIT.value })
    expect(payload).toMatchObject({
      genesis: GENESIS,
      contract: CONTRACT,
      codeHash: HASH,
      previousRoot: filled(0),
      firstSequence: 0n,
      nextSequence: 1n,
      outbox: [],
    })
    const publicKey = world.instance.signing.publicKey
    const message = commitMessage(payload)
    expect(portable.verify({ scheme: 'ed25519', publicKey, message, signature })).toBe(true)
  })

  test('opens commands and tells only salted hashes of what went in and out', async () => {
    await started()
    order(sealed())
    const { payload } = await next()
    expect(calls[1]).toMatchObject({
      kind: 'command',
      method: 'go',
      input: Uint8Array.of(4),
      context: { caller: BOB, self: CONTRACT, height: 11, timeMs: 5, sequence: 1n },
    })
    expect(payload.outcomes).toEqual([
      {
        sequence: 1n,
        code: 'ok',
        gasUsed: 50n,
        inputHash: saltedHash(hashes, SALT, Uint8Array.of(4)),
        outputHash: saltedHash(hashes, SALT, Uint8Array.of(7)),
      },
    ])
  })

  test('gives the same commit until the chain has taken it, then none', async () => {
    order(INIT)
    const first = await next()
    expect(await next()).toBe(first)
    world.nextBlock()
    expect(await next()).toBe(first)
    expect(calls).toHaveLength(1)
    accept(first)
    expect(await host.step()).toEqual(ok(undefined))
  })

  test('is a function of its input: another machine signs the same effects', async () => {
    await started()
    order(sealed())
    order(sealed())
    const here = await next()
    const other = boot()
    const there = unwrap(await other.step())
    expect(there?.payload).toEqual(here.payload)
    expect(there?.blob).toEqual(here.blob)
  })

  test('takes at most 64 commands, by the head that the chain holds for the last of them', async () => {
    await started()
    for (let count = 0; count < 70; count++) order(sealed())
    const first = await next()
    expect(first.payload.nextSequence).toBe(65n)
    accept(first)
    expect((await next()).payload).toMatchObject({ firstSequence: 65n, nextSequence: 71n })
  })

  test('gives every command other randomness, and a fork that differs anywhere too', async () => {
    await started()
    order(sealed())
    order(sealed())
    await next()
    const seeds = new Set(calls.map(({ context }) => String(context.seed)))
    expect(seeds.size).toBe(3)
  })
})

describe('a command that is not what it claims is paid for and has no effect', () => {
  test.each<[string, SealChanges]>([
    ['sealed_open_failed', { sender: OWNER }],
    ['sealed_open_failed', { nonce: 77 }],
    ['sealed_open_failed', { contract: filled<AccountId>(1) }],
    ['sealed_open_failed', { codeHash: filled<Hash>(1) }],
    ['sealed_open_failed', { epoch: 1 }],
    ['sealed_open_failed', { genesis: filled<Hash>(1) }],
    ['command_malformed', { plaintext: filled(1, 256) }],
    ['command_malformed', { plaintext: filled(1, 100) }],
    ['command_malformed', { plaintext: unwrap(pad(filled(1, 9))) }],
  ])('%s for %o', async (code, changes) => {
    const first = await started()
    order(sealed(changes))
    const commit = await next()
    expect(codesOf(commit)).toEqual([code])
    expect(commit.payload.newRoot).toEqual(first.payload.newRoot)
    expect(commit.payload.outcomes[0]).toMatchObject({ gasUsed: 10n, inputHash: filled(0) })
    expect(calls).toHaveLength(1)
  })

  test('a payload that is no sealed command, or a constructor again', async () => {
    await started()
    order({ type: 'Sealed', value: Uint8Array.of(1) })
    order({ type: 'Init', value: Uint8Array.of(1) })
    expect(codesOf(await next())).toEqual(['command_malformed', 'command_malformed'])
  })
})

describe('a failing command', () => {
  test.each<[string, SandboxError]>([
    ['contract_threw', { code: 'contract_threw', message: 'secret', gasUsed: 30n }],
    ['contract_failed', { code: 'contract_failed', failCode: 'x', message: 'y', gasUsed: 30n }],
    ['out_of_gas', { code: 'out_of_gas', gasUsed: 500n }],
    ['out_of_memory', { code: 'out_of_memory', gasUsed: 1n }],
    ['state_limit', { code: 'state_limit', gasUsed: 1n }],
    ['output_invalid', { code: 'output_invalid', reason: 'too_large', gasUsed: 1n }],
  ])('%s leaves the root and the others alone', async (code, error) => {
    const first = await started()
    end = (call) => (call.context.sequence === 2n ? { error } : { outcome: {} })
    order(sealed())
    order(sealed())
    order(sealed())
    const commit = await next()
    expect(codesOf(commit)).toEqual(['ok', code, 'ok'])
    expect(commit.payload.newRoot).toEqual(first.payload.newRoot)
    const gasUsed = commit.payload.outcomes[1]?.gasUsed ?? 0n
    expect(gasUsed >= 10n && gasUsed <= 100n).toBe(true)
    expect(Buffer.from(commitMessage(commit.payload)).includes('secret')).toBe(false)
  })

  test('of this machine is no outcome: it is tried again, ever more rarely', async () => {
    await started()
    const error: SandboxError = { code: 'deadline_exceeded', gasUsed: 100n }
    end = (call) => (call.context.sequence === 2n ? { error } : { outcome: {} })
    order(sealed())
    order(sealed())
    const before = await next()
    expect(codesOf(before)).toEqual(['ok'])
    accept(before)
    expect(await host.step()).toEqual(err({ code: 'machine_failed', reason: 'deadline_exceeded' }))
    expect(await host.step()).toEqual(err({ code: 'machine_failed', reason: 'waiting' }))
    const tried = calls.length
    world.nextBlock()
    world.nextBlock()
    end = () => ({ outcome: {} })
    expect(codesOf(await next())).toEqual(['ok'])
    expect(calls.length).toBe(tried + 1)
  })

  test('a constructor that fails leaves no root at all', async () => {
    end = () => ({ error: { code: 'contract_threw', message: '', gasUsed: 1n } })
    order(INIT)
    expect((await next()).payload).toMatchObject({ newRoot: filled(0), nextSequence: 1n })
  })
})

describe('a hostile worker', () => {
  test('cannot leave a command out, invent one or change one', async () => {
    await started()
    order(sealed())
    order(sealed())
    const [init, one, two] = inbox
    if (!init || !one || !two) throw new Error('three entries')
    inbox = [init, two]
    expect(await host.step()).toMatchObject({ ok: false, error: { code: 'inbox_incomplete' } })
    inbox = [init, two, one]
    expect(await host.step()).toMatchObject({ ok: false, error: { code: 'inbox_sequence_wrong' } })
    inbox = [init, { ...one, entry: { ...one.entry, sender: OWNER } }, two]
    expect(await host.step()).toEqual(err({ code: 'inbox_head_wrong' }))
    inbox = [init, { ...one, payload: two.payload }, two]
    expect(await host.step()).toEqual(err({ code: 'inbox_payload_wrong', sequence: 1n }))
    inbox = [init, one, two]
    expect(codesOf(await next())).toEqual(['ok', 'ok'])
  })

  test('cannot give an older state, a changed one or another contract its own', async () => {
    const first = await started()
    order(sealed())
    const second = await next()
    accept(second, false)
    const root = String(second.payload.newRoot)
    host = boot()
    expect(await host.step()).toEqual(err({ code: 'state_stale' }))
    blobs.set(root, first.blob)
    expect(await host.step()).toEqual(err({ code: 'blob_open_failed' }))
    const changed = second.blob.slice()
    changed[50] = (changed[50] ?? 0) ^ 1
    blobs.set(root, changed)
    expect(await host.step()).toEqual(err({ code: 'blob_open_failed' }))
    blobs.set(root, second.blob)
    expect(await host.step()).toEqual(ok(undefined))
  })

  test('cannot hand over other code', async () => {
    contractsStorage.Code.set(world.state, HASH, concatBytes(CODE, CODE))
    order(INIT)
    expect(await host.step()).toEqual(err({ code: 'code_missing' }))
  })
})

test('a new instance goes on from the sealed state', async () => {
  await started()
  order(sealed())
  accept(await next())
  host = boot()
  order(sealed())
  const commit = await next()
  expect(commit.payload.firstSequence).toBe(2n)
  expect(calls.at(-1)?.state.get('at 1')).toEqual(Uint8Array.of(4))
})

test('a command for an epoch whose keys are not here waits', async () => {
  await started()
  order(sealed(), { epoch: 1 })
  expect(await host.step()).toEqual(err({ code: 'keys_missing', epoch: 1 }))
})

test('what is not on the chain is answered to nobody', async () => {
  await started()
  order(sealed())
  const commit = await next()
  expect(unwrap(await host.committed()).state.processed).toBe(1n)
  accept(commit)
  const { state } = unwrap(await host.committed())
  expect(state.answers.map(({ sequence }) => sequence)).toEqual([0n, 1n])
})

test('serves no contract that is unknown, failed or of another instance', async () => {
  register(world.state, filled(9), SLOT, 'Contracts')
  expect(await host.step()).toEqual(err({ code: 'instance_not_assigned' }))
  const failed = { ...contractInfo(), status: { type: 'Failed' } } as const
  contractsStorage.Contracts.set(world.state, CONTRACT, failed)
  expect(await host.step()).toEqual(err({ code: 'contract_failed' }))
  contractsStorage.Contracts.delete(world.state, CONTRACT)
  expect(await host.step()).toEqual(err({ code: 'contract_unknown' }))
})
