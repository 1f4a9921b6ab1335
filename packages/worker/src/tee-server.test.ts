import { connect } from 'node:net'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { err, ok } from '@tacit/base'
import { teeSocket, teeSocketGpus, type EvidenceSource } from '@tacit/enclave'
import { createDevAmd, createDevPlatform } from '@tacit/platform-dev'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { serveTee, type TeeServer } from './tee-server.ts'

const REPORT_DATA = new Uint8Array(64).fill(3)
const td = createDevPlatform({ seed: new Uint8Array(32).fill(7), now: 1_780_000_000 }).launchTd({
  image: new Uint8Array(48),
  role: 'contracts',
})
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

const ask = (): ReturnType<EvidenceSource['collect']> => teeSocket(path, 2_000).collect(REPORT_DATA)

const unavailable = (reason: string): unknown => err({ code: 'evidence_unavailable', reason })

async function raw(line: string): Promise<string> {
  const socket = connect(path)
  socket.end(line)
  let text = ''
  for await (const chunk of socket) text += String(chunk)
  return text
}

test('client and server agree on quotes', async () => {
  server = await serveTee((data) => td.quote(data), path)
  const evidence = { type: 'Dcap', value: { quote: td.quote(REPORT_DATA) } } as const
  expect(await ask()).toEqual(ok(evidence))
  await server.close()
  server = await serveTee(() => evidence, path)
  expect(await ask()).toEqual(ok(evidence))
})

test('client and server agree on SEV-SNP reports', async () => {
  const amd = createDevAmd({ seed: new Uint8Array(32).fill(7), now: 1_780_000_000 })
  const report = amd.launchGuest({ measurement: new Uint8Array(48) }).report(REPORT_DATA)
  const evidence = { type: 'SevSnp', value: { report, certificate: Uint8Array.of(1, 2) } } as const
  server = await serveTee(() => evidence, path)
  expect(await ask()).toEqual(ok(evidence))
})

test('evidence over other report data is refused', async () => {
  server = await serveTee(() => td.quote(new Uint8Array(64)), path)
  expect(await ask()).toEqual(unavailable('report_data_mismatch'))
})

test('client and server agree on GPU evidence', async () => {
  const nonce = new Uint8Array(32).fill(4)
  const collect = (): ReturnType<ReturnType<typeof teeSocketGpus>['collect']> =>
    teeSocketGpus(path, 2_000).collect(nonce)
  const devices = Array.from({ length: 16 }, () => ({
    certificateChain: new Uint8Array(16_384).fill(1),
    report: new Uint8Array(8_192).fill(2),
  }))
  const asked: Uint8Array[] = []
  server = await serveTee(
    (data) => td.quote(data),
    path,
    (given) => {
      asked.push(given)
      return { devices }
    },
  )
  expect(await collect()).toEqual(ok({ devices }))
  expect(asked).toEqual([nonce])
  await server.close()
  server = await serveTee(
    (data) => td.quote(data),
    path,
    () => ({ devices: [...devices, ...devices.slice(0, 1)] }),
  )
  expect(await collect()).toEqual(unavailable('answer_too_large'))
  await server.close()
  server = await serveTee((data) => td.quote(data), path)
  expect(await collect()).toEqual(unavailable('quote_refused'))
  expect(await raw(`{"gpuNonce":"0x${'00'.repeat(32)}"}\n`)).toBe('{"error":"gpus_missing"}\n')
})

test.each([
  ['{"devices":7}'],
  ['{"devices":[{"report":"0x00"}]}'],
  ['{"devices":[{"report":"0x00","certificateChain":"x"}]}'],
  [`{"devices":[{"report":"0x${'00'.repeat(8_193)}","certificateChain":"0x"}]}`],
  ['{"devices":[],"more":1}'],
])('the client refuses GPU evidence such as %.60s', async (answer) => {
  const fake = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end(`${answer}\n`))
  })
  await new Promise<void>((resolve) => fake.listen(path, resolve))
  expect(await teeSocketGpus(path, 2_000).collect(new Uint8Array(32))).toEqual(
    unavailable('quote_refused'),
  )
  await new Promise((resolve) => fake.close(resolve))
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
  ['{"gpuNonce":"0x00"}\n'],
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
  ['quote_refused', '{"report":"0x01"}\n'],
  ['quote_refused', '{"report":"0x01","certificate":7}\n'],
  ['evidence_malformed', '{"report":"0x01","certificate":"0x01"}\n'],
  ['evidence_malformed', '{"quote":"0x01"}\n'],
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
