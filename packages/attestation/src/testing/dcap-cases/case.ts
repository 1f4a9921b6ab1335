import type { DevAttack, DevPlatformOptions, EnclaveLaunch, TdLaunch } from '@tacit/platform-dev'
import type { DcapError } from '../../dcap/errors.ts'
import type { TcbStatus } from '../../dcap/tcb-status.ts'
import type { DcapInput } from '../../dcap/verify.ts'
import { platformOf, sgx, tdx } from '../kit.ts'

/** Synthetic evidence under a development root, and what verifying it must give. */
export interface DcapCase {
  /** Unique among all cases, in kebab case. */
  readonly name: string
  /** What is special about the evidence, for people. */
  readonly what: string
  /** The verdict's status, or the error's code with such fields as it must have. */
  readonly expected: DcapExpectation
  readonly input: () => DcapInput
}

export type DcapExpectation =
  | { readonly status: TcbStatus }
  | (Partial<DcapError> & { readonly code: DcapError['code'] })

/** A platform and its deviations; the root is always trusted. */
export interface CaseSetup {
  readonly tee?: 'sgx' | 'tdx'
  readonly options?: Partial<DevPlatformOptions>
  readonly attack?: DevAttack
  readonly launch?: Partial<TdLaunch> & Partial<EnclaveLaunch>
  /** Changes what the verifier gets. */
  readonly edit?: (input: DcapInput) => DcapInput
}

export function dcapCase(
  name: string,
  what: string,
  expected: DcapExpectation,
  setup: CaseSetup,
): DcapCase {
  return { name, what, expected, input: () => inputOf(setup) }
}

export function inputOf({ tee, options, attack = {}, launch = {}, edit }: CaseSetup): DcapInput {
  const platform = platformOf(options).attack(attack)
  const { quoteVersion, ...rest } = launch
  const input =
    tee === 'sgx'
      ? sgx(platform, launch)
      : tdx(platform, quoteVersion === 5 ? { ...rest, quoteVersion } : rest)
  const trusting = { ...input, roots: [platform.root] }
  return edit?.(trusting) ?? trusting
}

/** The expected status in words, or the code. */
export function expectationText(expected: DcapExpectation): string {
  return 'status' in expected ? expected.status : expected.code
}

/** A JSON document that the platform is about to sign. */
export type Document = Parameters<NonNullable<DevAttack['editTcbInfo']>>[0]

export function editTcb(edit: (document: Document) => unknown): DevAttack {
  return { editTcbInfo: (document) => void edit(document) }
}

export function editQe(edit: (document: Document) => unknown): DevAttack {
  return { editQeIdentity: (document) => void edit(document) }
}

/** Flips bits in the quoting enclave's report. */
export function editReport(offset: number, bits = 1): DevAttack {
  return { editQeReport: (bytes) => void (bytes[offset] = (bytes[offset] ?? 0) ^ bits) }
}

/** Sets a byte of the TD's or enclave's report. */
export function editBody(offset: number, value = 1): DevAttack {
  return { editBody: (bytes) => void (bytes[offset] = value) }
}

export function levelsOf(document: Document): Record<string, unknown>[] {
  return document['tcbLevels'] as Record<string, unknown>[]
}

export function modulesOf(document: Document): Record<string, unknown>[] {
  return document['tdxModuleIdentities'] as Record<string, unknown>[]
}

/** Sets an SVN of a component in every level. */
export function setSvn(
  document: Document,
  components: 'sgxtcbcomponents' | 'tdxtcbcomponents',
  index: number,
  svn: number,
): void {
  for (const level of levelsOf(document)) {
    const tcb = level['tcb'] as Record<typeof components, { svn: number }[]>
    tcb[components][index] = { svn }
  }
}
