import { bytesToHex, equalBytes, err, ok, type Result } from '@tacit/base'
import {
  dcapCollateralCodec,
  decideCollateral,
  readQuoteScope,
  type CollateralScope,
  type CollateralVerdict,
  type DcapCollateral,
  type DcapError,
  type DcapFormError,
  type TrustedRoot,
} from '@tacit/attestation'
import type { SignatureCheck } from '@tacit/crypto'
import type { HttpError } from '../http/http-error.ts'
import type { Obtain, Obtained, StaleError } from '../obtain.ts'
import { fetchCollateral, type IntelAnswerError, type IntelService } from './fetch-collateral.ts'

export interface IntelOptions extends IntelService {
  readonly obtain: Obtain
  readonly roots: readonly TrustedRoot[]
  readonly verify: (check: SignatureCheck) => boolean
  /** Unix seconds. */
  readonly now: () => number
}

export type IntelError =
  | IntelAnswerError
  /** All of it verifies, but it is for other platforms than those asked for. */
  | { readonly code: 'scope_mismatch'; readonly field: 'tee' | 'fmspc' | 'ca' }
  /** The verifier's error: what came is not well formed, not signed, not valid now, or revoked. */
  | { readonly code: 'collateral_refused'; readonly error: DcapError }

/** Collateral that verified, with what it says of itself. */
export interface IntelCollateral {
  readonly collateral: DcapCollateral
  readonly verdict: CollateralVerdict
}

type Answer = Promise<
  Result<Obtained<IntelCollateral>, IntelError | HttpError | StaleError | DcapFormError>
>

export interface IntelSource {
  /** For a set of platforms. */
  forScope(scope: CollateralScope): Answer
  /** For the platform that a quote's own PCK certificate names. */
  forQuote(quote: Uint8Array): Answer
}

/**
 * Gets DCAP collateral from Intel's Provisioning Certification Service or from a PCCS, which offers
 * the same paths. Source: Intel SGX and TDX Provisioning Certification Service, API version 4;
 * intel/SGXDataCenterAttestationPrimitives, QuoteGeneration/pccs.
 */
export function createIntelSource(given: IntelOptions): IntelSource {
  const options = { ...given, baseUrl: given.baseUrl.replace(/\/$/, '') }
  const forScope = (scope: CollateralScope): Answer =>
    options.obtain({
      key: keyOf(options, scope),
      codec: dcapCollateralCodec,
      fetch: () => fetchCollateral(options, scope),
      check: (collateral) => check(options, scope, collateral),
      isOlder,
    })
  return {
    forScope,
    forQuote: async (quote) => {
      const scope = readQuoteScope(quote)
      return scope.ok ? forScope(scope.value) : scope
    },
  }
}

function keyOf({ baseUrl, update = 'standard' }: IntelOptions, scope: CollateralScope): string {
  return ['intel', baseUrl, update, scope.tee, bytesToHex(scope.fmspc), scope.ca].join(' ')
}

function check(
  { roots, verify, now }: IntelOptions,
  scope: CollateralScope,
  collateral: DcapCollateral,
): Result<IntelCollateral, IntelError> {
  const verdict = decideCollateral({ collateral, roots, now: now() }, verify)
  if (!verdict.ok) return err({ code: 'collateral_refused', error: verdict.error })
  const found = verdict.value.scope
  if (found.tee !== scope.tee) return err({ code: 'scope_mismatch', field: 'tee' })
  if (!equalBytes(found.fmspc, scope.fmspc)) return err({ code: 'scope_mismatch', field: 'fmspc' })
  if (found.ca !== scope.ca) return err({ code: 'scope_mismatch', field: 'ca' })
  return ok({ collateral, verdict: verdict.value })
}

/** Intel's evaluation numbers only rise, and each document is issued later than the last. */
function isOlder(fresh: IntelCollateral, kept: IntelCollateral): boolean {
  const [now, before] = [fresh.verdict, kept.verdict]
  return (
    now.tcbEvaluationDataNumber < before.tcbEvaluationDataNumber ||
    now.qeIdentityEvaluationDataNumber < before.qeIdentityEvaluationDataNumber ||
    now.issued.tcbInfo < before.issued.tcbInfo ||
    now.issued.qeIdentity < before.issued.qeIdentity ||
    now.issued.rootCrl < before.issued.rootCrl ||
    now.issued.pckCrl < before.issued.pckCrl
  )
}
