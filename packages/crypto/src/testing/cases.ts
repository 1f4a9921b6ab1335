import type { SignatureCheck } from '../types.ts'

/**
 * An edge of the acceptance set: `form` where isAcceptable alone rules it out, `equation` where it
 * is well-formed and the providers must find it false, `valid` where both must find it true.
 */
export interface Case {
  readonly name: string
  readonly check: SignatureCheck
  readonly expected: 'form' | 'equation' | 'valid'
}
