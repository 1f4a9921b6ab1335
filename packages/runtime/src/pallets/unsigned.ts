import { concatBytes, err, ok, utf8, type Result } from '@tacit/base'
import type { ModuleError } from '../framework/errors.ts'
import type { TransactionValidityError, ValidTransaction } from '../framework/validity.ts'

/** Blocks for which an unsigned message waits in the pool. */
const LONGEVITY = 64n

/**
 * The pool's view of a message that carries its own proof: one per tag at a time.
 * @param tag names what the message would change; two that collide exclude each other.
 */
export function validOnce(kind: string, tag: Uint8Array, priority: bigint): ValidTransaction {
  const provides = [concatBytes(utf8(kind), tag)]
  return { priority, requires: [], provides, longevity: LONGEVITY, propagate: true }
}

/** A pallet's error as the reason to refuse an unsigned message: its number is the custom code. */
export function refusal(error: ModuleError): Result<never, TransactionValidityError> {
  return err({ code: 'custom', value: error.index })
}

/** Judges by a pallet's check; errors in `stale` mean that the message came too late. */
export function judge(
  checked: Result<unknown, ModuleError>,
  stale: readonly ModuleError[],
  valid: () => ValidTransaction,
): Result<ValidTransaction, TransactionValidityError> {
  if (checked.ok) return ok(valid())
  return stale.includes(checked.error) ? err({ code: 'stale' }) : refusal(checked.error)
}
