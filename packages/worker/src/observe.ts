import type { Rpc } from '@tacit/sdk'

/** Everything that passes through the worker, for the test that proves that it sees no secret. */
export type Observe = (where: 'enclave' | 'http' | 'rpc' | 'disk', content: unknown) => void

/** The same connection, with every request and answer shown. */
export function observeRpc(rpc: Rpc, observe: Observe): Rpc {
  return {
    url: rpc.url,
    closed: rpc.closed,
    close: () => rpc.close(),
    async request<T>(method: string, params: readonly unknown[] = []): Promise<T> {
      observe('rpc', { method, params })
      const result = await rpc.request<T>(method, params)
      observe('rpc', result)
      return result
    },
    subscribe<T>(
      method: string,
      params: readonly unknown[],
      unsubscribeMethod: string,
      onNotification: (value: T) => void,
    ) {
      observe('rpc', { method, params })
      return rpc.subscribe<T>(method, params, unsubscribeMethod, (value) => {
        observe('rpc', value)
        onNotification(value)
      })
    },
  }
}
