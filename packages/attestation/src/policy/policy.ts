import { bytesToHex } from '@tacit/base'
import type { Tee } from '../dcap/quote.ts'
import type { TcbStatus } from '../dcap/tcb-status.ts'
import type { DcapVerdict } from '../dcap/verdict.ts'

/**
 * What evidence must be to be accepted. Plain JSON data: a policy can be stored, hashed and read
 * by people. A rule that is left out accepts everything, except that NotSupported is never
 * accepted and that statuses and roots must be named.
 */
export interface Policy {
  readonly name: string
  /** Accepted statuses of platform, module and quoting enclave together. */
  readonly statuses: readonly Exclude<TcbStatus, 'NotSupported'>[]
  /** SHA-256 fingerprints of accepted roots, lower-case hex. */
  readonly roots: readonly string[]
  /** Whether the enclave or TD may be open to a debugger. */
  readonly debug: boolean
  readonly tees?: readonly Tee[]
  /** Advisories that refuse a platform, be it by its level, its module or its quoting enclave. */
  readonly deniedAdvisories?: readonly string[]
  /** Least number of TCB info and of QE identity. */
  readonly minimumTcbEvaluationDataNumber?: number
  /** Accepted physical platforms by PPID, lower-case hex. */
  readonly ppids?: readonly string[]
  /** Accepted processor families by FMSPC, lower-case hex. */
  readonly fmspcs?: readonly string[]
  /** Greatest age of TCB info, QE identity and PCK revocation list at the time of verifying. */
  readonly maxCollateralAgeSeconds?: number
  /** TDX: refuse TDs whose host could remove their pages unseen. */
  readonly requireSeptVeDisable?: boolean
  /** TDX: refuse TDs with attributes that have no name here. */
  readonly refuseUnknownAttributes?: boolean
  /** TDX: refuse TDs that are bound to a service TD, which may migrate them. */
  readonly refuseServiceTd?: boolean
}

/** A rule that evidence broke, with what was found and what is accepted. */
export type PolicyFailure =
  | {
      readonly rule: 'statuses'
      readonly found: TcbStatus
      readonly accepted: readonly TcbStatus[]
    }
  | { readonly rule: 'roots'; readonly found: string; readonly accepted: readonly string[] }
  | { readonly rule: 'debug' }
  | { readonly rule: 'tees'; readonly found: Tee; readonly accepted: readonly Tee[] }
  | { readonly rule: 'deniedAdvisories'; readonly found: readonly string[] }
  | {
      readonly rule: 'minimumTcbEvaluationDataNumber'
      readonly found: number
      readonly minimum: number
    }
  | { readonly rule: 'ppids'; readonly found: string }
  | { readonly rule: 'fmspcs'; readonly found: string; readonly accepted: readonly string[] }
  | {
      readonly rule: 'maxCollateralAgeSeconds'
      readonly foundSeconds: number
      readonly maximumSeconds: number
    }
  | { readonly rule: 'requireSeptVeDisable' }
  | { readonly rule: 'refuseUnknownAttributes'; readonly found: string }
  | { readonly rule: 'refuseServiceTd'; readonly found: string }

export interface PolicyResult {
  readonly policy: string
  readonly accepted: boolean
  /** Every rule that was broken, in the order of the policy's fields. */
  readonly failed: readonly PolicyFailure[]
}

type Rule = (verdict: DcapVerdict, policy: Policy) => PolicyFailure | undefined

const RULES: readonly Rule[] = [
  checkStatus,
  checkRoot,
  (verdict, { debug }) => (verdict.debug && !debug ? { rule: 'debug' } : undefined),
  checkTee,
  checkAdvisories,
  checkEvaluation,
  checkPpid,
  checkFmspc,
  checkAge,
  checkSeptVe,
  checkUnknownAttributes,
  checkServiceTd,
]

/** Judges a verdict by every rule of a policy; a pure function of both. */
export function evaluatePolicy(verdict: DcapVerdict, policy: Policy): PolicyResult {
  const failed = RULES.flatMap((rule) => rule(verdict, policy) ?? [])
  return { policy: policy.name, accepted: failed.length === 0, failed }
}

