import {
  boundedBytes,
  equalBytes,
  err,
  fixedBytes,
  ok,
  struct,
  type Codec,
  type Result,
} from '@tacit/base'
import { parseCrl, type Certificate, type CertificateScheme, type Crl } from '@tacit/crypto/x509'
import { parsePemChain, type CertificateChain } from '../chain.ts'
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

/** Intel signs with P-256 alone. */
export const DCAP_SCHEMES: readonly CertificateScheme[] = ['p256']

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
  readonly chain: DcapChain
  /** The chain's leaf. */
  readonly signer: Certificate
}

export type DcapChain = CertificateChain<ChainName, IssuedRole>

/**
 * Collateral read into values: a pure function of its bytes, independent of time, roots and
 * quotes, so that it may be kept under the bytes' hash. Nothing in it is trusted yet.
 */
export interface ParsedCollateral {
  readonly pckCa: Certificate
  readonly pckCrlChain: DcapChain
  readonly rootCrl: Crl
  readonly pckCrl: Crl
  readonly tcbInfo: SignedDocument<TcbInfo>
  readonly qeIdentity: SignedDocument<QeIdentity>
}

/** Reads every part of the collateral; each part is bounded before it is parsed. */
export function parseCollateral(
  collateral: DcapCollateral,
): Result<ParsedCollateral, DcapFormError> {
  const pckCrlChain = parsePemChain(
    'pck_crl_issuer',
    collateral.pckCrlIssuerChain,
    ['pck_ca'],
    DCAP_SCHEMES,
  )
  if (!pckCrlChain.ok) return pckCrlChain
  const rootCrl = parseNamedCrl('root_crl', collateral.rootCaCrl)
  if (!rootCrl.ok) return rootCrl
  const pckCrl = parseNamedCrl('pck_crl', collateral.pckCrl)
  if (!pckCrl.ok) return pckCrl
  const tcbInfo = parseSignedTcbInfo(collateral)
  if (!tcbInfo.ok) return tcbInfo
  const qeIdentity = parseSignedQeIdentity(collateral, tcbInfo.value.chain)
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

function parseNamedCrl(crl: 'root_crl' | 'pck_crl', der: Uint8Array): Result<Crl, DcapFormError> {
  const parsed = parseCrl(der, DCAP_SCHEMES)
  return parsed.ok ? parsed : err({ ...parsed.error, crl })
}

function parseSignedTcbInfo(
  collateral: DcapCollateral,
): Result<SignedDocument<TcbInfo>, DcapFormError> {
  const { tcbInfo, tcbInfoSignature, tcbInfoIssuerChain } = collateral
  const chain = parsePemChain('tcb_info_issuer', tcbInfoIssuerChain, ['tcb_signing'], DCAP_SCHEMES)
  if (!chain.ok) return chain
  const value = parseTcbInfo(tcbInfo)
  return value.ok
    ? signedBy('tcb_info', chain.value, value.value, tcbInfo, tcbInfoSignature)
    : value
}

function parseSignedQeIdentity(
  collateral: DcapCollateral,
  tcbInfoChain: DcapChain,
): Result<SignedDocument<QeIdentity>, DcapFormError> {
  const { qeIdentity, qeIdentitySignature } = collateral
  const chain = parseQeIdentityChain(collateral, tcbInfoChain)
  if (!chain.ok) return chain
  const value = parseQeIdentity(qeIdentity)
  if (!value.ok) return value
  return signedBy('qe_identity', chain.value, value.value, qeIdentity, qeIdentitySignature)
}

/** Intel signs both documents with one key, so that their chains are one text, which is read once. */
function parseQeIdentityChain(
  { tcbInfoIssuerChain, qeIdentityIssuerChain }: DcapCollateral,
  tcbInfoChain: DcapChain,
): Result<DcapChain, DcapFormError> {
  const name = 'qe_identity_issuer'
  if (equalBytes(tcbInfoIssuerChain, qeIdentityIssuerChain)) return ok({ ...tcbInfoChain, name })
  return parsePemChain(name, qeIdentityIssuerChain, ['tcb_signing'], DCAP_SCHEMES)
}

function signedBy<T>(
  document: 'tcb_info' | 'qe_identity',
  chain: DcapChain,
  value: T,
  bytes: Uint8Array,
  signature: Uint8Array,
): Result<SignedDocument<T>, DcapFormError> {
  return signature.length === 64
    ? ok({ value, bytes, signature, chain, signer: chain.leaf })
    : err({ code: 'collateral_signature_malformed', document })
}
