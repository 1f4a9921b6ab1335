import { equalBytes, err, ok, type Result } from '@tacit/base'
import type { Hashes, SignatureCheck } from '@tacit/crypto'
import { KEY_USAGE } from '@tacit/crypto/x509'
import { findAnchor, type Anchor } from '../../anchor.ts'
import { decide, type Assessment } from '../../assessment.ts'
import {
  findChainProblem,
  listChainChecks,
  listIssued,
  type RoleRule,
  type RoleRules,
} from '../../chain-rules.ts'
import { parseChain, type CertificateChain } from '../../chain.ts'
import type { TrustedRoot } from '../../trusted-root.ts'
import { commonWindow, datedCertificates, findInvalid } from '../../validity.ts'
import type {
  RimError,
  RimFormError,
  RimIssuedRole,
  RimSignatureError,
  RimTrustError,
} from './errors.ts'
import { readSwid, type RimContent } from './swid.ts'
import { readXml } from './xml-reader.ts'
import { readXmlSignature } from './xml-signature.ts'

/** What is true of a manifest whose every signature and rule held. */
export interface RimVerdict extends RimContent {
  readonly root: {
    readonly name: string
    readonly vendor: string
    readonly fingerprint: Uint8Array
  }
  /** The time that the verdict is for. Unix seconds. */
  readonly verifiedAt: number
  /** The last of all beginnings of validity. Unix seconds. */
  readonly latestIssue: number
  /** The first of all ends of validity; the verdict holds until then. Unix seconds. */
  readonly earliestExpiry: number
  /** How many signatures it rests on. */
  readonly signatureChecks: number
}

/**
 * A manifest read into values: a pure function of its bytes, independent of time and roots, so
 * that it may be kept under the bytes' hash. Nothing in it is trusted yet.
 */
export interface ParsedRim {
  readonly content: RimContent
  /** The certificates between signer and root may be of another number than they must. */
  readonly chain: CertificateChain<'rim', RimIssuedRole>
  /** The signed digest is the document's. */
  readonly isIntact: boolean
  /** What the signer signed. */
  readonly message: Uint8Array
  /** r||s, 96 bytes. */
  readonly signature: Uint8Array
}

/** What verifying a manifest is decided from; nothing else is read, no clock, no network. */
export interface RimInput {
  /** The document, at most 128 KiB. */
  readonly rim: Uint8Array
  /** Roots of other vendors are passed over. */
  readonly roots: readonly TrustedRoot[]
  /** Unix seconds. */
  readonly now: number
  readonly hashes: Pick<Hashes, 'sha384'>
}

/** The same with a manifest that was parsed before. */
export interface ParsedRimInput extends Omit<RimInput, 'rim' | 'hashes'> {
  readonly rim: ParsedRim
}

export type RimAssessment = Assessment<RimVerdict, RimSignatureError['code'], RimTrustError>

/** Signer first. */
const ROLES: readonly RimIssuedRole[] = ['rim_signer', 'rim_issuing_ca', 'rim_product_ca']
const CA: RoleRule = {
  isCa: true,
  keyUsage: KEY_USAGE.certificateSign,
  commonName: undefined,
}
/** NVIDIA also has chains whose issuing CA is named `... Debug Only`, under another root. */
const ROLE_RULES: RoleRules<RimIssuedRole> = {
  root: CA,
  rim_product_ca: { ...CA, commonName: /^NVIDIA Reference Value [A-Z0-9-]+ CA(?: [0-9]{3})?$/ },
  rim_issuing_ca: { ...CA, commonName: /^NVIDIA Reference Value L3 [A-Z0-9-]+ [0-9]{3}$/ },
  rim_signer: {
    isCa: false,
    keyUsage: KEY_USAGE.digitalSignature,
    commonName: /^(?:HCC )?RIM L4 Signer$|^NVIDIA Reference Value L4 [A-Z0-9-]+$/,
  },
}

/** Reads a manifest: an XML document of at most 128 KiB, its signature and its content. */
export function parseRim(
  bytes: Uint8Array,
  hashes: Pick<Hashes, 'sha384'>,
): Result<ParsedRim, RimFormError> {
  const root = readXml(bytes)
  if (!root.ok) return err({ code: 'rim_xml_malformed', ...root.error })
  const signed = readXmlSignature(root.value)
  if (!signed.ok) return err({ code: 'rim_signature_malformed', ...signed.error })
  const content = readSwid(root.value)
  if (!content.ok) return err({ code: 'rim_malformed', ...content.error })
  const { certificates, digest, message, signature } = signed.value
  const chain = parseChain('rim', certificates, ROLES.slice(0, certificates.length - 1), ['p384'])
  if (!chain.ok) return chain
  const isIntact = equalBytes(hashes.sha384(signed.value.content), digest)
  return ok({ content: content.value, chain: chain.value, isIntact, message, signature })
}

/**
 * Verifies a manifest with the caller's verifier. An expired signer is an error, whose `verifiable`
 * says when the manifest held: NVIDIA's signers are valid for two years, and manifests outlive them.
 * @returns the manifest's content, or an error: form first, then the first signature that does not
 *   verify, then what the signed content says.
 */
export function decideRim(
  input: RimInput,
  verify: (check: SignatureCheck) => boolean,
): Result<RimVerdict, RimError> {
  const assessment = assessRim(input)
  return assessment.ok ? decide(assessment.value, verify) : assessment
}

/** Parses a manifest and lists its four checks; errors are about form and the pinned root. */
export function assessRim(input: RimInput): Result<RimAssessment, RimError> {
  const rim = parseRim(input.rim, input.hashes)
  return rim.ok ? assessParsedRim({ ...input, rim: rim.value }) : rim
}

/** As assessRim(), with a manifest that was parsed before. */
export function assessParsedRim({
  rim,
  roots,
  now,
}: ParsedRimInput): Result<RimAssessment, RimError> {
  const { chain, message, signature } = rim
  const anchor = findAnchor([chain], roots, 'nvidia')
  if (!anchor.ok) return anchor
  const { length } = chain.certificates
  if (length !== ROLES.length) {
    return err({ code: 'chain_length_wrong', chain: 'rim', length: length + 1 })
  }
  const signer = chain.leaf.publicKey.bytes
  const checks = [
    ...listChainChecks(listIssued([chain], anchor.value.root)),
    { failure: 'rim_signature_invalid', scheme: 'p384', publicKey: signer, message, signature },
  ] as const
  return ok({ checks, outcome: judge(rim, anchor.value, now, checks.length) })
}

/** What the manifest says, taking every signature for granted. */
function judge(
  { content, chain, isIntact }: ParsedRim,
  { root, trusted: { name, vendor, fingerprint } }: Anchor,
  now: number,
  signatureChecks: number,
): Result<RimVerdict, RimTrustError> {
  if (!isIntact) return err({ code: 'rim_digest_mismatch' })
  const issued = listIssued([chain], root)
  const dated = datedCertificates(issued, root)
  const problem = findChainProblem(issued, root, ROLE_RULES) ?? findInvalid(dated, now)
  if (problem !== undefined) return err(problem)
  const { from, until } = commonWindow(dated)
  return ok({
    ...content,
    root: { name, vendor, fingerprint },
    verifiedAt: now,
    latestIssue: from,
    earliestExpiry: until,
    signatureChecks,
  })
}
