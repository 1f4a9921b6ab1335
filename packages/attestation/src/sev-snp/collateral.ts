import { equalBytes, err, ok, unwrap, type Result } from '@tacit/base'
import {
  parseCertificate,
  parseCrl,
  type Certificate,
  type CertificateScheme,
  type Crl,
} from '@tacit/crypto/x509'
import { parsePemChain, type CertificateChain } from '../chain.ts'
import { readEndorsement, type SnpEndorsement } from './endorsement.ts'
import type { SnpError, SnpFormError, SnpIssuedRole } from './errors.ts'
import { AMD_INTERMEDIATES } from './intermediates.ts'
import { AMD_ROOTS } from './roots.ts'
import type { SnpSigningKey } from './verdict.ts'

/** What AMD's key distribution service says about the key that signed a report, as received. */
export interface SnpCollateral {
  /** The certificate of the VCEK or VLEK, in DER. */
  readonly endorsement: Uint8Array
  /** PEM text: ASK or ASVK, ARK. Where undefined, AMD's own as they come with this package. */
  readonly chain: Uint8Array | undefined
  /** The ARK's revocation list, in DER. Where undefined, revocation is not known of. */
  readonly crl: Uint8Array | undefined
}

/**
 * Collateral read into values: a pure function of its bytes, independent of time, roots and
 * reports, so that it may be kept under the bytes' hash. Nothing in it is trusted yet.
 */
export interface ParsedSnpCollateral {
  /** Which kind of key it is about, by its certificate's name. */
  readonly signingKey: SnpSigningKey
  readonly endorsement: SnpEndorsement
  /** VCEK and ASK, or VLEK and ASVK. */
  readonly chain: CertificateChain<SnpSigningKey, SnpIssuedRole>
  readonly crl: Crl | undefined
}

/** What AMD signs with: its own keys are RSA, those of chips are on P-384. */
export const SNP_SCHEMES: readonly CertificateScheme[] = ['p384', 'rsaPss']
const VLEK_NAME = 'SEV-VLEK'

/** Reads every part of the collateral; each part is bounded before it is parsed. */
export function parseSnpCollateral(
  collateral: SnpCollateral,
): Result<ParsedSnpCollateral, SnpError> {
  const leaf = parseCertificate(collateral.endorsement, SNP_SCHEMES)
  if (!leaf.ok) return err({ ...leaf.error, certificate: 'vcek' })
  const signingKey = signingKeyOf(leaf.value)
  const above = findIssuer(leaf.value, signingKey, collateral.chain)
  if (!above.ok) return above
  const link = { role: signingKey, certificate: leaf.value } as const
  const certificates = [link, ...above.value.certificates]
  const chain = {
    name: signingKey,
    leaf: leaf.value,
    certificates,
    root: above.value.root,
  } as const
  const wrongKey = findWrongKey(chain)
  if (wrongKey !== undefined) return err(wrongKey)
  const endorsement = readEndorsement(leaf.value)
  if (!endorsement.ok) return endorsement
  const crl = collateral.crl === undefined ? ok(undefined) : parseCrl(collateral.crl, ['rsaPss'])
  if (!crl.ok) return err({ ...crl.error, crl: 'crl' })
  return ok({ signingKey, endorsement: endorsement.value, chain, crl: crl.value })
}

/** Which kind of key a report's certificate says that it is of. */
export function signingKeyOf({ subject }: Certificate): SnpSigningKey {
  return subject.commonName === VLEK_NAME ? 'vlek' : 'vcek'
}

type IssuerChain = CertificateChain<SnpSigningKey, 'ask' | 'asvk'>

/** What must follow the leaf: an intermediate and its root, given or known. */
function findIssuer(
  leaf: Certificate,
  signingKey: SnpSigningKey,
  pem: Uint8Array | undefined,
): Result<IssuerChain, SnpError> {
  const role = signingKey === 'vlek' ? 'asvk' : 'ask'
  if (pem !== undefined) return parsePemChain(signingKey, pem, [role], SNP_SCHEMES)
  const known = knownIssuers().find(({ certificate }) =>
    equalBytes(certificate.subject.der, leaf.issuer.der),
  )
  if (known === undefined) return err({ code: 'root_untrusted', chain: signingKey })
  const { certificate, root } = known
  return ok({ name: signingKey, leaf: certificate, certificates: [{ role, certificate }], root })
}

interface KnownIssuer {
  readonly certificate: Certificate
  /** DER. */
  readonly root: Uint8Array
}

let known: readonly KnownIssuer[] | undefined

/** AMD's intermediates with their roots, read once. */
function knownIssuers(): readonly KnownIssuer[] {
  return (known ??= AMD_INTERMEDIATES.flatMap((der) => {
    const certificate = unwrap(parseCertificate(der, SNP_SCHEMES))
    return AMD_ROOTS.filter(({ certificate: root }) => isIssuer(root, certificate)).map(
      ({ certificate: root }) => ({ certificate, root }),
    )
  }))
}

function isIssuer(root: Uint8Array, { issuer }: Certificate): boolean {
  return equalBytes(unwrap(parseCertificate(root, SNP_SCHEMES)).subject.der, issuer.der)
}

/** AMD's keys are RSA, those that sign reports are on P-384. */
function findWrongKey({ certificates }: ParsedSnpCollateral['chain']): SnpFormError | undefined {
  const wrong = certificates.find(({ role, certificate }) => {
    const wanted = role === 'ask' || role === 'asvk' ? 'rsaPss' : 'p384'
    return certificate.publicKey.scheme !== wanted
  })
  if (wrong === undefined) return undefined
  const { role } = wrong
  return {
    code: 'certificate_malformed',
    certificate: role,
    reason: 'algorithm_unsupported',
    at: 0,
  }
}
