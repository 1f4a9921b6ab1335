import type { Call } from './json-rpc.ts'
import { stringAt, type Params } from './params.ts'
import { RPC_CODE, RpcError } from './rpc-error.ts'

/**
 * Begins a subscription behind the reply that names it.
 * @param begin gets what notifies the client, and what ends the subscription from this side;
 *   returns what ends it when the client wants so or goes.
 * @param onEnd runs once when it ends, begun or not.
 */
export function subscribe<T = unknown>(
  call: Call,
  notification: string,
  begin: (notify: (result: T) => void, end: () => void) => () => void,
  onEnd: () => void = () => {},
): string {
  const connection = requireConnection(call)
  let stop: (() => void) | undefined
  let ended = false
  const id = connection.subscribe(() => {
    ended = true
    onEnd()
    stop?.()
  })
  call.afterReply(() => {
    if (ended) return
    const end = (): void => void connection.unsubscribe(id)
    stop = begin((result) => connection.notify(notification, id, result), end)
    if (ended) stop()
  })
  return id
}

/** Ends the subscription that the first parameter names. */
export function unsubscribe(params: Params, call: Call): boolean {
  return requireConnection(call).unsubscribe(stringAt(params, 0))
}

export function requireConnection(call: Call): NonNullable<Call['connection']> {
  if (call.connection) return call.connection
  throw new RpcError(RPC_CODE.methodNotFound, 'Method not found', 'subscriptions need a WebSocket')
}
