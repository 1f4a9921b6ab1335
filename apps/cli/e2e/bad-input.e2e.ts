import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AccountId } from '@tacit/base'
import { devKeypair } from '@tacit/crypto'
import {
  CONTRACTS_INDEX,
  contractsCalls,
  encodeCall,
  WORKERS_INDEX,
  workersCalls,
  type RegisterArgs,
} from '@tacit/runtime'
import { createRuntime } from '@tacit/runtime/runtime'
import {
  deployContract,
  findEvent,
  openSession,
  readBalance,
  readCommandFee,
  readContract,
  readInboxKey,
  sealCommand,
  sendCommand,
  submitSigned,
  TacitError,
  untilCommitted,
  untilContractLive,
  uploadCode,
  type Chain,
} from '@tacit/sdk'
import { buildContract } from '../src/build-contract.ts'
import { startDevNetwork, type DevNetwork } from '../src/dev/network.ts'

const OWNER = devKeypair('Alice')
const BOB = devKeypair('Bob')
const CHARLIE = devKeypair('Charlie')
const GAS = 2_000_000n

let network: DevNetwork
let chain: Chain
let contract: AccountId

beforeAll(async () => {
  network = await startDevNetwork({ rpcPort: 0, log: () => {} }, { step: () => {} })
  chain = network.chain
  contract = await deploy(join(import.meta.dirname, 'hostile.contract.ts'))
})

afterAll(() => network.stop())

async function deploy(entry: string): Promise<AccountId> {
  const { code } = await buildContract(entry)
  const codeHash = await uploadCode(chain, OWNER, code)
  const id = await deployContract(chain, OWNER, { codeHash, slot: network.workerSlot })
  await untilContractLive(chain, id)
  return id
}

type Done = { readonly code: string; readonly gasUsed: bigint; readonly fee: bigint }

async function outcome(sequence: bigint): Promise<Done> {
  const commit = await untilCommitted(chain, contract, sequence)
  const done = await readCommandFee(chain, commit, sequence)
  if (!done) throw new Error('no outcome')
  return done
}

async function run(method: string): Promise<Done> {
  const sent = await sendCommand(chain, BOB, { contract, method, gasLimit: GAS })
  return outcome(sent.sequence)
}

async function refusal(promise: Promise<unknown>): Promise<unknown> {
  const error = await promise.then(
    () => undefined,
    (one: unknown) => one,
  )
  return error instanceof TacitError ? (error.details['error'] ?? error.code) : error
}

describe('a contract that', () => {
  it.each([
    ['throws', 'contract_threw'],
    ['loops', 'out_of_gas'],
    ['allocates', 'out_of_memory'],
    ['garbage', 'output_invalid'],
  ])('%s ends with %s: root unchanged, gas charged, others go on', async (method, code) => {
    const before = await readContract(chain, contract)
    const done = await run(method)
    expect(done.code).toBe(code)
    expect(done.gasUsed).toBeGreaterThanOrEqual(10_000n)
    expect(done.fee).toBeGreaterThan(0n)
    const after = await readContract(chain, contract)
    expect(after.root).toEqual(before.root)
    expect(after.processed).toBe(before.processed + 1n)
    expect((await run('count')).code).toBe('ok')
    const session = await openSession(chain, { contract })
    expect((await session.query('count')).output).toBeLessThan(1_000)
  })
})