function checkStatus({ status }: DcapVerdict, { statuses }: Policy): PolicyFailure | undefined {
  const isAccepted = status !== 'NotSupported' && statuses.includes(status)
  return isAccepted ? undefined : { rule: 'statuses', found: status, accepted: statuses }
}

function checkRoot({ root }: DcapVerdict, { roots }: Policy): PolicyFailure | undefined {
  const found = bytesToHex(root.fingerprint)
  return roots.includes(found) ? undefined : { rule: 'roots', found, accepted: roots }
}

function checkTee({ tee }: DcapVerdict, { tees }: Policy): PolicyFailure | undefined {
  if (tees === undefined || tees.includes(tee)) return undefined
  return { rule: 'tees', found: tee, accepted: tees }
}

function checkAdvisories(
  { advisories, quotingEnclave }: DcapVerdict,
  { deniedAdvisories = [] }: Policy,
): PolicyFailure | undefined {
  const all = new Set([...advisories, ...quotingEnclave.advisories])
  const found = [...all].filter((advisory) => deniedAdvisories.includes(advisory))
  return found.length === 0 ? undefined : { rule: 'deniedAdvisories', found }
}

function checkEvaluation(
  { tcbEvaluationDataNumber, qeIdentityEvaluationDataNumber }: DcapVerdict,
  { minimumTcbEvaluationDataNumber: minimum = 0 }: Policy,
): PolicyFailure | undefined {
  const found = Math.min(tcbEvaluationDataNumber, qeIdentityEvaluationDataNumber)
  if (found >= minimum) return undefined
  return { rule: 'minimumTcbEvaluationDataNumber', found, minimum }
}

function checkPpid({ platform }: DcapVerdict, { ppids }: Policy): PolicyFailure | undefined {
  const found = bytesToHex(platform.ppid)
  return ppids === undefined || ppids.includes(found) ? undefined : { rule: 'ppids', found }
}

function checkFmspc({ platform }: DcapVerdict, { fmspcs }: Policy): PolicyFailure | undefined {
  const found = bytesToHex(platform.fmspc)
  if (fmspcs === undefined || fmspcs.includes(found)) return undefined
  return { rule: 'fmspcs', found, accepted: fmspcs }
}

function checkAge(
  { issued, verifiedAt }: DcapVerdict,
  { maxCollateralAgeSeconds: maximumSeconds }: Policy,
): PolicyFailure | undefined {
  const oldest = Math.min(issued.tcbInfo, issued.qeIdentity, issued.pckCrl)
  const foundSeconds = verifiedAt - oldest
  if (maximumSeconds === undefined || foundSeconds <= maximumSeconds) return undefined
  return { rule: 'maxCollateralAgeSeconds', foundSeconds, maximumSeconds }
}

function checkSeptVe(
  verdict: DcapVerdict,
  { requireSeptVeDisable = false }: Policy,
): PolicyFailure | undefined {
  const isOpen = verdict.tee === 'tdx' && !verdict.flags.septVeDisable
  return requireSeptVeDisable && isOpen ? { rule: 'requireSeptVeDisable' } : undefined
}

function checkUnknownAttributes(
  verdict: DcapVerdict,
  { refuseUnknownAttributes = false }: Policy,
): PolicyFailure | undefined {
  if (!refuseUnknownAttributes || verdict.tee !== 'tdx' || !verdict.flags.unknown) return undefined
  return { rule: 'refuseUnknownAttributes', found: bytesToHex(verdict.tdAttributes) }
}

function checkServiceTd(
  verdict: DcapVerdict,
  { refuseServiceTd = false }: Policy,
): PolicyFailure | undefined {
  const found = verdict.tee === 'tdx' ? bytesToHex(verdict.mrServiceTd ?? new Uint8Array()) : ''
  return refuseServiceTd && /[1-9a-f]/.test(found) ? { rule: 'refuseServiceTd', found } : undefined
}
