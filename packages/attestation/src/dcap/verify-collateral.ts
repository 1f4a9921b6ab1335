import { equalBytes, err, ok, type Result } from '@tacit/base'
import type { SignatureCheck } from '@tacit/crypto'
import { parseCertificate, type Certificate } from '@tacit/crypto/x509'
import {
  findChainProblem,
  findRevocation,
  listIssued,
  type IssuedCertificate,
} from './chain-rules.ts'
import { parseChain, parseCollateral, type ParsedCollateral } from './collateral.ts'
import type { DcapError, DcapFormError, DcapTrustError } from './errors.ts'
import { parsePckPlatform } from './pck-extension.ts'
import { parseQuote, type Tee } from './quote.ts'
import type { TrustedRoot } from './roots.ts'
import { commonWindow, findInvalid, listDated } from './validity.ts'
import type { DcapVerdict } from './verdict.ts'
import type { DcapCheck, DcapInput } from './verify.ts'

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
  | 'latestIssue'
  | 'earliestExpiry'
  | 'signatureChecks'
> {
  readonly scope: CollateralScope
  /** Big-endian, at most 20 bytes; undefined where the issuer does not number its lists. */
  readonly rootCrlNumber: Uint8Array | undefined
  readonly pckCrlNumber: Uint8Array | undefined
}

/** The scope that a quote's own, unverified PCK certificate names. */
export function readQuoteScope(bytes: Uint8Array): Result<CollateralScope, DcapFormError> {
  const quote = parseQuote(bytes)
  if (!quote.ok) return quote
  const chain = parseChain('pck', quote.value.pckChain, ['pck', 'pck_ca'])
  if (!chain.ok) return chain
  const pck = chain.value.certificates[0]?.certificate
  if (pck === undefined) return err({ code: 'chain_length_wrong', chain: 'pck', length: 0 })
  const platform = parsePckPlatform(pck)
  if (!platform.ok) return platform
  const { fmspc } = platform.value
  return ok({ tee: quote.value.tee, fmspc, ca: caOf(pck.issuer.commonName) })
}

/**
 * Verifies collateral by itself, before any quote needs it: form, signatures, chains, windows,
 * revocation, and that TCB info and QE identity are for the same TEE. The rules are those of
 * decideDcap(), less what concerns a quote.
 */
export function decideCollateral(
  input: Pick<DcapInput, 'collateral' | 'roots' | 'now'>,
  verify: (check: SignatureCheck) => boolean,
): Result<CollateralVerdict, DcapError> {
  const parsed = parseCollateral(input.collateral)
  if (!parsed.ok) return parsed
  const trusted = findRoot(parsed.value, input.roots)
  if (!trusted.ok) return trusted
  const { anchor, root } = trusted.value
  const { pckCrlChain, tcbInfo, qeIdentity } = parsed.value
  const issued = listIssued([pckCrlChain, tcbInfo.chain, qeIdentity.chain], root)
  const checks = listChecks(parsed.value, issued, root)
  const failed = checks.find((check) => !verify(check))
  if (failed !== undefined) return err({ code: failed.failure })
  const dated = listDated(issued, root, parsed.value)
  const problem =
    findChainProblem(issued, root) ??
    findInvalid(dated, input.now) ??
    findRevocation(issued, root, parsed.value) ??
    findTeeMismatch(parsed.value)
  if (problem !== undefined) return err(problem)
  const { from: latestIssue, until: earliestExpiry } = commonWindow(dated)
  const { name, vendor, fingerprint } = anchor
  const certified = { root: { name, vendor, fingerprint }, signatureChecks: checks.length }
  return ok({ ...describe(parsed.value), ...certified, latestIssue, earliestExpiry })
}

function findRoot(
  { pckCrlChain, tcbInfo, qeIdentity }: ParsedCollateral,
  roots: readonly TrustedRoot[],
): Result<{ anchor: TrustedRoot; root: Certificate }, DcapError> {
  const anchor = roots.find(({ certificate }) => equalBytes(certificate, pckCrlChain.root))
  if (anchor === undefined) return err({ code: 'root_untrusted', chain: pckCrlChain.name })
  for (const { name, root } of [tcbInfo.chain, qeIdentity.chain]) {
    if (!equalBytes(root, anchor.certificate)) return err({ code: 'root_untrusted', chain: name })
  }
  const root = parseCertificate(anchor.certificate)
  return root.ok ? ok({ anchor, root: root.value }) : err({ ...root.error, certificate: 'root' })
}

/** Six checks where TCB info and QE identity share their signer. */
function listChecks(
  { rootCrl, pckCrl, pckCa, tcbInfo, qeIdentity }: ParsedCollateral,
  issued: readonly IssuedCertificate[],
  root: Certificate,
): readonly DcapCheck[] {
  const certificates = issued.flatMap(({ role, certificate, issuer }) =>
    role === 'root'
      ? []
      : [check(`${role}_signature_invalid`, issuer, certificate.tbs, certificate.signature.bytes)],
  )
  return [
    ...certificates,
    check('root_crl_signature_invalid', root, rootCrl.tbs, rootCrl.signature.bytes),
    check('pck_crl_signature_invalid', pckCa, pckCrl.tbs, pckCrl.signature.bytes),
    ...[tcbInfo, qeIdentity].flatMap(({ chain, bytes, signature }) => {
      const signer = chain.certificates[0]?.certificate
      const failure =
        chain === tcbInfo.chain ? 'tcb_info_signature_invalid' : 'qe_identity_signature_invalid'
      return signer ? [check(failure, signer, bytes, signature)] : []
    }),
  ]
}

function check(
  failure: DcapCheck['failure'],
  signer: Certificate,
  message: Uint8Array,
  signature: Uint8Array,
): DcapCheck {
  return { failure, scheme: 'p256', publicKey: signer.publicKey.bytes, message, signature }
}

function findTeeMismatch({ tcbInfo, qeIdentity }: ParsedCollateral): DcapTrustError | undefined {
  const wanted = tcbInfo.value.tee === 'tdx' ? 'TD_QE' : 'QE'
  return qeIdentity.value.id === wanted ? undefined : { code: 'qe_identity_tee_mismatch' }
}

function describe({ pckCa, rootCrl, pckCrl, tcbInfo, qeIdentity }: ParsedCollateral) {
  const { tee, fmspc, tcbEvaluationDataNumber } = tcbInfo.value
  return {
    scope: { tee, fmspc, ca: caOf(pckCa.subject.commonName) },
    tcbEvaluationDataNumber,
    qeIdentityEvaluationDataNumber: qeIdentity.value.tcbEvaluationDataNumber,
    rootCrlNumber: rootCrl.crlNumber,
    pckCrlNumber: pckCrl.crlNumber,
    issued: {
      tcbInfo: tcbInfo.value.issueDate,
      qeIdentity: qeIdentity.value.issueDate,
      rootCrl: rootCrl.thisUpdate,
      pckCrl: pckCrl.thisUpdate,
    },
  }
}

/** The common names that the chain rules allow tell the two apart by this word. */
function caOf(commonName: string | undefined): CollateralScope['ca'] {
  return commonName?.includes('Processor') === true ? 'processor' : 'platform'
}
