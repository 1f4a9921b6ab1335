import { equalBytes } from '@tacit/base'
import type { EvidenceCheck } from '../assessment.ts'
import type { NvidiaSignatureError } from './errors.ts'

export type NvidiaCheck = EvidenceCheck<NvidiaSignatureError['code']>

/** The checks without repetition: devices share the certificates of their CAs, manifests theirs. */
export function listDifferent(checks: readonly NvidiaCheck[]): readonly NvidiaCheck[] {
  const different: NvidiaCheck[] = []
  for (const check of checks) {
    if (!different.some((known) => isSame(known, check))) different.push(check)
  }
  return different
}

function isSame(a: NvidiaCheck, b: NvidiaCheck): boolean {
  return (
    a.failure === b.failure &&
    equalBytes(a.signature, b.signature) &&
    equalBytes(a.publicKey, b.publicKey) &&
    equalBytes(a.message, b.message)
  )
}
