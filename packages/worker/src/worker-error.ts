import type { Result } from '@tacit/base'
import type { WireError } from '@tacit/enclave/channel'

/** A worker's own failure: a stable code and a sentence. */
export class WorkerError extends Error {
  override readonly name = 'WorkerError'
  readonly code: string
  constructor(code: string, message: string) {
    super(`${message} (${code})`)
    this.code = code
  }
}

/** The code of whatever was thrown, or its kind. */
export function codeOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error) {
    const { code } = error
    if (typeof code === 'string') return code
  }
  return error instanceof Error ? error.name : 'unknown'
}

/** @throws WorkerError with the enclave's own code. */
export function unwrapAnswer<T>(answer: Result<T, WireError>): T {
  if (answer.ok) return answer.value
  throw new WorkerError(answer.error.code, `the enclave refused: ${JSON.stringify(answer.error)}`)
}
