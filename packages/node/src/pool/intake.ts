import { err, ok, type Result } from '@tacit/base'
import type { Recalled, SignatureCheck } from '@tacit/crypto'
import type { Judged, TransactionSource } from '@tacit/runtime'
import type { Application } from '../application.ts'
import type { PoolError } from './errors.ts'
import type { SignatureChecker } from './signatures/checker.ts'

/** A signature that is to be checked, and where the answer goes. */
export type OpenCheck = { readonly check: SignatureCheck } & Pick<Recalled, 'put'>

/** A verdict for the case that these signatures hold. */
export type Provisional = { readonly valid: Judged; readonly open: readonly OpenCheck[] }

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
    open: readonly OpenCheck[],
  ): Promise<Result<void, PoolError>>
}

export function createIntake(
  app: Pick<Application, 'checkTx' | 'signatures'>,
  checker: Pick<SignatureChecker, 'check'>,
): Intake {
  const { signatures } = app
  return {
    judge: (bytes, source) => {
      const open: OpenCheck[] = []
      const valid = app.checkTx(bytes, source, (check) => {
        const { answer, put } = signatures.recall(check)
        if (answer === undefined) open.push({ check, put })
        return answer ?? true
      })
      return valid.ok ? ok({ valid: valid.value, open }) : valid
    },
    prove: async (bytes, source, open) => {
      const answers = await Promise.all(open.map(({ check }) => checker.check(check)))
      let areGood = true
      for (const [at, answer] of answers.entries()) {
        if (!answer.ok) return answer
        // Refusals are not remembered: a flood of them would push out what blocks need.
        if (answer.value) open[at]?.put(true)
        else areGood = false
      }
      if (areGood) return ok()
      const verdict = app.checkTx(
        bytes,
        source,
        (check) => signatures.recall(check).answer ?? false,
      )
      return verdict.ok ? err({ code: 'bad_proof' }) : verdict
    },
  }
}
