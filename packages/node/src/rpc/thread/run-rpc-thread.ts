import type { MessagePort } from 'node:worker_threads'
import { decode, InvariantError, unwrap } from '@tacit/base'
import { native } from '@tacit/crypto/native'
import { headerCodec } from '@tacit/runtime'
import { createRuntime } from '@tacit/runtime/runtime'
import { createChain, type BlockNotice, type PublishingChain } from '../../chain.ts'
import { NodeError } from '../../errors.ts'
import { StoreReader } from '../../storage/reader.ts'
import type { Methods } from '../json-rpc.ts'
import type { RpcServer } from '../server.ts'
import { startRpc } from '../start-rpc.ts'
import { createThreadLog } from './log.ts'
import { createOutbox, type Outbox } from './outbox.ts'
import { PoolClient } from './pool-client.ts'
import { transferOf, type FromRpc, type RpcStart, type ToRpc } from './protocol.ts'

/**
 * Serves JSON-RPC in a thread of its own: it reads the database itself, follows the chain and asks
 * for the pool through the port. Begins with the first message and ends with `stop`.
 * @param extraMethods beside those of a node.
 */
export function runRpcThread(port: MessagePort, extraMethods: Methods = {}): void {
  let thread: RpcThreadParts | undefined
  port.on('message', (messages: readonly ToRpc[]) => {
    for (const message of messages)
      if (message.type === 'start') thread = createParts(port, message.start, extraMethods)
      else if (thread) receive(thread, message)
      else throw new InvariantError(`${message.type} came before the start`)
  })
}

type RpcThreadParts = {
  readonly port: MessagePort
  readonly outbox: Outbox<FromRpc>
  readonly store: StoreReader
  readonly chain: PublishingChain<BlockNotice>
  readonly pool: PoolClient
  /** Undefined if it could not listen, which the other thread was told. */
  readonly server: Promise<RpcServer | undefined>
  isHalted: boolean
}

function createParts(port: MessagePort, start: RpcStart, extraMethods: Methods): RpcThreadParts {
  const outbox = createOutbox<FromRpc>(port, transferOf)
  const store = new StoreReader(start.path)
  for (const block of start.justifications) store.putJustification(block)
  const chain = createChain<BlockNotice>(start)
  const pool = new PoolClient(outbox)
  const rpc = startRpc({
    ...start,
    extraMethods,
    chain,
    store,
    pool,
    runtime: createRuntime(),
    crypto: native,
    log: createThreadLog(outbox),
    isHalted: () => parts.isHalted,
  })
  const { isHalted } = start
  const server = rpc.then(
    (listening) => {
      outbox.send({ type: 'listening', port: listening.port })
      return listening
    },
    (fault: unknown) => {
      if (!(fault instanceof NodeError)) throw fault
      outbox.send({ type: 'failed', fault: fault.fault })
      return undefined
    },
  )
  const parts: RpcThreadParts = { port, outbox, store, chain, pool, server, isHalted }
  return parts
}

function receive(thread: RpcThreadParts, message: Exclude<ToRpc, { type: 'start' }>): void {
  const { store, chain, pool } = thread
  switch (message.type) {
    case 'block': {
      const { number, hash } = message
      store.refresh()
      const header = unwrap(decode(headerCodec, message.header), 'published header')
      return chain.publish({ number, hash, header })
    }
    case 'justified':
      store.putJustification(message.block)
      return chain.justify(message.block)
    case 'halted':
      thread.isHalted = true
      return
    case 'drain':
      return void drain(thread)
    case 'stop':
      return void stop(thread)
    case 'submitted':
    case 'refused':
    case 'statuses':
    case 'included':
    case 'nonce':
    case 'pending':
    case 'state':
      return pool.receive(message)
  }
}

async function drain({ server, outbox }: RpcThreadParts): Promise<void> {
  const listening = await server
  listening?.drain()
  outbox.send({ type: 'drained' })
}

async function stop({ server, store, port }: RpcThreadParts): Promise<void> {
  const listening = await server
  await listening?.stop()
  await store.close()
  port.close()
}
