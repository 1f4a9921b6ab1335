import { request as httpRequest, type IncomingMessage } from 'node:http'
import { connect as connectTcp } from 'node:net'
import { once } from 'node:events'
import { parseHex, toHex, unwrap, utf8, type Hash } from '@tacit/base'
import { devKeypair, keypairFromSeed } from '@tacit/crypto'
import { contractsCalls, encodeCall } from '@tacit/runtime'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { RunningNode } from '../start-node.ts'
import type { RpcClient } from '../testing/rpc-client.ts'
import { createBench, transferHex } from '../testing/test-node.ts'
import { signCall, signTransfer } from '../testing/transfers.ts'
import { MAX_REQUEST_BYTES } from './serving.ts'

const CONTRACTS_INDEX = 23
const bench = createBench()
let node: RunningNode
let client: RpcClient
beforeEach(async () => {
  node = await bench.start()
  client = await bench.connect(node)
})
/** Whatever a test did, the node goes on: it still seals a transfer. */
afterEach(async () => {
  const fresh = await bench.connect(node)
  const nonce = Number(
    await fresh.call('system_accountNextIndex', toHex(devKeypair('Eve').accountId)),
  )
  await fresh.submitAndWait(transferHex(node, nonce, { from: 'Eve' }))
  await bench.end()
})

const BOB = devKeypair('Bob').accountId
const amount = 10n ** 12n

test.each([
  ['nothing', '0x'],
  ['one byte', '0x00'],
  ['a length without a body', '0xffffffff'],
  ['random bytes', `0x${'a5'.repeat(150)}`],
  ['a body cut short', undefined],
  ['bytes behind the end', undefined],
])('a malformed extrinsic: %s', async (name, hex) => {
  const good = transferHex(node, 0)
  const bytes = hex ?? (name === 'a body cut short' ? good.slice(0, -2) : `${good}00`)
  expect(await client.fail('author_submitExtrinsic', bytes)).toMatchObject({
    code: 1001,
    message: 'Extrinsic has invalid format',
    data: { code: 'extrinsic_malformed' },
  })
})

test('text that is no hex', async () => {
  for (const text of ['zz', '0xzz', '0x0', 7, null, {}])
    expect((await client.fail('author_submitExtrinsic', text)).code).toBe(-32_602)
})

test('wrong genesis, bad signature, and the ban that follows', async () => {
  const genesisHash = new Uint8Array(32).fill(1) as Hash
  const alice = devKeypair('Alice')
  const foreign = signTransfer({ from: alice, to: BOB, amount, nonce: 0, genesisHash })
  const invalid = { code: 1010, data: 'Transaction has a bad signature' }
  expect(await client.fail('author_submitExtrinsic', toHex(foreign))).toMatchObject(invalid)
  expect((await client.fail('author_submitExtrinsic', toHex(foreign))).code).toBe(1012)
  const forged = unwrap(parseHex(transferHex(node, 0)))
  forged[60] = (forged[60] ?? 0) ^ 1
  expect(await client.fail('author_submitExtrinsic', toHex(forged))).toMatchObject(invalid)
})

test('stale nonce and low balance', async () => {
  await client.submitAndWait(transferHex(node, 0))
  expect(
    await client.fail('author_submitExtrinsic', transferHex(node, 0, { tip: 1n })),
  ).toMatchObject({
    code: 1010,
    message: 'Invalid Transaction',
    data: 'Transaction is outdated',
  })
  const poor = keypairFromSeed('sr25519', new Uint8Array(32).fill(7))
  const { genesisHash } = node
  const unpaid = signTransfer({ from: poor, to: BOB, amount, nonce: 0, genesisHash })
  expect(await client.fail('author_submitExtrinsic', toHex(unpaid))).toMatchObject({
    code: 1010,
    data: 'Inability to pay some fees (e.g. account balance too low)',
  })
})

test('too low priority and a second copy', async () => {
  const slow = await bench.start({ minBlockMs: 3_600_000 })
  const patient = await bench.connect(slow)
  await patient.call('author_submitExtrinsic', transferHex(slow, 0, { tip: 5n }))
  expect(
    (await patient.fail('author_submitExtrinsic', transferHex(slow, 0, { tip: 5n }))).code,
  ).toBe(1013)
  expect((await patient.fail('author_submitExtrinsic', transferHex(slow, 0))).code).toBe(1014)
  expect(await patient.call('system_accountNextIndex', toHex(devKeypair('Alice').accountId))).toBe(
    1,
  )
  expect(await patient.call('author_pendingExtrinsics')).toEqual([
    transferHex(slow, 0, { tip: 5n }),
  ])
})