describe('sealed input', () => {
  type Scope = Parameters<typeof sealCommand>[1]

  async function seal(nonce: number, change: Partial<Scope> = {}): Promise<Uint8Array> {
    const { codeHash } = await readContract(chain, contract)
    const { epoch, publicKey } = await readInboxKey(chain, contract)
    const scope = { genesis: chain.genesisHash, contract, codeHash, epoch, ...change }
    const from = { sender: BOB.accountId, nonce }
    return sealCommand(publicKey, scope, from, { method: 'count' }, new Uint8Array(32))
  }

  async function submit(payload: Uint8Array, sender: typeof BOB, epoch = 0): Promise<bigint> {
    const args = { contract, epoch, payload, gasLimit: GAS, value: 0n }
    const call = encodeCall(CONTRACTS_INDEX, contractsCalls.send, args)
    const { events } = await submitSigned(chain, call, sender)
    return findEvent<{ sequence: bigint }>(events, 'Contracts', 'InboxMessage')?.sequence ?? -1n
  }

  it('that another account copied is refused, and the copier pays', async () => {
    const payload = await seal(await chain.nextNonce(BOB.accountId))
    const before = await readBalance(chain, CHARLIE.accountId)
    const copied = await outcome(await submit(payload, CHARLIE))
    expect(copied.code).toBe('sealed_open_failed')
    const after = await readBalance(chain, CHARLIE.accountId)
    expect(before.free - after.free).toBeGreaterThan(copied.fee)
    expect(after.reserved).toBe(before.reserved)
  })

  it('that is sent a second time by its own sender is refused', async () => {
    const payload = await seal(await chain.nextNonce(BOB.accountId))
    expect((await outcome(await submit(payload, BOB))).code).toBe('ok')
    expect((await outcome(await submit(payload, BOB))).code).toBe('sealed_open_failed')
  })

  it('for another contract is refused, and the sender pays', async () => {
    const other = new Uint8Array(32).fill(9) as AccountId
    const payload = await seal(await chain.nextNonce(BOB.accountId), { contract: other })
    const done = await outcome(await submit(payload, BOB))
    expect(done.code).toBe('sealed_open_failed')
    expect(done.fee).toBeGreaterThan(0n)
  })

  it('for another epoch is refused by the chain, which takes its fee', async () => {
    const payload = await seal(await chain.nextNonce(BOB.accountId), { epoch: 1 })
    const before = await readBalance(chain, BOB.accountId)
    expect(await refusal(submit(payload, BOB, 1))).toBe('Contracts.WrongEpoch')
    expect((await readBalance(chain, BOB.accountId)).free).toBeLessThan(before.free)
  })
})

describe('a registration', () => {
  const runtime = createRuntime()
  let genuine: RegisterArgs

  beforeAll(async () => {
    const hash = await chain.rpc.request<string>('chain_getBlockHash', [2])
    type Block = { block: { extrinsics: readonly string[] } }
    const found: RegisterArgs[] = []
    for (const at of [hash, await chain.rpc.request<string>('chain_getBlockHash', [3])]) {
      const { block } = await chain.rpc.request<Block>('chain_getBlock', [at])
      for (const text of block.extrinsics) {
        const parsed = runtime.parseExtrinsic(new Uint8Array(Buffer.from(text.slice(2), 'hex')))
        if (!parsed.ok || parsed.value.call.type !== 'Workers') continue
        found.push(parsed.value.call.value.value as RegisterArgs)
      }
    }
    const [contracts] = found.filter(({ role }) => role.type === 'Contracts')
    if (!contracts) throw new Error('no registration in blocks 2 and 3')
    genuine = contracts
  })

  function register(change: Partial<RegisterArgs>, operator = 'Worker'): Promise<unknown> {
    const call = encodeCall(WORKERS_INDEX, workersCalls.register, { ...genuine, ...change })
    return refusal(submitSigned(chain, call, devKeypair(operator)))
  }

  function changedAt(at: number): RegisterArgs['evidence'] {
    const { cpu } = genuine.evidence
    const quote = cpu.type === 'Dcap' ? cpu.value.quote.slice() : new Uint8Array()
    quote[at] = (quote[at] ?? 0) ^ 1
    return { cpu: { type: 'Dcap', value: { quote } }, gpu: undefined }
  }

  it('that is replayed', async () => {
    expect(await register({})).toBe('Workers.EvidenceReplayed')
  })

  it('whose evidence binds another operator, slot or key', async () => {
    expect(await register({}, 'Bob')).toBe('Workers.KeyInUse')
    const signingKey = new Uint8Array(32).fill(7)
    expect(await register({ signingKey })).toBe('Attestation.ReportDataMismatch')
    expect(await register({ signingKey }, 'Bob')).toBe('Attestation.ReportDataMismatch')
    expect(await register({ signingKey, slot: 1 })).toBe('Attestation.ReportDataMismatch')
  })

  it.each([
    ['body', 200, 'Attestation.QuoteSignatureInvalid'],
    ['signature', 48 + 584 + 4 + 10, 'Attestation.QuoteSignatureInvalid'],
    ['attestation key', 48 + 584 + 4 + 64 + 10, 'Attestation.QeReportDataMismatch'],
    ['QE report', 48 + 584 + 4 + 128 + 6 + 100, 'Attestation.QeReportSignatureInvalid'],
    ['version', 1, 'Attestation.QuoteVersionUnsupported'],
  ])('with a changed byte in its %s', async (_, at, error) => {
    const signingKey = new Uint8Array(32).fill(7)
    expect(await register({ signingKey, evidence: changedAt(at) })).toBe(error)
  })
})
