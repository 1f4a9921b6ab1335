import { ok, type Hash } from '@tacit/base'
import { native } from '@tacit/crypto/native'
import { createMemoryStore } from '@tacit/state'
import { expect, test } from 'vitest'
import { Connection } from './connection.ts'
import type { Call } from './json-rpc.ts'
import { computeRoot } from '../storage/state-root.ts'
import { archiveMethods } from './methods/archive.ts'
import { stateChangeMethods } from './methods/state-changes.ts'
import { stateMethods } from './methods/state.ts'
import { RPC_CODE } from './rpc-error.ts'
import type { RpcServices } from './services.ts'
import { createTurns } from './turns.ts'

const HASH = `0x${'07'.repeat(32)}`
const MIB = 1_048_576

/** A chain whose every key holds as much as a preimage may; `read` counts what was read of it. */
function largeChain(): { services: RpcServices; read: () => number } {
  let reads = 0
  const get = (): Uint8Array => {
    reads++
    return new Uint8Array(MIB)
  }
  const head = { number: 1, hash: new Uint8Array(32).fill(7) as Hash }
  /** Behind each key comes another. */
  const keysWithPrefix = (): Uint8Array[] => [Uint8Array.of(0), Uint8Array.of(1)]
  const store = { numberOf: () => 1, stateAt: () => ok({ values: { get, keysWithPrefix } }) }
  const services = { chain: { head, onBlock: () => () => {} }, store, crypto: native }
  return { services: services as unknown as RpcServices, read: () => reads }
}

/** A chain with a trie, in which twelve keys hold as much as a preimage may. */
function provableChain(): { services: RpcServices; read: () => number } {
  const changes = Array.from({ length: 12 }, (_, at) => {
    return { key: Uint8Array.of(0, at), value: new Uint8Array(MIB).fill(at) }
  })
  const [values, nodes] = [createMemoryStore(changes), createMemoryStore()]
  nodes.apply(computeRoot(nodes, changes, native.hashes).nodes)
  let reads = 0
  const get = (key: Uint8Array): Uint8Array | undefined => {
    reads++
    return values.get(key)
  }
  const head = { number: 1, hash: new Uint8Array(32).fill(7) as Hash }
  const genesisHash = new Uint8Array(32) as Hash
  const store = { numberOf: () => 1, stateAt: () => ok({ values: { get }, nodes }) }
  const services = { chain: { head, genesisHash }, store, crypto: native }
  return { services: services as unknown as RpcServices, read: () => reads }
}

function call(): Call {
  const sink = { send: () => {}, bufferedBytes: () => 0, terminate: () => {} }
  const connection = new Connection(sink, { current: 0 })
  return { connection, afterReply: () => {}, lane: createTurns().createLane() }
}

const keysOf = (count: number): string[] =>
  Array.from({ length: count }, (_, at) => `0x${at.toString(16).padStart(4, '0')}`)

test.each([
  ['state_queryStorageAt', [Array<string>(1_024).fill('0x00'), HASH]],
  ['state_queryStorage', [keysOf(1_024), HASH]],
  ['state_subscribeStorage', [keysOf(1_024)]],
])('%s gathers no more than fits into an answer', async (name, params) => {
  const { services, read } = largeChain()
  const method = stateChangeMethods(services)[name]
  await expect(async () => await method?.(params, call())).rejects.toMatchObject({
    code: RPC_CODE.oversizedResponse,
  })
  expect(read()).toBe(9)
})

test('a few large values are given', async () => {
  const { services } = largeChain()
  const method = stateChangeMethods(services)['state_queryStorageAt']
  const answer = await method?.([keysOf(4), HASH], call())
  expect(answer).toMatchObject([{ block: HASH, changes: [{ length: 2 }, {}, {}, {}] }])
})

test('a proof gathers no more than fits into an answer, and each value once', async () => {
  const { services, read } = provableChain()
  const prove = async (keys: readonly string[]): Promise<unknown> =>
    await stateMethods(services)['state_getReadProof']?.([keys, HASH], call())
  await expect(async () => await prove(keysOf(1_024))).rejects.toMatchObject({
    code: RPC_CODE.oversizedResponse,
  })
  expect(read()).toBe(8)
  const answer = await prove(Array<string>(1_024).fill('0x0003'))
  expect(read()).toBe(9)
  expect(answer).toMatchObject({ at: HASH, proof: { length: 3 } })
})

test('a difference of states ends with an error behind 64 MiB of values', async () => {
  const { services, read } = largeChain()
  const { promise, resolve } = Promise.withResolvers<unknown>()
  const sink = {
    send: (text: string) => resolve(JSON.parse(text)),
    bufferedBytes: () => 0,
    terminate: () => {},
  }
  const begun: (() => void)[] = []
  const asked: Call = {
    ...call(),
    connection: new Connection(sink, { current: 0 }),
    afterReply: (run) => void begun.push(run),
  }
  void archiveMethods(services)['archive_v1_storageDiff']?.([HASH], asked)
  for (const run of begun) run()
  expect(await promise).toMatchObject({
    params: {
      result: {
        event: 'storageDiffError',
        error: 'more than 65536 keys or 67108864 bytes to compare: name longer prefixes',
      },
    },
  })
  expect(read()).toBe(66)
})