test('an oversized payload', async () => {
  const code = new Uint8Array(3_900_000)
  const call = encodeCall(CONTRACTS_INDEX, contractsCalls.upload_code, { code })
  const { genesisHash } = node
  const huge = signCall(call, { from: devKeypair('Alice'), nonce: 0, genesisHash })
  const { code: refusal } = await client.fail('author_submitExtrinsic', toHex(huge))
  expect([1001, 1010]).toContain(refusal)
})

test('an inherent from outside, and a call that needs a signature', async () => {
  const inherent = '0x280401000b00204aa9d101'
  expect((await client.fail('author_submitExtrinsic', inherent)).code).toBe(1010)
  const signed = unwrap(parseHex(transferHex(node, 0)))
  expect(signed.length).toBeGreaterThan(100)
  const bare = toHex(Uint8Array.of(4 * 37, 4, 10, 3, 0, ...BOB, 4))
  expect(await client.fail('author_submitExtrinsic', bare)).toMatchObject({
    code: 1011,
    data: 'Could not find an unsigned validator for the unsigned transaction',
  })
})

async function post(
  body: string | Uint8Array,
  headers: { readonly [name: string]: string } = {},
): Promise<Response> {
  const url = node.rpcUrl.replace('ws:', 'http:')
  const type = { 'content-type': 'application/json' }
  return await fetch(url, {
    method: 'POST',
    headers: { ...type, ...headers },
    body: body as BodyInit,
  })
}

async function errorCode(body: string | Uint8Array): Promise<unknown> {
  const response = await post(body)
  const { error, id } = (await response.json()) as { error?: { code: number }; id: unknown }
  return [error?.code, id]
}

test('JSON-RPC: what is no request has its code', async () => {
  expect(await errorCode('{')).toEqual([-32_700, null])
  expect(await errorCode(Uint8Array.of(0xff, 0xfe))).toEqual([-32_700, null])
  expect(await errorCode('[]')).toEqual([-32_600, null])
  expect(await errorCode('1')).toEqual([-32_600, null])
  expect(await errorCode('{"jsonrpc":"1.0","id":3,"method":"system_name"}')).toEqual([-32_600, 3])
  expect(await errorCode('{"jsonrpc":"2.0","id":{},"method":"system_name"}')).toEqual([
    -32_600,
    null,
  ])
  expect(await errorCode('{"jsonrpc":"2.0","id":3,"method":7}')).toEqual([-32_600, 3])
  expect(await errorCode('{"jsonrpc":"2.0","id":3,"method":"system_name","params":1}')).toEqual([
    -32_600, 3,
  ])
  expect(await errorCode('{"jsonrpc":"2.0","id":3,"method":"nope"}')).toEqual([-32_601, 3])
  for (const name of ['constructor', '__proto__', 'toString', ''])
    expect(await errorCode(`{"jsonrpc":"2.0","id":3,"method":"${name}"}`)).toEqual([-32_601, 3])
  expect(await errorCode('{"jsonrpc":"2.0","id":3,"method":"system_name","params":{}}')).toEqual([
    -32_602, 3,
  ])
  expect(await errorCode(`{"jsonrpc":"2.0","id":3,"method":"chain_subscribeNewHeads"}`)).toEqual([
    -32_601, 3,
  ])
})

test('deep nesting is refused before it is parsed', async () => {
  const deep = (count: number): string => `${'['.repeat(count)}${']'.repeat(count)}`
  const request = (params: string): string =>
    `{"jsonrpc":"2.0","id":3,"method":"chain_getBlockHash","params":${params}}`
  expect(await errorCode(request(deep(100)))).toEqual([-32_600, null])
  expect(await errorCode(request(deep(1_000_000)))).toEqual([-32_600, null])
  expect(await errorCode(request(deep(50)))).toEqual([-32_602, 3])
  expect(await errorCode(request(`["${'['.repeat(100)}\\\\""]`))).toEqual([-32_700, null])
})

