import { startRpc, type RpcParts } from './start-rpc.ts'

/** JSON-RPC of a node, wherever it runs. */
export interface NodeRpc {
  readonly port: number
  /** Nothing is sealed any more: health says so. */
  halted(): void
  /** Takes no more requests; who subscribed still hears what happens. */
  drain(): Promise<void>
  /** Closes all connections. */
  stop(): Promise<void>
}

/** JSON-RPC on the caller's own thread. Throws `port_taken`. */
export async function startRpcHere(parts: Omit<RpcParts, 'isHalted'>): Promise<NodeRpc> {
  let isHalted = false
  const server = await startRpc({ ...parts, isHalted: () => isHalted })
  return {
    port: server.port,
    halted: () => void (isHalted = true),
    drain: async () => {
      await Promise.resolve(server.drain())
    },
    stop: () => server.stop(),
  }
}
