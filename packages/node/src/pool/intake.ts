import { err, ok, type Result } from '@tacit/base'
import type { SignatureCheck } from '@tacit/crypto'
import type { TransactionSource, ValidTransaction } from '@tacit/runtime'
import type { Application } from '../application.ts'
import type { PoolError } from './errors.ts'
import type { SignatureChecker } from './signatures/checker.ts'

/** A verdict for the case that these signatures hold. */
export type Provisional = {
  readonly valid: ValidTransaction
  readonly checks: readonly SignatureCheck[]
}

/** Judges newcomers: what is cheap first, then the signatures, on other threads. */
export interface Intake {
  /** All but the signatures. */
  judge(bytes: Uint8Array, source: TransactionSource): Result<Provisional, PoolError>
  /**
   * The signatures, each checked once for the pool and for blocks.
   * @returns the reason to refuse the extrinsic if one does not hold or was not decided.
   */
  prove(
    bytes: Uint8Array,
    source: TransactionSource,
    checks: readonly SignatureCheck[],
  ): Promise<Result<void, PoolError>>
}

export function createIntake(
  app: Pick<Application, 'checkTx' | 'signatures'>,
  checker: Pick<SignatureChecker, 'check'>,
): Intake {
  const { signatures } = app
  return {
    judge: (bytes, source) => {
      const checks: SignatureCheck[] = []
      const valid = app.checkTx(bytes, source, (check) => {
        const known = signatures.recall(check)
        if (known === undefined) checks.push(check)
        return known ?? true
      })
      return valid.ok ? ok({ valid: valid.value, checks }) : valid
    },
    prove: async (bytes, source, checks) => {
      const answers = await Promise.all(checks.map((check) => checker.check(check)))
      const holds = new Set<SignatureCheck>()
      for (const [at, answer] of answers.entries()) {
        if (!answer.ok) return answer
        const check = checks[at]
        if (!check || !answer.value) continue
        holds.add(check)
        // Refusals are not remembered: a flood of them would push out what blocks need.
        signatures.put(check, true)
      }
      if (holds.size === checks.length) return ok()
      const verdict = app.checkTx(bytes, source, (check) => signatures.recall(check) ?? false)
      return verdict.ok ? err({ code: 'bad_proof' }) : verdict
    },
  }
}
