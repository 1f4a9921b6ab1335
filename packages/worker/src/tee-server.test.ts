import { connect } from 'node:net'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { concatBytes, err, ok } from '@tacit/base'
import { teeSocket } from '@tacit/enclave'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { serveTee, type TeeServer } from './tee-server.ts'

const REPORT_DATA = new Uint8Array(64).fill(3)
let folder: string
let path: string
let server: TeeServer | undefined

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tacit-tee-'))
  path = join(folder, 'tee.sock')
})
afterEach(async () => {
  await server?.close()
  server = undefined
  await rm(folder, { recursive: true })
})

const ask = (): ReturnType<ReturnType<typeof teeSocket>['quote']> =>
  teeSocket(path, 2_000).quote(REPORT_DATA)

const unavailable = (reason: string): unknown => err({ code: 'evidence_unavailable', reason })

async function raw(line: string): Promise<string> {
  const socket = connect(path)
  socket.end(line)
  let text = ''
  for await (const chunk of socket) text += String(chunk)
  return text
}

test('client and server agree on quotes', async () => {
  server = await serveTee((data) => concatBytes(Uint8Array.of(9), data), path)
  expect(await ask()).toEqual(ok(concatBytes(Uint8Array.of(9), REPORT_DATA)))
})

test('a platform that fails, or none at all, is a coded refusal', async () => {
  expect(await ask()).toEqual(unavailable('socket_failed'))
  server = await serveTee(() => {
    throw new Error('no')
  }, path)
  expect(await ask()).toEqual(unavailable('quote_refused'))
})

test.each([
  ['{}\n'],
  ['nonsense\n'],
  ['{"reportData":"0x00"}\n'],
  ['null\n'],
  ['x'.repeat(10_000)],
])('the server answers %s with a code', async (line) => {
  server = await serveTee(() => Uint8Array.of(1), path)
  expect(await raw(line)).toBe('{"error":"request_malformed"}\n')
})

test.each([
  ['answer_malformed', 'nonsense\n'],
  ['quote_refused', '{"quote":7}\n'],
  ['quote_refused', '{"quote":"0x01","more":1}\n'],
  ['answer_too_large', 'x'.repeat(60_000)],
  ['socket_closed', ''],
])('the client refuses an answer with %s', async (reason, answer) => {
  const fake = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end(answer))
  })
  await new Promise<void>((resolve) => fake.listen(path, resolve))
  expect(await ask()).toEqual(unavailable(reason))
  await new Promise((resolve) => fake.close(resolve))
})
