import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const MAX_MS = 50
const MAX_BYTES = 4 * 1024 * 1024

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

/**
 * What reading hostile bytes may cost: 50 ms of the processor, and 4 MiB held by the answer. Code that
 * is cold, or beside other programs, may take longer once, but not three times.
 */
export function bounded<T>(read: () => T): T {
  collectGarbage()
  const before = heldBytes()
  const { answer, ms: firstMs } = timed(read)
  let ms = firstMs
  collectGarbage()
  let held = heldBytes() - before
  // What was allocated while a collection was under way outlives it, not the next one.
  if (held >= MAX_BYTES) {
    collectGarbage()
    held = heldBytes() - before
  }
  for (let again = 0; ms >= MAX_MS && again < 2; again++) ms = Math.min(ms, timed(read).ms)
  if (ms >= MAX_MS) throw new Error(`${ms} ms`)
  if (held >= MAX_BYTES) throw new Error(`${held} bytes held`)
  return answer
}

function timed<T>(read: () => T): { answer: T; ms: number } {
  const started = process.threadCpuUsage()
  const answer = read()
  const { user, system } = process.threadCpuUsage(started)
  return { answer, ms: (user + system) / 1000 }
}

function heldBytes(): number {
  const { heapUsed, external, arrayBuffers } = process.memoryUsage()
  return heapUsed + external + arrayBuffers
}
