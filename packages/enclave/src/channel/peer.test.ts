import { PassThrough } from 'node:stream'
import { err, ok, unwrap } from '@tacit/base'
import { expect, test } from 'vitest'
import { encodeFrame } from './frames.ts'
import type { Json } from './json.ts'
import { createPeer, toWireError, type Handler, type Peer } from './peer.ts'

const echo: Handler = (method, params) => Promise.resolve(ok([method, params]))

function connect(left: Handler, right: Handler, maxConcurrent = 4): [Peer, Peer] {
  const toRight = new PassThrough()
  const toLeft = new PassThrough()
  const limits = { maxConcurrent, maxPending: 4 }
  return [
    createPeer({ input: toLeft, output: toRight, handle: left, ...limits }),
    createPeer({ input: toRight, output: toLeft, handle: right, ...limits }),
  ]
}

function raw(): { send(message: Json): void; next(): Promise<unknown> } {
  const input = new PassThrough()
  const output = new PassThrough()
  const seen: unknown[] = []
  createPeer({
    input,
    output,
    handle: echo,
    maxConcurrent: 1,
    maxPending: 1,
    observe: (direction, message) => void (direction === 'out' && seen.push(message)),
  })
  return {
    send: (message) => void input.write(unwrap(encodeFrame(message))),
    next: async () => {
      while (seen.length === 0) await new Promise((resolve) => output.once('data', resolve))
      return seen.shift()
    },
  }
}

test('both sides ask, and answers find their requests', async () => {
  const [left, right] = connect(echo, echo)
  const answers = await Promise.all([
    left.request('a', 1),
    left.request('b', [2]),
    right.request('c', null),
  ])
  expect(answers).toEqual([ok(['a', 1]), ok(['b', [2]]), ok(['c', null])])
})

test('a coded error crosses with its fields', async () => {
  const error = toWireError({ code: 'too_low', needed: 12n, list: [1] } as { code: string })
  const [left] = connect(echo, () => Promise.resolve(err(error)))
  expect(await left.request('x', null)).toEqual(err({ code: 'too_low', needed: '12' }))
})

test('more requests at once than allowed are answered busy', async () => {
  const gate = Promise.withResolvers<void>()
  const [left] = connect(echo, () => gate.promise.then(() => ok(null)), 1)
  const first = left.request('slow', null)
  expect(await left.request('second', null)).toEqual(err({ code: 'busy' }))
  gate.resolve()
  expect(await first).toEqual(ok(null))
})

test('a handler that throws is answered without its message', async () => {
  const [left] = connect(echo, () => Promise.reject(new Error('secret')))
  expect(await left.request('x', null)).toEqual(err({ code: 'internal' }))
})

test('closing answers what waits, and later requests', async () => {
  const [left, right] = connect(echo, () => new Promise(() => {}))
  const waiting = left.request('x', null)
  left.close()
  right.close()
  expect(await waiting).toEqual(err({ code: 'channel_closed' }))
  expect(await left.request('y', null)).toEqual(err({ code: 'channel_closed' }))
  await left.closed
})

test.each([
  ['a list', []],
  ['no id', { method: 'x' }],
  ['a negative id', { id: -1, method: 'x' }],
  ['a method that is no text', { id: 1, method: 7 }],
  ['an error without a code', { id: 1, error: {} }],
])('%s is answered frame_malformed, and the channel goes on', async (_, message) => {
  const side = raw()
  side.send(message)
  expect(await side.next()).toEqual({ id: null, error: { code: 'frame_malformed' } })
  side.send({ id: 3, method: 'm', params: 4 })
  expect(await side.next()).toEqual({ id: 3, result: ['m', 4] })
})
