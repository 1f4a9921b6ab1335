import type { DevAmdAttack, DevAmdOptions, GuestLaunch } from '@tacit/platform-dev'
import type { SnpError } from '../../sev-snp/errors.ts'
import type { SnpVerdict } from '../../sev-snp/verdict.ts'
import type { SnpInput } from '../../sev-snp/verify.ts'
import { amdOf, snp } from '../snp-kit.ts'

/** Synthetic evidence under a development root, and what verifying it must give. */
export interface SnpCase {
  /** Unique among all cases, in kebab case. */
  readonly name: string
  /** What is special about the evidence, for people. */
  readonly what: string
  /** Fields of the verdict, or the error's code with such fields as it must have. */
  readonly expected: SnpExpectation
  readonly input: () => SnpInput
}

export type SnpExpectation =
  | { readonly verdict: Partial<SnpVerdict> }
  | (Partial<SnpError> & { readonly code: SnpError['code'] })

/** A platform and its deviations; the root is always trusted. */
export interface SnpSetup {
  readonly options?: Partial<DevAmdOptions>
  readonly attack?: DevAmdAttack
  readonly launch?: Partial<GuestLaunch>
  /** Changes what the verifier gets. */
  readonly edit?: (input: SnpInput) => SnpInput
}

export function snpCase(
  name: string,
  what: string,
  expected: SnpExpectation,
  setup: SnpSetup,
): SnpCase {
  return { name, what, expected, input: () => inputOf(setup) }
}

/** Sets a byte of the report before it is signed. */
export function setByte(at: number, value: number): DevAmdAttack {
  return { editReport: (report) => void (report[at] = value) }
}

/** Sets a byte of the report after it was signed. */
export function setSigned(at: number, value: number): DevAmdAttack {
  return { editSigned: (report) => void (report[at] = value) }
}

/** Changes the collateral that the verifier gets. */
export function withCollateral(
  change: (collateral: SnpInput['collateral']) => Partial<SnpInput['collateral']>,
): (input: SnpInput) => SnpInput {
  return (input) => ({
    ...input,
    collateral: { ...input.collateral, ...change(input.collateral) },
  })
}

function inputOf({ options, attack = {}, launch, edit }: SnpSetup): SnpInput {
  const platform = amdOf(options).attack(attack)
  const input = snp(platform, launch)
  return edit?.(input) ?? input
}
