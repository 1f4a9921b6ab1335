import { parentPort } from 'node:worker_threads'
import { keepCompiledCode } from '../../compile-cache.ts'

keepCompiledCode()
const { runRpcThread } = await import('./run-rpc-thread.ts')
if (parentPort) runRpcThread(parentPort)
