import type { Result } from '@tacit/base'

/** Resolves after a while; replaced in tests. */
export type Sleep = (ms: number) => Promise<void>

export const sleep: Sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

export interface RetryOptions {
  readonly attempts: number
  /** The pause before the second attempt; it doubles each time. */
  readonly firstPauseMs: number
  readonly sleep: Sleep
  readonly signal: AbortSignal
}

/** Tries again, ever more slowly, while the error is one that may pass; at most so many times. */
export async function retry<T, E>(
  { attempts, firstPauseMs, sleep, signal }: RetryOptions,
  mayPass: (error: E) => boolean,
  attempt: () => Promise<Result<T, E>>,
): Promise<Result<T, E>> {
  let result = await attempt()
  for (let count = 1; count < attempts; count++) {
    if (result.ok || !mayPass(result.error) || signal.aborted) return result
    await sleep(firstPauseMs * 2 ** (count - 1))
    result = await attempt()
  }
  return result
}
