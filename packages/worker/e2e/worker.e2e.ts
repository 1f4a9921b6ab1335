import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bytesToHex, equalBytes, type AccountId } from '@tacit/base'
import { devKeypair } from '@tacit/crypto'
import {
  commitMessage,
  encodeCall,
  saltedHash,
  WORKERS_INDEX,
  workersCalls,
  workersStorage,
  type CommandOutcome,
  type Instance,
} from '@tacit/runtime'
import { openSession, sendCommand, submitSigned, untilCommitted, type Session } from '@tacit/sdk'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findSecret, formsOf } from '../src/testing/find-secret.ts'
import { startTestNetwork, type TestNetwork } from '../src/testing/test-network.ts'

const BOB = devKeypair('Bob')
const CHARLIE = devKeypair('Charlie')
/** Values that occur nowhere by chance. */
const SECRETS = [271_828_182_845_904_523n, 161_803_398_874_989_484n]

const recorded: Buffer[] = []
let network: TestNetwork
let contract: AccountId
/** How far the worker's clock is ahead. */
let aheadMs = 0

function record(_where: string, content: unknown): void {
  const bytes = content instanceof Uint8Array ? content : Buffer.from(JSON.stringify(content) ?? '')
  recorded.push(Buffer.from(bytes))
}

async function run(
  method: string,
  input: unknown = null,
  sender = BOB,
): Promise<CommandOutcome & { readonly salt: Uint8Array; readonly fits: boolean }> {
  const { chain } = network
  const gasLimit = 2_000_000n
  const sent = await sendCommand(chain, sender, { contract, method, input, gasLimit })
  const { payload, signature } = await untilCommitted(chain, contract, sent.sequence)
  const outcome = payload.outcomes.find(({ sequence }) => sequence === sent.sequence)
  if (!outcome) throw new Error('the commit has no outcome of the command')
  const { instance: publicKey } = payload
  const check = {
    scheme: 'ed25519',
    publicKey,
    message: commitMessage(payload),
    signature,
  } as const
  return { ...outcome, salt: sent.salt, fits: chain.crypto.verify(check) }
}

const speakAs = (account = BOB): Promise<Session> =>
  openSession(network.chain, { contract, account })

beforeAll(async () => {
  network = await startTestNetwork(record, () => Date.now() + aheadMs)
  contract = await network.deploy()
})
afterAll(() => network?.stop())

describe('one contract, two traders', () => {
  test('sealed orders are run and committed; each trader sees the own', async () => {
    const first = await run('order', { price: String(SECRETS[0]) }, BOB)
    const second = await run('order', { price: String(SECRETS[1]) }, CHARLIE)
    expect([first.code, second.code, first.fits, second.fits]).toEqual(['ok', 'ok', true, true])
    const [bob, charlie, nobody] = await Promise.all([
      speakAs(BOB),
      speakAs(CHARLIE),
      openSession(network.chain, { contract }),
    ])
    expect((await bob.query('mine')).output).toBe(String(SECRETS[0]))
    expect((await charlie.query('mine')).output).toBe(String(SECRETS[1]))
    expect((await nobody.query('mine')).output).toBeNull()
    expect((await nobody.query('total')).output).toBe(2)
  })

  test('the sender alone gets the output of a command, and it fits the commit', async () => {
    const { hashes } = network.chain.crypto
    const done = await run('order', { price: '5' }, BOB)
    const input = { sequence: done.sequence.toString() }
    const answer = (await (await speakAs(BOB)).query('$output', input)).output as {
      code: string
      output: string
      salt: string
    }
    expect(answer).toMatchObject({ code: 'ok', output: '{"took":"5"}' })
    expect(answer.salt).toBe(`0x${bytesToHex(done.salt)}`)
    const hash = saltedHash(hashes, done.salt, new TextEncoder().encode(answer.output))
    expect(equalBytes(hash, done.outputHash)).toBe(true)
    await expect((await speakAs(CHARLIE)).query('$output', input)).rejects.toMatchObject({
      code: 'not_sender',
    })
    const nobody = await openSession(network.chain, { contract })
    await expect(nobody.query('$output', input)).rejects.toMatchObject({ code: 'caller_required' })
    await expect((await speakAs()).query('$output', { sequence: '999' })).rejects.toMatchObject({
      code: 'command_pending',
    })
    await expect((await speakAs()).query('$output', {})).rejects.toMatchObject({
      code: 'input_invalid',
    })
  })

  test.each([
    ['explode', 'contract_threw'],
    ['spin', 'out_of_gas'],
    ['refuse', 'contract_failed'],
    ['missing', 'method_unknown'],
  ])('%s ends with %s, changes nothing, and others go on', async (method, code) => {
    const before = await (await speakAs()).query('total')
    const failed = await run(method)
    expect(failed.code).toBe(code)
    expect(failed.gasUsed).toBeGreaterThanOrEqual(10_000n)
    // A new session: its hello makes the enclave reach this client's head first.
    const after = await (await speakAs()).query('total')
    expect(after.output).toBe(before.output)
    expect(after.root).toEqual(before.root)
    expect(after.processed).toBeGreaterThan(before.processed)
    expect((await run('order', { price: '1' })).code).toBe('ok')
  })

  test('an unknown query is refused with its code', async () => {
    await expect((await speakAs()).query('nothing')).rejects.toMatchObject({
      code: 'method_unknown',
    })
  })
})

