/** Outcome of an operation that can fail for a reason the caller must handle. */
export type Result<T, E> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: E }

/** Any error of this project: a stable snake_case code, with payload fields beside it. */
export type Coded = { readonly code: string }

export function ok(): Result<void, never>
export function ok<T>(value: T): Result<T, never>
export function ok<T>(value?: T): Result<T | undefined, never> {
  return { ok: true, value }
}

export function err<const E>(error: E): Result<never, E> {
  return { ok: false, error }
}

/** A broken assumption of our own code. Never caused by input; never caught below layer 5. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError'
}

/** Returns the value of a result that cannot be an error here; an error is a bug. */
export function unwrap<T, E>(result: Result<T, E>, what = 'unwrap'): T {
  if (result.ok) return result.value
  throw new InvariantError(`${what}: ${JSON.stringify(result.error, bigintAsString)}`)
}

function bigintAsString(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}
