import { NodeError } from '../errors.ts'

/** What the database's exception means. */
export function databaseFault(cause: unknown): NodeError {
  if (cause instanceof NodeError) return cause
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new NodeError({ code: 'database_failed', reason }, { cause })
}
