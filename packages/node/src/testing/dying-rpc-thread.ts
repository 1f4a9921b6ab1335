import { parentPort } from 'node:worker_threads'

/** An RPC thread that says that it listens, and is gone. */
parentPort?.on('message', () => {
  parentPort?.postMessage([{ type: 'listening', port: 1 }], [])
  setImmediate(() => process.exit(3))
})
