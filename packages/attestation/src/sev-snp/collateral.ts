import {
  boundedBytes,
  equalBytes,
  err,
  ok,
  option,
  struct,
  type Codec,
  type Result,
} from '@tacit/base'
import {
  parseCertificate,
  parseCrl,
  parsePemCertificates,
  type Certificate,
  type CertificateScheme,
  type Crl,
} from '@tacit/crypto/x509'
import { parseChain, type CertificateChain } from '../chain.ts'
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

const KIB = 1024

/** Collateral as the chain stores it and extrinsics carry it: at most 592 KiB. */
export const snpCollateralCodec: Codec<SnpCollateral> = struct({
  endorsement: boundedBytes(16 * KIB),
  chain: option(boundedBytes(64 * KIB)),
  crl: option(boundedBytes(512 * KIB)),
})

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

const SCHEMES: readonly CertificateScheme[] = ['p384', 'rsaPss']
const MAX_PEM_CERTIFICATES = 8
const VLEK_NAME = 'SEV-VLEK'

/** Reads every part of the collateral; each part is bounded before it is parsed. */
export function parseSnpCollateral(
  collateral: SnpCollateral,
): Result<ParsedSnpCollateral, SnpError> {
  const leaf = parseCertificate(collateral.endorsement, SCHEMES)
  if (!leaf.ok) return err({ ...leaf.error, certificate: 'vcek' })
  const isVlek = leaf.value.subject.commonName === VLEK_NAME
  const signingKey = isVlek ? 'vlek' : 'vcek'
  const ders = findIssuers(leaf.value, signingKey, collateral.chain)
  if (!ders.ok) return ders
  const roles = isVlek ? (['vlek', 'asvk'] as const) : (['vcek', 'ask'] as const)
  const chain = parseChain(signingKey, [collateral.endorsement, ...ders.value], roles, SCHEMES)
  if (!chain.ok) return chain
  const wrongKey = findWrongKey(chain.value)
  if (wrongKey !== undefined) return err(wrongKey)
  const endorsement = readEndorsement(chain.value.leaf)
  if (!endorsement.ok) return endorsement
  const crl = collateral.crl === undefined ? ok(undefined) : parseCrl(collateral.crl, ['rsaPss'])
  if (!crl.ok) return err({ ...crl.error, crl: 'crl' })
  const { value } = endorsement
  return ok({ signingKey, endorsement: value, chain: chain.value, crl: crl.value })
}

/** What must follow the leaf: an intermediate and its root, given or known. */
function findIssuers(
  leaf: Certificate,
  signingKey: SnpSigningKey,
  pem: Uint8Array | undefined,
): Result<readonly Uint8Array[], SnpError> {
  if (pem !== undefined) {
    const ders = parsePemCertificates(pem, MAX_PEM_CERTIFICATES)
    if (ders.ok) return ders
    return err({ code: 'chain_malformed', chain: signingKey, reason: ders.error.reason })
  }
  const known = knownIssuers().find(({ subject }) => equalBytes(subject, leaf.issuer.der))
  return known === undefined
    ? err({ code: 'root_untrusted', chain: signingKey })
    : ok([known.certificate, known.root])
}

interface KnownIssuer {
  /** The name, in DER. */
  readonly subject: Uint8Array
  /** DER. */
  readonly certificate: Uint8Array
  /** DER. */
  readonly root: Uint8Array
}

let known: readonly KnownIssuer[] | undefined

/** AMD's intermediates by name, read once. */
function knownIssuers(): readonly KnownIssuer[] {
  return (known ??= AMD_INTERMEDIATES.flatMap((certificate) => {
    const parsed = parseCertificate(certificate, SCHEMES)
    return AMD_ROOTS.flatMap((root) => {
      const issuer = parseCertificate(root.certificate, SCHEMES)
      if (!parsed.ok || !issuer.ok) return []
      if (!equalBytes(issuer.value.subject.der, parsed.value.issuer.der)) return []
      return [{ subject: parsed.value.subject.der, certificate, root: root.certificate }]
    })
  }))
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
