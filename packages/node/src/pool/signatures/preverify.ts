import type { Application } from '../../application.ts'
import type { SignatureChecker } from './checker.ts'

/**
 * Has the senders' signatures of a block's extrinsics checked on other threads, for engines that
 * import blocks: execution then finds the answers. Those that do not hold, or were not decided, are
 * left to execution, which refuses the block.
 */
export async function preverify(
  app: Pick<Application, 'signatures' | 'signatureChecks'>,
  checker: Pick<SignatureChecker, 'checkBlock'>,
  extrinsics: readonly Uint8Array[],
): Promise<void> {
  const { signatures } = app
  const checks = app.signatureChecks(extrinsics)
  const unknown = checks.filter((check) => signatures.recall(check) === undefined)
  const answers = await checker.checkBlock(unknown)
  for (const [at, check] of unknown.entries()) {
    const answer = answers[at]
    if (answer?.ok && answer.value) signatures.put(check, true)
  }
}
