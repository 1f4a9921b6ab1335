import { existsSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import { keepCompiledCode } from '../compile-cache.ts'

keepCompiledCode()
const { runRpcThread } = await import('../rpc/thread/run-rpc-thread.ts')

/** Node's RPC thread with methods that keep it busy or end it. */
if (parentPort)
  runRpcThread(parentPort, {
    /** Does nothing else until a file is there. */
    test_spin: ([path]) => {
      while (!existsSync(String(path)));
      return 'done'
    },
    /** Keeps objects until the thread may hold no more. */
    test_hoard: () => {
      const hoard: unknown[] = []
      for (;;) hoard.push(Array.from({ length: 10_000 }, () => hoard.length))
    },
    test_throw: () => {
      setImmediate(() => {
        throw new Error('an exception outside of every method')
      })
    },
  })
