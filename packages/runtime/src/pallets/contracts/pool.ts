import { concatBytes, encode, err, ok, u64, type Result } from '@tacit/base'
import type { ValidateContext } from '../../framework/context.ts'
import type { ModuleError } from '../../framework/errors.ts'
import type { TransactionValidityError, ValidTransaction } from '../../framework/validity.ts'
import type { CommitPayload } from '../../protocol/contracts.ts'
import { refusal, validOnce } from '../unsigned.ts'
import { checkCommit, type CommitArgs } from './check-commit.ts'
import { contractsErrors, contractsStorage } from './types.ts'

/** Below keys, above what pays by the byte: a commit ends what others have paid for. */
const PRIORITY = 1n << 59n

/** The pool's judgement of a commit; other calls of the pallet are signed. */
export function validateContracts(
  ctx: ValidateContext,
  callName: string,
  args: unknown,
): Result<ValidTransaction, TransactionValidityError> {
  if (callName !== 'commit') return err({ code: 'call' })
  const { payload } = args as CommitArgs
  const checked = checkCommit(ctx, args as CommitArgs)
  if (!checked.ok) return refuseCommit(ctx, payload, checked.error)
  const { contract, previousRoot, firstSequence } = payload
  const tag = concatBytes(contract, previousRoot, encode(u64, firstSequence))
  return ok(validOnce('contracts/commit', tag, PRIORITY))
}

/** Commits follow one another: one may be early, be late, or have to wait for the next block. */
function refuseCommit(
  ctx: ValidateContext,
  payload: CommitPayload,
  error: ModuleError,
): Result<never, TransactionValidityError> {
  if (error === contractsErrors.TooManyCommits) return err({ code: 'exhausts_resources' })
  const isOutOfOrder = error === contractsErrors.StaleRoot || error === contractsErrors.WrongRange
  const processed = contractsStorage.Contracts.get(ctx.state, payload.contract)?.processed ?? 0n
  if (isOutOfOrder && payload.firstSequence < processed) return err({ code: 'stale' })
  if (isOutOfOrder && payload.firstSequence > processed) return err({ code: 'future' })
  return refusal(error)
}
