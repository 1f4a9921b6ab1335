import type { DevDevice, DeviceLaunch, GpuAttack } from '@tacit/platform-dev'
import type { NvidiaError } from '../../nvidia/errors.ts'
import type { NvidiaVerdict } from '../../nvidia/verdict.ts'
import type { NvidiaInput } from '../../nvidia/verify.ts'
import { launched } from '../nvidia-kit.ts'

/** Synthetic evidence under development roots, and what verifying it must give. */
export interface NvidiaCase {
  /** Unique among all cases, in kebab case. */
  readonly name: string
  /** What is special about the evidence, for people. */
  readonly what: string
  /** Fields of the verdict, or the error's code with such fields as it must have. */
  readonly expected: NvidiaExpectation
  readonly input: () => NvidiaInput
}

export type NvidiaExpectation =
  | { readonly verdict: Partial<NvidiaVerdict> }
  | { readonly code: NvidiaError['code']; readonly [field: string]: unknown }

/** A device and its deviations; the platform's roots are always trusted. */
export interface NvidiaSetup {
  readonly launch?: DeviceLaunch
  readonly attack?: GpuAttack
  /** Changes what the verifier gets. */
  readonly edit?: (input: NvidiaInput, device: DevDevice) => NvidiaInput
}

export function nvidiaCase(
  name: string,
  what: string,
  expected: NvidiaExpectation,
  setup: NvidiaSetup = {},
): NvidiaCase {
  return { name, what, expected, input: () => inputOf(setup) }
}

/** Gives the verifier the manifests and OCSP responses that an honest platform has. */
export function withCollateral(input: NvidiaInput, device: DevDevice): NvidiaInput {
  return { ...input, rims: device.rims(), ocsp: [...device.ocspAll(), ...device.rimOcsp()] }
}

function inputOf({ launch, attack, edit }: NvidiaSetup): NvidiaInput {
  const { device, input } = launched(launch, attack)
  return edit?.(input, device) ?? input
}
