/** The program of a signature thread: answers batches in their order. */
import { parentPort } from 'node:worker_threads'
import { native } from '@tacit/crypto/native'
import { unpackChecks, type Answer, type Question } from './batch.ts'

parentPort?.on('message', ({ id, batch }: Question) => {
  const answers = Uint8Array.from(unpackChecks(batch), (check) => Number(native.verify(check)))
  parentPort?.postMessage({ id, answers } satisfies Answer, [answers.buffer])
})
parentPort?.postMessage('ready', [])
