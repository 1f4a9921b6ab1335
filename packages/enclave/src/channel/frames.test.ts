import { err, ok, unwrap, utf8 } from '@tacit/base'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MAX_BLOB_BYTES } from '../contract/state-blob.ts'
import { createFrameReader, encodeFrame, MAX_FRAME_BYTES } from './frames.ts'

function frameOf(body: Uint8Array): Uint8Array {
  const frame = new Uint8Array(4 + body.length)
  new DataView(frame.buffer).setUint32(0, body.length, true)
  frame.set(body, 4)
  return frame
}

test('frames survive any cutting of the stream', () => {
  const messages = fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 5 })
  const cuts = fc.array(fc.nat(400), { maxLength: 8 })
  fc.assert(
    fc.property(messages, cuts, (values, at) => {
      const plain = values.map((value) => JSON.parse(JSON.stringify(value)) as never)
      const stream = Buffer.concat(plain.map((value) => unwrap(encodeFrame(value))))
      const edges = [0, ...at.map((one) => one % (stream.length + 1)), stream.length]
      edges.sort((a, b) => a - b)
      const reader = createFrameReader()
      const frames = edges.flatMap((edge, index) =>
        reader.push(stream.subarray(edges[index - 1] ?? 0, edge)),
      )
      expect(frames).toEqual(plain.map((value) => ok(value)))
    }),
    { numRuns: 60 },
  )
})

test('a body that is no JSON or no UTF-8 is coded, and the next frame is read', () => {
  const reader = createFrameReader()
  const stream = Buffer.concat([
    frameOf(utf8('{')),
    frameOf(Uint8Array.of(0xff, 0xfe)),
    frameOf(utf8('7')),
  ])
  expect(reader.push(stream)).toEqual([
    err({ code: 'frame_malformed' }),
    err({ code: 'frame_malformed' }),
    ok(7),
  ])
})

test('a length beyond the bound ends the stream before anything is allocated for it', () => {
  const reader = createFrameReader()
  const head = new Uint8Array(4)
  new DataView(head.buffer).setUint32(0, MAX_FRAME_BYTES + 1, true)
  expect(reader.push(head)).toEqual([err({ code: 'frame_too_large' })])
  expect(reader.push(frameOf(utf8('7')))).toEqual([])
})

test('a message beyond the bound is not sent', () => {
  expect(encodeFrame('x'.repeat(MAX_FRAME_BYTES))).toEqual(err({ code: 'frame_too_large' }))
})

test('the largest sealed state fits into a frame beside its commit', () => {
  const answer = { blob: `0x${'ff'.repeat(MAX_BLOB_BYTES)}`, payload: 'f'.repeat(2 * 1024 * 1024) }
  expect(encodeFrame(answer).ok).toBe(true)
})
