import { expect, test } from 'vitest'
import { answer, type Call, type Methods } from './json-rpc.ts'
import { createTurns } from './turns.ts'

const MiB = 1_048_576
const methods: Methods = {
  text: ([length]) => 'x'.repeat(Number(length)),
  later: async ([length]) => await Promise.resolve('x'.repeat(Number(length))),
}

type Reply = { readonly id: unknown; readonly error?: { readonly code: number } }

async function ask(request: unknown, isOpen = true): Promise<Reply | readonly Reply[]> {
  const call = {
    connection: { isOpen },
    lane: createTurns().createLane(),
    afterReply: () => {},
  } as unknown as Call
  const reply = await answer(methods, JSON.stringify(request), call, () => {})
  return JSON.parse(reply ?? 'null') as Reply
}

const request = (id: number, method: string, length: number): unknown => ({
  jsonrpc: '2.0',
  id,
  method,
  params: [length],
})

test.each(['text', 'later'])('a response of more than 16 MiB is an error: %s', async (method) => {
  expect(await ask(request(1, method, 16 * MiB))).toMatchObject({ id: 1, error: { code: -32_008 } })
  expect(await ask(request(1, method, 16 * MiB - 100))).not.toHaveProperty('error')
})

test('a batch ends where its responses come to more than 16 MiB', async () => {
  const batch = [1, 2, 3].map((id) => request(id, 'text', 6 * MiB))
  expect(await ask(batch)).toMatchObject({ id: null, error: { code: -32_011 } })
  expect(await ask(batch.slice(0, 2))).toHaveLength(2)
})

test('what a client asked for that has gone is not done', async () => {
  expect(await ask(request(1, 'text', 1), false)).toMatchObject({ error: { code: -32_603 } })
})
