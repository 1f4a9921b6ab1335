import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { toHex } from '@tacit/base'
import { devKeypair } from '@tacit/crypto'
import { native } from '@tacit/crypto/native'
import { systemStorage } from '@tacit/runtime'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { startNodeUnderLoad, type NodeUnderLoad, type Report } from './node-under-load.ts'

/** MiB of memory that a node may have whatever its clients do; it starts with about 200. */
const MAX_MIB = 640
/** Each of these ends by itself within this. */
const MAX_MS = 20_000
const ATTACK_MS = 4_000

let node: NodeUnderLoad
beforeEach(async () => {
  node = await startNodeUnderLoad()
})
afterEach(() => node.stop())

function expectBounded(name: string, report: Report): void {
  const shown = Object.entries(report).map(([field, value]) => `${field} ${Math.round(value)}`)
  console.log(`${name}: ${shown.join(', ')}`)
  expect(report.transactions).toBeGreaterThan(0)
  expect(report.mostBlocks).toBeLessThanOrEqual(3)
  expect(report.peakMiB).toBeLessThan(MAX_MIB)
}

const request = (id: number, method: string, ...params: readonly unknown[]): string =>
  JSON.stringify({ jsonrpc: '2.0', id, method, params })

async function open(): Promise<WebSocket> {
  const socket = new WebSocket(node.rpcUrl)
  socket.on('error', () => {})
  await once(socket, 'open')
  return socket
}

const HEAVY = [
  request(1, 'state_getKeysPaged', '0x', 1_000),
  request(2, 'state_getMetadata'),
  request(3, 'state_call', 'Metadata_metadata', '0x'),
  request(4, 'state_getPairs', '0x26aa394eea5630e07c48ae0c9558cef7'),
  `[${Array(64)
    .fill(request(5, 'state_getKeysPaged', '0x', 1_000))
    .join()}]`,
]

test('a flood of heavy questions', { timeout: MAX_MS }, async () => {
  const sockets = await Promise.all(Array.from({ length: 16 }, open))
  const report = await node.measure(async () => {
    for (const socket of sockets) {
      const ask = (): void => {
        for (const text of HEAVY) socket.send(text)
      }
      for (let count = 0; count < 20; count++) ask()
      socket.on('message', ask)
    }
    await delay(ATTACK_MS)
    for (const socket of sockets) socket.terminate()
  })
  expectBounded('flood', report)
  expect(report.slowestMs).toBeLessThan(2_000)
})

test('readers that never read', { timeout: MAX_MS }, async () => {
  const sockets = await Promise.all(Array.from({ length: 64 }, open))
  const report = await node.measure(async () => {
    for (const socket of sockets) {
      socket.pause()
      for (let count = 0; count < 500; count++) socket.send(request(count, 'state_getMetadata'))
    }
    await delay(ATTACK_MS)
    for (const socket of sockets) socket.terminate()
  })
  expectBounded('slow readers', report)
})

test('ten thousand subscriptions', { timeout: MAX_MS }, async () => {
  const key = toHex(systemStorage.Account.key(native.hashes, devKeypair('Alice').accountId))
  const kinds: readonly (readonly [string, ...unknown[]])[] = [
    ['chain_subscribeNewHeads'],
    ['chain_subscribeFinalizedHeads'],
    ['state_subscribeStorage', [key]],
    ['grandpa_subscribeJustifications'],
  ]
  const batch = `[${Array.from({ length: 100 }, (_, at) => {
    const [method, ...params] = kinds[at % kinds.length] ?? ['']
    return request(at, method, ...params)
  }).join()}]`
  let notices = 0
  const sockets: WebSocket[] = []
  const report = await node.measure(async () => {
    for (let count = 0; count < 100; count++) {
      const socket = await open()
      sockets.push(socket)
      socket.send(batch)
      const [reply] = (await once(socket, 'message')) as [Buffer]
      expect(reply.toString().match(/"result":"s/g)).toHaveLength(100)
      socket.on('message', () => void notices++)
    }
    await delay(ATTACK_MS)
  })
  expectBounded('subscriptions', report)
  expect(notices).toBeGreaterThan(20_000)
  for (const socket of sockets) socket.terminate()
})

test('frames and bodies of a hundred megabytes', { timeout: MAX_MS }, async () => {
  const report = await node.measure(async () => {
    const refused = await Promise.all(Array.from({ length: 16 }, announceFrame))
    expect(refused).toEqual(Array(16).fill(1009))
    const answers = await Promise.all(Array.from({ length: 16 }, announceBody))
    expect(answers).toEqual(Array(16).fill('HTTP/1.1 413 Payload Too Large'))
    await Promise.all(Array.from({ length: 4 }, sendFragments))
  })
  expectBounded('huge frames', report)
})

/** Says that a frame of 100 MB comes; the code with which the server closes before it does. */
async function announceFrame(): Promise<number> {
  const socket = await open()
  const closed = once(socket, 'close')
  const raw = Reflect.get(socket, '_socket') as Socket
  const header = Buffer.alloc(14)
  header.set([0x82, 0xff])
  header.writeBigUInt64BE(100_000_000n, 2)
  raw.write(header)
  const [code] = (await closed) as [number]
  return code
}

/** Says that a body of 100 MB comes; what the server answers before it does. */
async function announceBody(): Promise<string> {
  const socket = connectTcp(node.port, '127.0.0.1')
  const head = `POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 100000000\r\n\r\n`
  socket.write(head)
  const [data] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  return data.toString().split('\r\n')[0] ?? ''
}

/** Sends a message in fragments, none of which is too large. */
async function sendFragments(): Promise<void> {
  const socket = await open()
  const closed = once(socket, 'close')
  for (let count = 0; count < 20; count++)
    socket.send(Buffer.alloc(1_000_000), { fin: false }, () => {})
  // The server's reason may be lost: it cuts who goes on sending.
  expect([1006, 1009]).toContain((await closed)[0])
}

test('requests that are never finished', { timeout: MAX_MS }, async () => {
  const report = await node.measure(async () => {
    const halfHeads = Array.from({ length: 200 }, () =>
      write('POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n'),
    )
    const silent = Array.from({ length: 100 }, () => write(''))
    const closed = [...halfHeads, ...silent].map((socket) => once(socket, 'close'))
    const frames = await Promise.all(Array.from({ length: 100 }, beginFrame))
    await Promise.all(closed)
    const cut = frames.filter(({ readyState }) => readyState === WebSocket.CLOSED)
    expect(cut.length).toBeGreaterThan(20)
    for (const socket of frames) socket.terminate()
  })
  expectBounded('unfinished', report)
})

function write(text: string): Socket {
  const socket = connectTcp(node.port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write(text)
  socket.resume()
  return socket
}

/** One megabyte of a frame of ten. */
async function beginFrame(): Promise<WebSocket> {
  const socket = await open()
  const raw = Reflect.get(socket, '_socket') as Socket
  const header = Buffer.alloc(14)
  header.set([0x82, 0xff])
  header.writeBigUInt64BE(10_000_000n, 2)
  raw.write(header)
  raw.write(Buffer.alloc(1_000_000))
  return socket
}
