import type { Call } from './json-rpc.ts'
import { stringAt, type Params } from './params.ts'
import { RPC_CODE, RpcError } from './rpc-error.ts'

type Notify = (result: unknown) => void

/**
 * Begins a subscription behind the reply that names it.
 * @param begin gets what notifies the client; returns what ends the subscription.
 */
export function subscribe(
  call: Call,
  notification: string,
  begin: (notify: Notify, id: string) => () => void,
): string {
  const connection = requireConnection(call)
  let end: (() => void) | undefined
  let ended = false
  const id = connection.subscribe(() => {
    ended = true
    end?.()
  })
  call.afterReply(() => {
    if (!ended) end = begin((result) => connection.notify(notification, id, result), id)
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