test('batches and notifications', async () => {
  const name = (id: number): string => `{"jsonrpc":"2.0","id":${id},"method":"system_name"}`
  const note = '{"jsonrpc":"2.0","method":"system_name"}'
  const mixed = (await (await post(`[${name(1)},${note},7,${name(2)}]`)).json()) as unknown[]
  expect(mixed).toMatchObject([{ id: 1 }, { id: null, error: { code: -32_600 } }, { id: 2 }])
  const silent = await post(`[${note},${note}]`)
  expect([silent.status, await silent.text()]).toEqual([204, ''])
  const many = Array.from({ length: 129 }, (_, id) => name(id))
  expect(await errorCode(`[${many.join()}]`)).toEqual([-32_010, null])
  const metadata = '{"jsonrpc":"2.0","id":1,"method":"state_getMetadata"}'
  const { length } = await (await post(metadata)).text()
  const enough = Math.ceil(16_777_216 / length) + 1
  if (enough <= 128)
    expect(await errorCode(`[${Array(enough).fill(metadata).join()}]`)).toEqual([-32_011, null])
})

test('HTTP: size, type, method, path, origin', async () => {
  expect((await post(' '.repeat(MAX_REQUEST_BYTES + 1))).status).toBe(413)
  expect((await post('{}', { 'content-type': 'text/plain' })).status).toBe(415)
  const url = node.rpcUrl.replace('ws:', 'http:')
  expect((await fetch(url)).status).toBe(405)
  expect((await fetch(`${url}/x`)).status).toBe(404)
  expect((await post('{}', { origin: 'https://evil.example' })).status).toBe(403)
  const local = await post('[]', { origin: 'http://127.0.0.1:9945' })
  expect(local.headers.get('access-control-allow-origin')).toBe('http://127.0.0.1:9945')
  const health = (await (await fetch(`${url}/health`)).json()) as unknown
  expect(health).toEqual({ healthy: true, best: 0, justified: 0, pool: 0, staleMs: 0 })
})

/** Node's fetch names its own host; this asks under any name. */
async function ask(
  method: string,
  headers: { readonly [name: string]: string },
): Promise<IncomingMessage> {
  const port = new URL(node.rpcUrl).port
  const asked = httpRequest({ port, host: '127.0.0.1', method, headers })
  asked.end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  response.resume()
  return response
}

test('HTTP: a name that is not of this machine is refused, whatever the origin', async () => {
  const foreign = { host: 'evil.example:9944' }
  expect((await ask('GET', foreign)).statusCode).toBe(403)
  expect((await ask('POST', { ...foreign, origin: 'http://evil.example:9944' })).statusCode).toBe(
    403,
  )
  expect((await ask('GET', { host: 'localhost:9944' })).statusCode).toBe(405)
  const upgrade = { ...foreign, connection: 'upgrade', upgrade: 'websocket' }
  expect((await ask('GET', upgrade)).statusCode).toBe(403)
})

test('HTTP: preflight', async () => {
  const origin = 'https://polkadot.js.org'
  const asked = {
    origin,
    'access-control-request-method': 'POST',
    'access-control-request-private-network': 'true',
  }
  const refused = await ask('OPTIONS', asked)
  expect(refused.statusCode).toBe(403)
  expect(refused.headers['access-control-allow-origin']).toBeUndefined()
  node = await bench.start({ allowedOrigins: [origin] })
  const allowed = await ask('OPTIONS', asked)
  expect(allowed.statusCode).toBe(204)
  expect(allowed.headers).toMatchObject({
    'access-control-allow-origin': origin,
    'access-control-allow-methods': 'POST, GET',
    'access-control-allow-headers': 'content-type',
    'access-control-allow-private-network': 'true',
    vary: 'origin',
  })
  expect((await ask('OPTIONS', { ...asked, origin: 'null' })).statusCode).toBe(403)
})

test('HTTP: a body that is announced as too large is not waited for', async () => {
  const socket = connectTcp(Number(new URL(node.rpcUrl).port), '127.0.0.1')
  const head = ['POST / HTTP/1.1', 'Host: localhost', 'Content-Type: application/json']
  socket.write([...head, 'Content-Length: 100000000', '', ''].join('\r\n'))
  const [data] = (await once(socket, 'data')) as [Buffer]
  expect(data.toString()).toMatch(/^HTTP\/1.1 413 /)
  await once(socket.resume(), 'close')
})

