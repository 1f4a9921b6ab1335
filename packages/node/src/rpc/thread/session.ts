import type { Worker } from 'node:worker_threads'
import type { Chain, JustifiedBlock } from '../../chain.ts'
import { NodeError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import type { PoolAccess } from '../../pool/access.ts'
import { createOutbox } from './outbox.ts'
import { PoolServer } from './pool-server.ts'
import { transferOf, type FromRpc, type RpcStart, type ToRpc } from './protocol.ts'

/** Milliseconds that the thread has to take no more requests, and to close all connections. */
const DRAIN_MS = 1_000
const STOP_MS = 3_000

/** One life of the RPC thread, seen from the consensus thread. */
export interface RpcSession {
  /** The port; rejects with what kept the thread from listening. */
  readonly listening: Promise<number>
  /** Resolves with the reason when the thread is gone, whoever ended it. */
  readonly ended: Promise<string>
  halted(): void
  /** Takes no more requests; waits a bounded time for a thread that is busy. */
  drain(): Promise<void>
  /** Ends the thread, by force if it takes long. */
  stop(): Promise<void>
}

export type SessionParts = {
  readonly chain: Chain
  readonly pool: PoolAccess
  readonly log: Log
  /** Those that may not be on the disk yet. */
  readonly justifications: readonly JustifiedBlock[]
  readonly isHalted: boolean
  readonly settings: Pick<
    RpcStart,
    'path' | 'host' | 'port' | 'allowedOrigins' | 'unsafePolicy' | 'chainName' | 'properties'
  >
}

/** Starts JSON-RPC in a thread that has loaded, or is loading, its code. */
export function openSession(worker: Worker, parts: SessionParts): RpcSession {
  const { chain, pool, log, justifications, isHalted, settings } = parts
  const outbox = createOutbox<ToRpc>(worker, transferOf)
  const server = new PoolServer(pool, outbox)
  const listening = Promise.withResolvers<number>()
  const drained = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<string>()
  // Who only waits for the end need not hear of the start.
  listening.promise.catch(() => {})
  const { genesisHash, head, justified } = chain
  const start = { ...settings, genesisHash, head, justified, justifications, isHalted }
  outbox.send({ type: 'start', start })
  const stops = [
    chain.onBlock(({ number, hash, headerBytes: header }) =>
      outbox.send({ type: 'block', number, hash, header }),
    ),
    chain.onJustified((block) => outbox.send({ type: 'justified', block })),
  ]
  let reason: string | undefined
  const receive = (message: FromRpc): void => {
    switch (message.type) {
      case 'listening':
        return listening.resolve(message.port)
      case 'failed': {
        const fault = new NodeError(message.fault)
        reason = fault.message
        return listening.reject(fault)
      }
      case 'drained':
        return drained.resolve()
      case 'log':
        return log(message.level, message.message, message.fields)
      case 'submit':
      case 'unwatch':
      case 'nonce':
      case 'pending':
      case 'state':
        return server.receive(message)
    }
  }
  worker.ref()
  worker.on('message', (messages: readonly FromRpc[]) => {
    for (const message of messages) receive(message)
  })
  worker.on('error', (fault) => (reason = describe(fault)))
  worker.on('exit', (code) => {
    for (const stop of stops) stop()
    server.close()
    const why = reason ?? `it ended with code ${code}`
    listening.reject(new Error(why))
    drained.resolve()
    ended.resolve(why)
  })
  return {
    listening: listening.promise,
    ended: ended.promise,
    halted: () => outbox.send({ type: 'halted' }),
    drain: async () => {
      outbox.send({ type: 'drain' })
      await within(DRAIN_MS, drained.promise)
    },
    stop: async () => {
      outbox.send({ type: 'stop' })
      await within(STOP_MS, ended.promise)
      await worker.terminate()
      await ended.promise
    },
  }
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  await Promise.race([work, promise])
  clearTimeout(timer)
}

function describe(fault: unknown): string {
  return fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)
}
