import { Worker } from 'node:worker_threads'

/**
 * Megabytes of objects that the thread may hold: past them it dies, and consensus does not. New
 * ones are collected early: by itself V8 lets a flood of requests take a hundred before it looks.
 */
const LIMITS = { maxOldGenerationSizeMb: 1_024, maxYoungGenerationSizeMb: 24 }

/** The module of the RPC thread. */
export const RPC_THREAD: URL = new URL('./rpc-thread.ts', import.meta.url)

/** A thread that loads a module and waits for its first message; alone it keeps no process alive. */
export function createRpcWorker(module: URL = RPC_THREAD): Worker {
  const worker = new Worker(module, { name: 'rpc', resourceLimits: LIMITS })
  worker.unref()
  return worker
}
