import type { Connection } from '../connection.ts'
import type { Methods } from '../json-rpc.ts'
import { bytesAt, stringAt } from '../params.ts'
import { invalidParams } from '../rpc-error.ts'
import type { RpcServices } from '../services.ts'
import { requireConnection } from '../subscribe.ts'

/** Extrinsics that one connection, and all of them, broadcast at a time. */
const MAX_BROADCASTS = 16
const MAX_ALL_BROADCASTS = 1_024
/** Bytes of all extrinsics that the pool has not taken yet. */
const MAX_WAITING_BYTES = 67_108_864

/** Ends a broadcast; more than once does nothing. */
type Stop = () => void

/**
 * transaction_v1: an extrinsic is offered to the pool now, and again behind each block until it is
 * taken or stopped. The client learns nothing of it here; it follows the chain.
 */
export function transactionMethods({ pool, chain }: RpcServices): Methods {
  const broadcasts = new WeakMap<Connection, Map<string, Stop>>()
  let next = 0
  let count = 0
  let waitingBytes = 0

  function of(connection: Connection): Map<string, Stop> {
    const known = broadcasts.get(connection)
    if (known) return known
    const created = new Map<string, Stop>()
    broadcasts.set(connection, created)
    connection.onClose(() => {
      for (const stop of created.values()) stop()
      count -= created.size
    })
    return created
  }

  function broadcast(bytes: Uint8Array): Stop {
    let isOffered = false
    const offer = async (): Promise<void> => {
      if (isOffered) return
      isOffered = true
      const { ok } = await pool.submit(bytes, 'External')
      isOffered = false
      if (ok) stop()
    }
    const stopListening = chain.onBlock(() => void offer())
    waitingBytes += bytes.length
    const stop = once(() => {
      stopListening()
      waitingBytes -= bytes.length
    })
    void offer()
    return stop
  }

  return {
    transaction_v1_broadcast: (params, call) => {
      const bytes = bytesAt(params, 0)
      const own = of(requireConnection(call))
      const isFull = own.size >= MAX_BROADCASTS || count >= MAX_ALL_BROADCASTS
      if (isFull || waitingBytes + bytes.length > MAX_WAITING_BYTES) return null
      const id = `t${(next++).toString(36)}`
      own.set(id, broadcast(bytes))
      count++
      return id
    },
    transaction_v1_stop: (params, call) => {
      const own = of(requireConnection(call))
      const id = stringAt(params, 0)
      const stop = own.get(id)
      if (!stop) throw invalidParams('there is no such broadcast')
      own.delete(id)
      count--
      stop()
      return null
    },
  }
}

function once(run: () => void): () => void {
  let isDone = false
  return () => {
    if (!isDone) run()
    isDone = true
  }
}
