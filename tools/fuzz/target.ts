import type { Result } from '@tacit/base'
import type { SignatureCheck } from '@tacit/crypto'

/** The parts of evidence by name, each a string of bytes. */
export type Parts = Readonly<Record<string, Uint8Array>>

/** Evidence to mutate, and the verifier to give it to. */
export interface FuzzTarget {
  readonly name: string
  readonly parts: Parts
  /** How often it is drawn, 8 where not given: less for what takes long. */
  readonly weight?: number
  /** Total: any parts give a verdict or an error with a code. */
  run(parts: Parts, verify: (check: SignatureCheck) => boolean): Result<unknown, { code: string }>
}
