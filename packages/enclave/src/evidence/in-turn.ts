import type { Result } from '@tacit/base'
import { serialize } from '../serialize.ts'
import { unavailable, type EvidenceError } from './evidence-source.ts'

/** Asks a platform once; the signal aborts when the time is over. */
export type Collect<T> = (
  input: Uint8Array,
  signal: AbortSignal,
) => Promise<Result<T, EvidenceError>>

/**
 * One call after another, each with its time. Reading a device cannot be broken off: while a call
 * that timed out is still inside, others are refused instead of filling the thread pool.
 */
export function inTurn<T>(
  timeoutMs: number,
  collect: Collect<T>,
): (input: Uint8Array) => Promise<Result<T, EvidenceError>> {
  const turn = serialize()
  let isStuck = false
  const ask = async (input: Uint8Array): Promise<Result<T, EvidenceError>> => {
    if (isStuck) return unavailable('platform_stuck')
    const aborter = new AbortController()
    const running = collect(input, aborter.signal)
    const result = await within(timeoutMs, running)
    if (result !== undefined) return result
    isStuck = true
    const free = (): void => void (isStuck = false)
    running.then(free, free)
    aborter.abort()
    return unavailable('timeout')
  }
  return (input) => turn(() => ask(input))
}

/** The promise's value, or undefined when the time is over first. */
function within<T>(timeoutMs: number, running: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(undefined), timeoutMs)
    const settle = (finish: () => void): void => {
      clearTimeout(timer)
      finish()
    }
    running.then(
      (value) => settle(() => resolve(value)),
      (fault: unknown) => settle(() => reject(fault)),
    )
  })
}
