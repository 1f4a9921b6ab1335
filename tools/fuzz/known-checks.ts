import { equalBytes } from '@tacit/base'
import type { SignatureCheck } from '@tacit/crypto'
import { native } from '@tacit/crypto/native'

/** Signatures of unchanged evidence with their answers. */
export interface KnownChecks {
  /** Computes a check and remembers it. */
  readonly record: (check: SignatureCheck) => boolean
  /** The remembered answer, or a computed one. */
  readonly verify: (check: SignatureCheck) => boolean
  /**
   * The remembered answer, or false without computing. A mutation does not come upon a signature of
   * another message, so a check that no evidence of the corpus has is false; to compute that takes
   * longer than everything else that a verifier does.
   */
  readonly isKnown: (check: SignatureCheck) => boolean
}

interface Answered {
  readonly check: SignatureCheck
  readonly answer: boolean
}

export function createKnownChecks(): KnownChecks {
  const byStart = new Map<string, Answered[]>()
  const find = (check: SignatureCheck): Answered | undefined =>
    byStart.get(startOf(check))?.find((known) => isSame(known.check, check))
  const record = (check: SignatureCheck): boolean => {
    const known = find(check)
    if (known !== undefined) return known.answer
    const answer = native.verify(check)
    const start = startOf(check)
    byStart.set(start, [...(byStart.get(start) ?? []), { check, answer }])
    return answer
  }
  return {
    record,
    verify: (check) => find(check)?.answer ?? native.verify(check),
    isKnown: (check) => find(check)?.answer ?? false,
  }
}

function startOf({ signature }: SignatureCheck): string {
  return signature.subarray(0, 8).join()
}

function isSame(a: SignatureCheck, b: SignatureCheck): boolean {
  return (
    a.scheme === b.scheme &&
    equalBytes(a.signature, b.signature) &&
    equalBytes(a.publicKey, b.publicKey) &&
    equalBytes(a.message, b.message)
  )
}
