import { boundedBytes, err, fixedBytes, ok, struct, type Codec, type Result } from '@tacit/base'
import {
  parseCertificate,
  parseCrl,
  parsePemCertificates,
  type Certificate,
  type Crl,
} from '@tacit/crypto/x509'
import type { ChainName, DcapFormError, IssuedRole } from './errors.ts'
import { parseQeIdentity, type QeIdentity } from './qe-identity.ts'
import { parseTcbInfo, type TcbInfo } from './tcb-info.ts'

/** What Intel publishes about a platform, as received; Intel names it QuoteCollateralV3. */
export interface DcapCollateral {
  /** PEM text: PCK CA, root. */
  readonly pckCrlIssuerChain: Uint8Array
  /** DER. */
  readonly rootCaCrl: Uint8Array
  /** DER. */
  readonly pckCrl: Uint8Array
  /** PEM text: TCB signing certificate, root. */
  readonly tcbInfoIssuerChain: Uint8Array
  /** The signed JSON, byte for byte. */
  readonly tcbInfo: Uint8Array
  /** r||s, 64 bytes. */
  readonly tcbInfoSignature: Uint8Array
  /** PEM text: TCB signing certificate, root. */
  readonly qeIdentityIssuerChain: Uint8Array
  /** The signed JSON, byte for byte. */
  readonly qeIdentity: Uint8Array
  /** r||s, 64 bytes. */
  readonly qeIdentitySignature: Uint8Array
}

const KIB = 1024

/** Collateral as the chain stores it and extrinsics carry it: at most about 1.2 MiB. */
export const dcapCollateralCodec: Codec<DcapCollateral> = struct({
  pckCrlIssuerChain: boundedBytes(64 * KIB),
  rootCaCrl: boundedBytes(512 * KIB),
  pckCrl: boundedBytes(512 * KIB),
  tcbInfoIssuerChain: boundedBytes(64 * KIB),
  tcbInfo: boundedBytes(256 * KIB),
  tcbInfoSignature: fixedBytes(64),
  qeIdentityIssuerChain: boundedBytes(64 * KIB),
  qeIdentity: boundedBytes(256 * KIB),
  qeIdentitySignature: fixedBytes(64),
})

/** A signed JSON document with its signer; the signature is not decided yet. */
export interface SignedDocument<T> {
  readonly value: T
  readonly bytes: Uint8Array
  readonly signature: Uint8Array
  readonly chain: CertificateChain
  /** The chain's leaf. */
  readonly signer: Certificate
}

/** A chain in order from leaf to root; the root stays bytes, since it counts only as such. */
export interface CertificateChain {
  readonly name: ChainName
  readonly leaf: Certificate
  /** The leaf and what stands between it and the root. */
  readonly certificates: readonly ChainLink[]
  readonly root: Uint8Array
}

export interface ChainLink {
  readonly role: IssuedRole
  readonly certificate: Certificate
}

/**
 * Collateral read into values: a pure function of its bytes, independent of time, roots and
 * quotes, so that it may be kept under the bytes' hash. Nothing in it is trusted yet.
 */
export interface ParsedCollateral {
  readonly pckCa: Certificate
  readonly pckCrlChain: CertificateChain
  readonly rootCrl: Crl
  readonly pckCrl: Crl
  readonly tcbInfo: SignedDocument<TcbInfo>
  readonly qeIdentity: SignedDocument<QeIdentity>
}

/** Reads every part of the collateral; each part is bounded before it is parsed. */
export function parseCollateral(
  collateral: DcapCollateral,
): Result<ParsedCollateral, DcapFormError> {
  const pckCrlChain = parseChain('pck_crl_issuer', collateral.pckCrlIssuerChain, ['pck_ca'])
  if (!pckCrlChain.ok) return pckCrlChain
  const rootCrl = parseNamedCrl('root_crl', collateral.rootCaCrl)
  if (!rootCrl.ok) return rootCrl
  const pckCrl = parseNamedCrl('pck_crl', collateral.pckCrl)
  if (!pckCrl.ok) return pckCrl
  const tcbInfo = parseSignedTcbInfo(collateral)
  if (!tcbInfo.ok) return tcbInfo
  const qeIdentity = parseSignedQeIdentity(collateral)
  if (!qeIdentity.ok) return qeIdentity
  return ok({
    pckCa: pckCrlChain.value.leaf,
    pckCrlChain: pckCrlChain.value,
    rootCrl: rootCrl.value,
    pckCrl: pckCrl.value,
    tcbInfo: tcbInfo.value,
    qeIdentity: qeIdentity.value,
  })
}

/** Reads a PEM chain that has one certificate for each role, leaf first, and then the root. */
export function parseChain(
  name: ChainName,
  pem: Uint8Array,
  roles: readonly IssuedRole[],
): Result<CertificateChain, DcapFormError> {
  const ders = parsePemCertificates(pem, 8)
  if (!ders.ok) return err({ code: 'chain_malformed', chain: name, reason: ders.error.reason })
  const root = ders.value.at(-1)
  const certificates: ChainLink[] = []
  for (const [index, role] of roles.entries()) {
    const der = ders.value[index]
    const parsed = der === undefined ? undefined : parseCertificate(der)
    if (parsed?.ok === false) return err({ ...parsed.error, certificate: role })
    if (parsed !== undefined) certificates.push({ role, certificate: parsed.value })
  }
  const { length } = ders.value
  const [leaf] = certificates
  if (leaf === undefined || root === undefined || length !== roles.length + 1) {
    return err({ code: 'chain_length_wrong', chain: name, length })
  }
  return ok({ name, leaf: leaf.certificate, certificates, root })
}

function parseNamedCrl(crl: 'root_crl' | 'pck_crl', der: Uint8Array): Result<Crl, DcapFormError> {
  const parsed = parseCrl(der)
  return parsed.ok ? parsed : err({ ...parsed.error, crl })
}

function parseSignedTcbInfo(
  collateral: DcapCollateral,
): Result<SignedDocument<TcbInfo>, DcapFormError> {
  const { tcbInfo, tcbInfoSignature, tcbInfoIssuerChain } = collateral
  const chain = parseChain('tcb_info_issuer', tcbInfoIssuerChain, ['tcb_signing'])
  if (!chain.ok) return chain
  const value = parseTcbInfo(tcbInfo)
  return value.ok
    ? signedBy('tcb_info', chain.value, value.value, tcbInfo, tcbInfoSignature)
    : value
}

function parseSignedQeIdentity(
  collateral: DcapCollateral,
): Result<SignedDocument<QeIdentity>, DcapFormError> {
  const { qeIdentity, qeIdentitySignature, qeIdentityIssuerChain } = collateral
  const chain = parseChain('qe_identity_issuer', qeIdentityIssuerChain, ['tcb_signing'])
  if (!chain.ok) return chain
  const value = parseQeIdentity(qeIdentity)
  if (!value.ok) return value
  return signedBy('qe_identity', chain.value, value.value, qeIdentity, qeIdentitySignature)
}

function signedBy<T>(
  document: 'tcb_info' | 'qe_identity',
  chain: CertificateChain,
  value: T,
  bytes: Uint8Array,
  signature: Uint8Array,
): Result<SignedDocument<T>, DcapFormError> {
  return signature.length === 64
    ? ok({ value, bytes, signature, chain, signer: chain.leaf })
    : err({ code: 'collateral_signature_malformed', document })
}
