import { Worker } from 'node:worker_threads'

/** Megabytes of objects that the thread may hold: past them it dies, and consensus does not. */
const MAX_HEAP_MB = 1_024

/** The module of the RPC thread. */
export const RPC_THREAD: URL = new URL('./rpc-thread.ts', import.meta.url)

/** A thread that loads a module and waits for its first message. */
export function createRpcWorker(module: URL): Worker {
  return new Worker(module, {
    name: 'rpc',
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
  })
}
