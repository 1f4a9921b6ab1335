import { Worker } from 'node:worker_threads'
import { packChecks, type Answer } from './batch.ts'
import type { Waiting } from './waiting.ts'

/** One thread that checks signatures. */
export interface SignatureThread {
  /** Whether it has loaded what it needs. */
  readonly isReady: boolean
  /** Batches that it was given and has not answered. */
  readonly openBatches: number
  give(batch: readonly Waiting[]): void
  /** @returns what was not answered. */
  end(): Promise<readonly Waiting[]>
}

export type ThreadEvents = {
  /** It is ready, or has answered a batch. */
  readonly onFree: () => void
  readonly onAnswers: (batch: readonly Waiting[], answers: Uint8Array) => void
  /** It died by itself; `left` was not answered. */
  readonly onDeath: (left: readonly Waiting[], reason: string, thread: SignatureThread) => void
}

export type StartThread = (events: ThreadEvents) => SignatureThread

/** Starts a thread of this process; it does not keep the process alive. */
export const startThread: StartThread = ({ onFree, onAnswers, onDeath }) => {
  const worker = new Worker(new URL('./thread-main.ts', import.meta.url))
  worker.unref()
  const open = new Map<number, readonly Waiting[]>()
  let next = 0
  let isReady = false
  let isOver = false
  let reason = 'it ended'
  const thread: SignatureThread = {
    get isReady() {
      return isReady
    },
    get openBatches() {
      return open.size
    },
    give: (batch) => {
      const id = next++
      open.set(id, batch)
      const packed = packChecks(batch.map(({ check }) => check))
      worker.postMessage({ id, batch: packed }, [packed])
    },
    end: async () => {
      isOver = true
      await worker.terminate()
      return [...open.values()].flat()
    },
  }
  worker.on('message', (message: 'ready' | Answer) => {
    if (message === 'ready') isReady = true
    else {
      const batch = open.get(message.id) ?? []
      open.delete(message.id)
      onAnswers(batch, message.answers)
    }
    onFree()
  })
  worker.on('error', (fault) => {
    reason = fault instanceof Error ? fault.message : String(fault)
  })
  worker.on('exit', () => {
    if (!isOver) onDeath([...open.values()].flat(), reason, thread)
  })
  return thread
}
