import { equalBytes, err, ok, type Result } from '@tacit/base'
import {
  parseCertificate,
  parsePemCertificates,
  type Certificate,
  type CertificateScheme,
  type DerReason,
  type PemError,
} from '@tacit/crypto/x509'

/** A certificate by the role in which its chain needs it. */
export interface ChainLink<Role extends string> {
  readonly role: Role
  readonly certificate: Certificate
}

/** A chain in order from leaf to root; the root stays bytes, since it counts only as such. */
export interface CertificateChain<Name extends string, Role extends string> {
  readonly name: Name
  readonly leaf: Certificate
  /** The leaf and what stands between it and the root. */
  readonly certificates: readonly ChainLink<Role>[]
  /** DER. */
  readonly root: Uint8Array
}

/** The bytes are not a chain with the wanted roles. */
export type ChainFormError<Name extends string, Role extends string> =
  /** A chain is not PEM text. */
  | { readonly code: 'chain_malformed'; readonly chain: Name; readonly reason: PemError['reason'] }
  | ChainLinkError<Name, Role>

/** The certificates are not those of the wanted roles. */
export type ChainLinkError<Name extends string, Role extends string> =
  /** A chain has the wrong number of certificates. */
  | { readonly code: 'chain_length_wrong'; readonly chain: Name; readonly length: number }
  | {
      readonly code: 'certificate_malformed'
      readonly certificate: Role
      readonly reason: DerReason
      readonly at: number
    }

const MAX_CERTIFICATES = 8

/**
 * Reads a PEM chain that has one certificate for each role, leaf first, and then the root. At most
 * 64 KiB and 8 certificates, each at most 16 KiB.
 * @param schemes what the vendor's keys and signatures are made with.
 * @param known certificates that were read before by the same schemes; their bytes are not read again.
 */
export function parsePemChain<Name extends string, Role extends string>(
  name: Name,
  pem: Uint8Array,
  roles: readonly Role[],
  schemes: readonly CertificateScheme[],
  known: readonly Certificate[] = [],
): Result<CertificateChain<Name, Role>, ChainFormError<Name, Role>> {
  const ders = parsePemCertificates(pem, MAX_CERTIFICATES)
  if (!ders.ok) return err({ code: 'chain_malformed', chain: name, reason: ders.error.reason })
  return parseChain(name, ders.value, roles, schemes, known)
}

/** The same from certificates in DER, leaf first and the root last. */
export function parseChain<Name extends string, Role extends string>(
  name: Name,
  ders: readonly Uint8Array[],
  roles: readonly Role[],
  schemes: readonly CertificateScheme[],
  known: readonly Certificate[] = [],
): Result<CertificateChain<Name, Role>, ChainLinkError<Name, Role>> {
  const certificates: ChainLink<Role>[] = []
  for (const [index, role] of roles.entries()) {
    const der = ders[index]
    const parsed = der === undefined ? undefined : readCertificate(der, schemes, known)
    if (parsed?.ok === false) return err({ ...parsed.error, certificate: role })
    if (parsed !== undefined) certificates.push({ role, certificate: parsed.value })
  }
  const [leaf] = certificates
  const root = ders.at(-1)
  const { length } = ders
  if (leaf === undefined || root === undefined || length !== roles.length + 1) {
    return err({ code: 'chain_length_wrong', chain: name, length })
  }
  return ok({ name, leaf: leaf.certificate, certificates, root })
}

function readCertificate(
  der: Uint8Array,
  schemes: readonly CertificateScheme[],
  known: readonly Certificate[],
): ReturnType<typeof parseCertificate> {
  const same = known.find((certificate) => equalBytes(certificate.der, der))
  return same === undefined ? parseCertificate(der, schemes) : ok(same)
}
