import { err, ok, type Result } from '@tacit/base'
import type { SignatureCheck } from '@tacit/crypto'
import type { DistinguishedName } from '@tacit/crypto/x509'
import { findAnchor } from '../anchor.ts'
import { listIssued } from '../chain-rules.ts'
import { parsePemChain } from '../chain.ts'
import type { TrustedRoot } from '../trusted-root.ts'
import { commonWindow } from '../validity.ts'
import { findPckChain } from './certification.ts'
import {
  DCAP_SCHEMES,
  parseCollateral,
  type DcapCollateral,
  type ParsedCollateral,
} from './collateral.ts'
import type { DcapError, DcapFormError, DcapTrustError } from './errors.ts'
import { findRuleProblem, listDated } from './intel-rules.ts'
import { parsePckPlatform } from './pck-extension.ts'
import { parseQuote, type Tee } from './quote.ts'
import { listCollateralChecks } from './signature-checks.ts'
import type { DcapVerdict } from './verdict.ts'

/** What verifying collateral is decided from. */
export interface CollateralInput {
  readonly collateral: DcapCollateral
  readonly roots: readonly TrustedRoot[]
  /** Unix seconds. */
  readonly now: number
}

/** Which platforms a set of collateral speaks for, and which set a quote needs. */
export interface CollateralScope {
  readonly tee: Tee
  /** 6 bytes. */
  readonly fmspc: Uint8Array
  /** Which of Intel's two intermediates issues the platforms' certificates. */
  readonly ca: 'processor' | 'platform'
}

/** What is true of collateral whose every signature and rule held. */
export interface CollateralVerdict extends Pick<
  DcapVerdict,
  | 'root'
  | 'tcbEvaluationDataNumber'
  | 'qeIdentityEvaluationDataNumber'
  | 'issued'
  | 'nextUpdates'
  | 'latestIssue'
  | 'earliestExpiry'
  | 'signatureChecks'
> {
  readonly scope: CollateralScope
  /** Big-endian, at most 20 bytes; undefined where the issuer does not number its lists. */
  readonly rootCrlNumber: Uint8Array | undefined
  readonly pckCrlNumber: Uint8Array | undefined
}

/**
 * The scope that a quote's own, unverified PCK certificate names, or the one of the chain that is
 * given in its place.
 */
export function readQuoteScope(
  bytes: Uint8Array,
  pckChain?: Uint8Array,
): Result<CollateralScope, DcapFormError> {
  const quote = parseQuote(bytes)
  if (!quote.ok) return quote
  const pem = findPckChain(quote.value.certification, pckChain)
  if (!pem.ok) return pem
  const chain = parsePemChain('pck', pem.value, ['pck', 'pck_ca'], DCAP_SCHEMES)
  if (!chain.ok) return chain
  const { leaf } = chain.value
  const platform = parsePckPlatform(leaf)
  if (!platform.ok) return platform
  const { fmspc } = platform.value
  return ok({ tee: quote.value.tee, fmspc, ca: caOf(leaf.issuer) })
}

/** The scope that collateral itself names; nothing of it is verified. */
export function readCollateralScope(
  collateral: DcapCollateral,
): Result<CollateralScope, DcapFormError> {
  const parsed = parseCollateral(collateral)
  return parsed.ok ? ok(scopeOf(parsed.value)) : parsed
}

/**
 * Verifies collateral by itself, before any quote needs it: form, signatures, chains, windows,
 * revocation, and that TCB info and QE identity are for the same TEE. The rules are those of
 * decideDcap(), less what concerns a quote.
 */
export function decideCollateral(
  input: CollateralInput,
  verify: (check: SignatureCheck) => boolean,
): Result<CollateralVerdict, DcapError> {
  const parsed = parseCollateral(input.collateral)
  if (!parsed.ok) return parsed
  const collateral = parsed.value
  const chains = [
    collateral.pckCrlChain,
    collateral.tcbInfo.chain,
    collateral.qeIdentity.chain,
  ] as const
  const anchor = findAnchor(chains, input.roots, 'intel')
  if (!anchor.ok) return anchor
  const { trusted, root } = anchor.value
  const issued = listIssued(chains, root)
  const checks = listCollateralChecks(issued, root, collateral)
  const failed = checks.find((check) => !verify(check))
  if (failed !== undefined) return err({ code: failed.failure })
  const dated = listDated(issued, root, collateral)
  const problem =
    findRuleProblem(issued, root, collateral, dated, input.now) ?? findTeeMismatch(collateral)
  if (problem !== undefined) return err(problem)
  const { from: latestIssue, until: earliestExpiry } = commonWindow(dated)
  return ok({
    scope: scopeOf(collateral),
    ...describeCollateral(trusted, collateral),
    rootCrlNumber: collateral.rootCrl.crlNumber,
    pckCrlNumber: collateral.pckCrl.crlNumber,
    signatureChecks: checks.length,
    latestIssue,
    earliestExpiry,
  })
}

function scopeOf({ tcbInfo, pckCa }: ParsedCollateral): CollateralScope {
  const { fmspc, tee } = tcbInfo.value
  return { tee, fmspc, ca: caOf(pckCa.subject) }
}

/** What a verdict says about the collateral that it rests on. */
export function describeCollateral(
  { name, vendor, fingerprint }: TrustedRoot,
  { tcbInfo, qeIdentity, rootCrl, pckCrl }: ParsedCollateral,
): Pick<
  DcapVerdict,
  'root' | 'tcbEvaluationDataNumber' | 'qeIdentityEvaluationDataNumber' | 'issued' | 'nextUpdates'
> {
  return {
    root: { name, vendor, fingerprint },
    tcbEvaluationDataNumber: tcbInfo.value.tcbEvaluationDataNumber,
    qeIdentityEvaluationDataNumber: qeIdentity.value.tcbEvaluationDataNumber,
    issued: {
      tcbInfo: tcbInfo.value.issueDate,
      qeIdentity: qeIdentity.value.issueDate,
      rootCrl: rootCrl.thisUpdate,
      pckCrl: pckCrl.thisUpdate,
    },
    nextUpdates: {
      tcbInfo: tcbInfo.value.nextUpdate,
      qeIdentity: qeIdentity.value.nextUpdate,
      rootCrl: rootCrl.nextUpdate,
      pckCrl: pckCrl.nextUpdate,
    },
  }
}

/** The common names that the chain rules allow tell the two apart by this word. */
export function caOf({ commonName }: DistinguishedName): CollateralScope['ca'] {
  return commonName?.includes('Processor') === true ? 'processor' : 'platform'
}

function findTeeMismatch({ tcbInfo, qeIdentity }: ParsedCollateral): DcapTrustError | undefined {
  const wanted = tcbInfo.value.tee === 'tdx' ? 'TD_QE' : 'QE'
  return qeIdentity.value.id === wanted ? undefined : { code: 'qe_identity_tee_mismatch' }
}
