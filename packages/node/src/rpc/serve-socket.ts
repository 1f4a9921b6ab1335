import type { Duplex } from 'node:stream'
import { parseUtf8 } from '@tacit/base'
import type { RawData, WebSocket } from 'ws'
import type { Holder } from './byte-budget.ts'
import { Connection } from './connection.ts'
import { answer, type Call } from './json-rpc.ts'
import type { Serving } from './serving.ts'

/** Waiting bytes at which nothing more is read from a client, and at which reading goes on. */
const PAUSE_BYTES = 1_048_576
const RESUME_BYTES = 262_144
/** Requests under way, and bytes of all that came, at which no other begins and nothing more is read. */
export const MAX_OPEN_REQUESTS = 256
const MAX_OPEN_BYTES = 1_048_576
/** What a request under way takes beside its bytes, measured. */
const REQUEST_BYTES = 4_096
/** Bytes that count against nobody's budget: what a client of good will has under way. */
const FREE_BYTES = 65_536
/** Milliseconds in which a message has to be complete. */
const MESSAGE_MS = 60_000
/** Milliseconds for a client that broke the protocol to hear of it. */
const BROKEN_MS = 1_000
/** Header and mask of a control frame as clients send it (RFC 6455, section 5.2). */
const CONTROL_FRAME_BYTES = 6

/** A client over WebSocket, as the server looks after it. */
export interface SocketClient {
  /** Ends the client if it does not answer or does not finish what it began; asks for an answer. */
  check(nowMs: number): void
}

/** Serves one client until it goes. */
export function serveSocket(serving: Serving, client: WebSocket, socket: Duplex): SocketClient {
  const output: Holder = { cut: () => client.terminate() }
  const requests = countRequests(serving, client, socket)
  /** No further request is answered while answers are not fetched. */
  const lane = serving.turns.createLane(
    () => client.readyState !== client.OPEN || client.bufferedAmount <= PAUSE_BYTES,
  )
  /** A chunk may hold more messages than may be under way. */
  const unbegun: Uint8Array[] = []
  let isCorked = false

  const regulate = (): void => {
    const waiting = client.bufferedAmount
    serving.output.set(output, waiting > FREE_BYTES ? waiting : 0)
    if (waiting > PAUSE_BYTES || requests.areMany() || unbegun.length > 0) client.pause()
    else if (client.isPaused && waiting < RESUME_BYTES) client.resume()
    if (waiting <= PAUSE_BYTES) lane.wake()
  }
  /** What is sent in one go leaves in one go. */
  const cork = (): void => {
    if (isCorked) return
    isCorked = true
    socket.cork()
    process.nextTick(() => {
      isCorked = false
      socket.uncork()
    })
  }
  const sink = {
    send: (text: string): void => {
      cork()
      client.send(text, regulate)
      regulate()
    },
    bufferedBytes: () => client.bufferedAmount,
    terminate: () => client.terminate(),
  }
  const connection = new Connection(sink, serving.subscriptions)
  client.on('close', () => {
    serving.output.set(output, 0)
    connection.close()
    lane.wake()
  })
  // A broken frame: ws tells the client the code for it, and would wait for it to close.
  client.on('error', (fault) => {
    serving.log('debug', 'a WebSocket failed', { reason: fault.message })
    setTimeout(() => client.terminate(), BROKEN_MS).unref()
  })
  client.on('message', (data) => {
    if (serving.isDraining) return
    const bytes = toBytes(data)
    requests.complete(bytes.length)
    unbegun.push(bytes)
    begin()
  })
  function begin(): void {
    while (requests.mayBegin() && client.readyState === client.OPEN) {
      const bytes = unbegun.shift()
      if (!bytes) break
      void serve(bytes, requests.begin(bytes.length))
    }
    regulate()
  }
  async function serve(bytes: Uint8Array, end: () => void): Promise<void> {
    try {
      await serveMessage(serving, { connection, lane }, parseUtf8(bytes))
    } catch (fault) {
      // One client's fault is not the thread's, and with it everybody's.
      serving.log('error', 'a subscription failed to begin', { reason: String(fault) })
      client.terminate()
    }
    end()
    begin()
  }
  return createWatch(client, () => requests.unfinishedSince())
}

async function serveMessage(
  serving: Serving,
  { connection, lane }: Pick<Call, 'lane'> & { readonly connection: Connection },
  text: string | undefined,
): Promise<void> {
  serving.requests++
  const later: (() => void)[] = []
  const call: Call = { connection, lane, afterReply: (run) => void later.push(run) }
  const reply = await answer(serving.methods, text, call, serving.log)
  if (reply !== undefined) connection.send(reply)
  for (const run of later) run()
}

type Requests = {
  areMany(): boolean
  /** Whether another may be under way; one may be, however large. */
  mayBegin(): boolean
  /** Counts a message that is complete. */
  complete(bytes: number): void
  /** Counts one of them that begins; returns what ends it. */
  begin(bytes: number): () => void
  /** Since when a message is under way, by the server's clock; undefined if none is. */
  unfinishedSince(): number | undefined
}

/** Counts what a client has asked for, the message that is under way included. */
function countRequests(serving: Serving, client: WebSocket, socket: Duplex): Requests {
  const input: Holder = { cut: () => client.terminate() }
  let open = 0
  let openBytes = 0
  let receivedBytes = 0
  let since: number | undefined

  function tell(): void {
    const bytes = receivedBytes + openBytes + REQUEST_BYTES * open
    serving.input.set(input, bytes > FREE_BYTES ? bytes : 0)
  }
  function receive(bytes: number): void {
    receivedBytes = Math.max(0, receivedBytes + bytes)
    since = receivedBytes > 0 ? (since ?? serving.nowMs()) : undefined
    tell()
  }

  // In front of ws, which takes messages out of the chunk.
  const onData = (chunk: Uint8Array): void => receive(chunk.length)
  socket.prependListener('data', onData)
  // What comes behind a broken frame is thrown away.
  client.on('error', () => {
    socket.off('data', onData)
    receive(-receivedBytes)
  })
  const onControl = (data: Uint8Array): void => receive(-CONTROL_FRAME_BYTES - data.length)
  client.on('ping', onControl)
  client.on('pong', onControl)
  client.on('close', () => serving.input.set(input, 0))
  const areMany = (): boolean => open >= MAX_OPEN_REQUESTS || openBytes > MAX_OPEN_BYTES
  return {
    areMany,
    mayBegin: () => open === 0 || !areMany(),
    complete: (bytes) => {
      openBytes += bytes
      receive(-receivedBytes)
    },
    begin: (bytes) => {
      open++
      tell()
      return () => {
        open--
        openBytes -= bytes
        if (client.readyState === client.OPEN) tell()
      }
    },
    unfinishedSince: () => since,
  }
}

function createWatch(client: WebSocket, unfinishedSince: () => number | undefined): SocketClient {
  let hasAnswered = true
  client.on('pong', () => (hasAnswered = true))
  return {
    check: (nowMs) => {
      const since = unfinishedSince()
      const isLate = since !== undefined && nowMs - since > MESSAGE_MS
      if (!hasAnswered || isLate) return client.terminate()
      hasAnswered = false
      client.ping()
    },
  }
}

function toBytes(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data)
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data
}