test('a foreign web page cannot open a WebSocket unless it is allowed', async () => {
  const open = async (url: string, origin: string): Promise<string> => {
    const socket = new WebSocket(url, { origin })
    const outcome = await new Promise<string>((resolve) => {
      socket.on('open', () => resolve('open'))
      socket.on('error', (fault) => resolve(fault.message))
    })
    socket.terminate()
    return outcome
  }
  expect(await open(node.rpcUrl, 'https://evil.example')).toContain('403')
  expect(await open(node.rpcUrl, 'null')).toContain('403')
  expect(await open(node.rpcUrl, 'http://localhost:3000')).toBe('open')
  const friendly = await bench.start({ allowedOrigins: ['https://wallet.example'] })
  expect(await open(friendly.rpcUrl, 'https://wallet.example')).toBe('open')
})

test('garbage in WebSocket frames', async () => {
  const socket = client.socket
  const next = async (): Promise<unknown> => {
    const [data] = (await once(socket, 'message')) as [Buffer]
    return JSON.parse(data.toString())
  }
  const junk = next()
  socket.send(Uint8Array.of(0, 1, 2, 0xff))
  expect(await junk).toMatchObject({ error: { code: -32_700 } })
  const text = next()
  socket.send('not json')
  expect(await text).toMatchObject({ error: { code: -32_700 } })
  // A text frame that is no UTF-8, written past the library: the protocol's own close code.
  const raw = Reflect.get(socket, '_socket') as NodeJS.WritableStream
  const closed = once(socket, 'close')
  raw.write(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe]))
  expect((await closed)[0]).toBe(1007)
})

test('a frame that is too large closes the connection', async () => {
  const closed = once(client.socket, 'close')
  client.socket.send(Buffer.alloc(MAX_REQUEST_BYTES + 1))
  expect((await closed)[0]).toBe(1009)
})

test('bytes that are not HTTP', async () => {
  const port = Number(new URL(node.rpcUrl).port)
  for (const bytes of [utf8('\0\0\0\0garbage\r\n\r\n'), new Uint8Array(100_000).fill(0xaa)]) {
    const socket = connectTcp(port, '127.0.0.1')
    socket.on('error', () => {})
    const closed = new Promise((resolve) => socket.on('close', resolve))
    socket.write(bytes)
    socket.resume()
    await closed
  }
})

test('an unfinished upgrade and connections that go while they are served', async () => {
  const port = Number(new URL(node.rpcUrl).port)
  const half = connectTcp(port, '127.0.0.1')
  half.write('GET / HTTP/1.1\r\nUpgrade: websocket\r\n')
  for (let count = 0; count < 20; count++) {
    const other = await bench.connect(node)
    other.socket.send('{"jsonrpc":"2.0","id":1,"method":"chainHead_v1_follow","params":[true]}')
    other.socket.send('{"jsonrpc":"2.0","id":2,"method":"state_getMetadata","params":[]}')
    other.close()
  }
  half.destroy()
})

test('parameters that are out of range', async () => {
  const head = await client.call('chain_getBlockHash')
  const cases: readonly [string, ...unknown[]][] = [
    ['chain_getBlock', '0x00'],
    ['chain_getBlockHash', -1],
    ['chain_getBlockHash', 1.5],
    ['chain_getBlockHash', 2 ** 32],
    ['chain_getBlockHash', {}],
    ['state_getStorage', `0x${'00'.repeat(1_025)}`],
    ['state_getReadProof', 'x'],
    ['state_getReadProof', Array.from({ length: 1_025 }, () => '0x00'), head],
    ['system_accountNextIndex', 'nonsense'],
    ['chainHead_v1_follow', 'yes'],
    ['chainHead_v1_unfollow', 'x'.repeat(300)],
    ['transaction_v1_stop', 'nothing'],
  ]
  for (const [method, ...params] of cases)
    expect([method, (await client.fail(method, ...params)).code]).toEqual([method, -32_602])
  const unknown = `0x${'11'.repeat(32)}`
  expect((await client.fail('state_getStorage', '0x00', unknown)).code).toBe(-32_000)
  expect((await client.fail('state_call', 'No_such', '0x')).data).toEqual({ code: 'api_unknown' })
  expect(
    (await client.fail('state_call', 'AccountNonceApi_account_nonce', '0x00')).data,
  ).toMatchObject({
    code: 'api_params_malformed',
  })
  expect(await client.call('state_getStorage', '0x')).toBe(null)
  expect(await client.call('state_getKeysPaged', '0x', 1_000)).not.toHaveLength(0)
  expect(await client.call('chain_getBlock', unknown)).toBe(null)
  expect(await client.call('chain_getHeader', unknown)).toBe(null)
  expect(await client.call('chain_getBlockHash', 77)).toBe(null)
})
