import type { Connection } from '../connection.ts'
import type { Methods } from '../json-rpc.ts'
import { bytesAt, stringAt } from '../params.ts'
import { RPC_CODE, RpcError } from '../rpc-error.ts'
import type { RpcServices } from '../services.ts'
import { requireConnection } from '../subscribe.ts'

/** Extrinsics that one connection broadcasts at a time. */
const MAX_BROADCASTS = 64

/**
 * transaction_v1: an extrinsic is offered to the pool now, and again behind each block until it is
 * taken or stopped. The client learns nothing of it here; it follows the chain.
 */
export function transactionMethods({ pool, chain }: RpcServices): Methods {
  const broadcasts = new WeakMap<Connection, Map<string, () => void>>()
  let next = 0

  function of(connection: Connection): Map<string, () => void> {
    const known = broadcasts.get(connection)
    if (known) return known
    const created = new Map<string, () => void>()
    broadcasts.set(connection, created)
    connection.onClose(() => {
      for (const stop of created.values()) stop()
    })
    return created
  }

  /** @returns what ends it. */
  function broadcast(bytes: Uint8Array): () => void {
    let isOffered = false
    let stop = (): void => {}
    const offer = async (): Promise<void> => {
      if (isOffered) return
      isOffered = true
      const { ok } = await pool.submit(bytes, 'External')
      isOffered = false
      if (ok) stop()
    }
    stop = chain.onBlock(() => void offer())
    void offer()
    return () => stop()
  }

  return {
    transaction_v1_broadcast: (params, call) => {
      const bytes = bytesAt(params, 0)
      const own = of(requireConnection(call))
      if (own.size >= MAX_BROADCASTS) return null
      const id = `t${(next++).toString(36)}`
      own.set(id, broadcast(bytes))
      return id
    },
    transaction_v1_stop: (params, call) => {
      const own = of(requireConnection(call))
      const id = stringAt(params, 0)
      const stop = own.get(id)
      if (!stop) throw new RpcError(RPC_CODE.invalidParams, 'Invalid operation id')
      own.delete(id)
      stop()
      return null
    },
  }
}
