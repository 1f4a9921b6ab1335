import { ok, type Hash } from '@tacit/base'
import { expect, test } from 'vitest'
import { Connection } from './connection.ts'
import type { Call } from './json-rpc.ts'
import { stateChangeMethods } from './methods/state-changes.ts'
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
  const store = { numberOf: () => 1, stateAt: () => ok({ values: { get } }) }
  const services = { chain: { head, onBlock: () => () => {} }, store }
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