describe('what the worker sees', () => {
  test('no planted order value, in any form, in frames, HTTP, RPC or files', async () => {
    const folder = join(network.dataDir, 'contracts', bytesToHex(contract))
    const files = await readdir(folder)
    expect(files.length).toBeGreaterThan(0)
    const onDisk = await Promise.all(files.map((file) => readFile(join(folder, file))))
    for (const secret of SECRETS) expect(findSecret([...recorded, ...onDisk], secret)).toEqual([])
  })

  test('the search finds a planted value in every form: plain, in hex, and inside of frames', () => {
    for (const secret of SECRETS) {
      for (const { form, bytes } of formsOf(secret)) {
        const around = Buffer.concat([Buffer.from('{"x":"'), bytes, Buffer.from('"}')])
        expect(findSecret([around], secret)).toContain(form)
        const frame = Buffer.from(JSON.stringify({ blob: `0x${around.toString('hex')}` }))
        expect(findSecret([frame], secret)).toContain(form)
      }
    }
  })

  test('everything that should be recorded was', () => {
    const all = Buffer.concat(recorded).toString('latin1')
    const parts = ['"releaseFinish"', '"state_getReadProof"', '"frame"', '"inbox"', '"step"']
    for (const part of parts) expect(all).toContain(part)
    expect(recorded.length).toBeGreaterThan(100)
  })
})

describe('a dead enclave', () => {
  test('is replaced by a new instance that fetches keys and state again', async () => {
    const { worker, chain } = network
    const before = worker.instance()
    const total = (await (await speakAs()).query('total')).output
    process.kill(before?.pid ?? 0, 'SIGKILL')
    await expect.poll(() => worker.instance()?.pid, { timeout: 15_000 }).not.toBe(before?.pid)
    const next = await worker.ready()
    expect(equalBytes(next.signingKey, before?.signingKey ?? new Uint8Array())).toBe(false)
    const done = await run('order', { price: '3' }, CHARLIE)
    expect(done.code).toBe('ok')
    const session = await openSession(chain, { contract, account: CHARLIE })
    expect(session.instance).toEqual(next.signingKey)
    expect((await session.query('mine')).output).toBe('3')
    expect((await session.query('total')).output).toBe(Number(total) + 1)
  })
})

test('an instance renews its registration when half of its time is over', async () => {
  const { worker, chain } = network
  const { signingKey } = await worker.ready()
  const read = (): Promise<Instance | undefined> =>
    chain.read(workersStorage.Instances, [signingKey])
  const before = await read()
  aheadMs = 13 * 3_600_000
  await run('order', { price: '1' })
  await expect
    .poll(async () => (await read())?.registeredAt, { timeout: 10_000 })
    .toBeGreaterThan(before?.registeredAt ?? 0)
  expect(worker.instance()?.signingKey).toEqual(signingKey)
  expect((await run('order', { price: '2' })).code).toBe('ok')
})

test('an instance that was taken out of service registers again by itself', async () => {
  const { worker, chain } = network
  const { signingKey } = await worker.ready()
  const read = (): Promise<Instance | undefined> =>
    chain.read(workersStorage.Instances, [signingKey])
  const before = await read()
  const deregister = encodeCall(WORKERS_INDEX, workersCalls.deregister, { slot: 0 })
  await submitSigned(chain, deregister, devKeypair('Eve'))
  expect(await read()).toBe(undefined)
  await expect
    .poll(async () => (await read())?.registeredAt, { timeout: 20_000 })
    .toBeGreaterThan(before?.registeredAt ?? 0)
  expect((await run('order', { price: '4' })).code).toBe('ok')
})

test('a worker that starts again finds its contracts and what was sent meanwhile', async () => {
  const { chain } = network
  const sent: { sequence: bigint }[] = []
  await network.restartWorker(async () => {
    for (const price of ['8', '9']) {
      sent.push(await sendCommand(chain, BOB, { contract, method: 'order', input: { price } }))
    }
  })
  const commit = await untilCommitted(chain, contract, sent[1]?.sequence ?? 0n)
  expect(commit.payload.outcomes.map(({ code }) => code)).toEqual(['ok', 'ok'])
  expect((await (await speakAs()).query('mine')).output).toBe('9')
})

describe('HTTP', () => {
  const post = (path: string, body: Uint8Array): Promise<Response> =>
    fetch(network.worker.url + path, { method: 'POST', body: body.slice() })

  test.each([
    ['/v1/session', 10, 400, 'hello_malformed'],
    ['/v1/session', 10_000, 413, 'body_too_large'],
    ['/v1/frame', 3, 400, 'scale_malformed'],
    ['/v1/nothing', 0, 404, 'path_unknown'],
    ['/v1/release/nonce', 0, 404, 'path_unknown'],
  ])('%s with %i bytes is %i %s', async (path, size, status, code) => {
    const response = await post(path, new Uint8Array(size))
    expect([response.status, await response.json()]).toMatchObject([status, { error: { code } }])
  })

  test('a GET of a POST path is refused', async () => {
    const response = await fetch(`${network.worker.url}/v1/frame`)
    expect([response.status, await response.json()]).toEqual([
      405,
      { error: { code: 'method_refused' } },
    ])
  })

  test('health and metrics tell how it is', async () => {
    const health = await (await fetch(`${network.worker.url}/health`)).json()
    expect(health).toMatchObject({ role: 'contracts', serving: true })
    const metrics = await (await fetch(`${network.worker.url}/metrics`)).text()
    expect(metrics).toMatch(/^tacit_worker_commits_total [1-9]/m)
    expect(metrics).toMatch(/^tacit_worker_height_blocks [1-9]/m)
  })

  test.each([
    ['/v1/release/grant', 5, 'request_malformed'],
    ['/v1/release/collect', 5, 'request_malformed'],
    ['/v1/release/nonce', 1, 'body_too_large'],
  ])('a gatekeeper answers %s with %i bytes %s', async (path, size, code) => {
    const response = await fetch(network.gatekeeper.url + path, {
      method: 'POST',
      body: new Uint8Array(size),
    })
    expect(await response.json()).toMatchObject({ error: { code } })
  })
})
