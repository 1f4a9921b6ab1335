import { KEY_USAGE, type Certificate } from '@tacit/crypto/x509'
import {
  findChainProblem,
  findRevocation,
  type IssuedCertificate,
  type RoleRule,
  type RoleRules,
} from '../chain-rules.ts'
import { datedCertificates, datedDocument, findInvalid, type Dated } from '../validity.ts'
import type { ParsedCollateral } from './collateral.ts'
import type { CertificateRole, DcapTrustError, DocumentName, IssuedRole } from './errors.ts'

export type DcapIssued = readonly IssuedCertificate<IssuedRole>[]
export type DcapDated = Dated<DocumentName, CertificateRole>

const CA: RoleRule = {
  isCa: true,
  keyUsage: KEY_USAGE.certificateSign | KEY_USAGE.crlSign,
  commonName: undefined,
}
const LEAF: RoleRule = {
  isCa: false,
  keyUsage: KEY_USAGE.digitalSignature,
  commonName: undefined,
}

/** Source: Intel SGX PCK Certificate and CRL Profile Specification, section 1.3. */
const ROLE_RULES: RoleRules<IssuedRole> = {
  root: CA,
  pck_ca: { ...CA, commonName: /^Intel SGX PCK (?:Processor|Platform) CA$/ },
  pck: { ...LEAF, commonName: /^Intel SGX PCK Certificate$/ },
  tcb_signing: { ...LEAF, commonName: /^Intel SGX TCB Signing$/ },
}

/** Everything with a date, documents first: they expire soonest and can be fetched anew. */
export function listDated(
  issued: DcapIssued,
  root: Certificate,
  { tcbInfo, qeIdentity, rootCrl, pckCrl }: ParsedCollateral,
): readonly DcapDated[] {
  return [
    datedDocument('tcb_info', tcbInfo.value.issueDate, tcbInfo.value.nextUpdate),
    datedDocument('qe_identity', qeIdentity.value.issueDate, qeIdentity.value.nextUpdate),
    datedDocument('pck_crl', pckCrl.thisUpdate, pckCrl.nextUpdate),
    datedDocument('root_crl', rootCrl.thisUpdate, rootCrl.nextUpdate),
    ...datedCertificates(issued, root),
  ]
}

/** The first of Intel's rules about chains, windows and revocation that does not hold. */
export function findRuleProblem(
  issued: DcapIssued,
  root: Certificate,
  { pckCa, rootCrl, pckCrl }: ParsedCollateral,
  dated: readonly DcapDated[],
  now: number,
): DcapTrustError | undefined {
  return (
    findChainProblem(issued, root, ROLE_RULES) ??
    findInvalid(dated, now) ??
    findRevocation(issued, [
      { name: 'root_crl', crl: rootCrl, issuer: root, covers: ['pck_ca', 'tcb_signing'] },
      { name: 'pck_crl', crl: pckCrl, issuer: pckCa, covers: ['pck'] },
    ])
  )
}
