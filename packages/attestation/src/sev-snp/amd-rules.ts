import { KEY_USAGE, type Certificate, type Crl } from '@tacit/crypto/x509'
import {
  findChainProblem,
  findRevocation,
  type IssuedCertificate,
  type RoleRule,
  type RoleRules,
} from '../chain-rules.ts'
import { datedCertificates, datedDocument, findInvalid, type Dated } from '../validity.ts'
import type { ParsedSnpCollateral } from './collateral.ts'
import type { SnpIssuedRole, SnpRole, SnpTrustError } from './errors.ts'
import type { SnpFamily } from './family.ts'

export type SnpIssued = readonly IssuedCertificate<SnpIssuedRole>[]
export type SnpDated = Dated<'crl', SnpRole>

const ROOT: RoleRule = {
  isCa: true,
  keyUsage: KEY_USAGE.certificateSign | KEY_USAGE.crlSign,
  commonName: undefined,
}
/** AMD's intermediates sign no revocation lists. */
const INTERMEDIATE: RoleRule = { ...ROOT, keyUsage: KEY_USAGE.certificateSign }
/** The certificates of VCEK and VLEK have no key usage. */
const LEAF: RoleRule = { isCa: false, keyUsage: 0, commonName: undefined }

/**
 * The names bind an intermediate to one family and to one kind of key.
 * Source: VCEK Certificate and KDS Interface Specification (AMD 57230), "Certificates".
 */
const RULES: Readonly<Record<SnpFamily, RoleRules<SnpIssuedRole>>> = {
  Milan: rulesOf(/^SEV-Milan$/, /^SEV-VLEK-Milan$/),
  Genoa: rulesOf(/^SEV-Genoa$/, /^SEV-VLEK-Genoa$/),
  Turin: rulesOf(/^SEV-Turin$/, /^SEV-VLEK-Turin$/),
}

function rulesOf(ask: RegExp, asvk: RegExp): RoleRules<SnpIssuedRole> {
  return {
    root: ROOT,
    ask: { ...INTERMEDIATE, commonName: ask },
    asvk: { ...INTERMEDIATE, commonName: asvk },
    vcek: { ...LEAF, commonName: /^SEV-VCEK$/ },
    vlek: { ...LEAF, commonName: /^SEV-VLEK$/ },
  }
}

/** Everything with a date, the revocation list first: it expires soonest and can be fetched anew. */
export function listSnpDated(
  issued: SnpIssued,
  root: Certificate,
  { crl }: Pick<ParsedSnpCollateral, 'crl'>,
): readonly SnpDated[] {
  const certificates = datedCertificates(issued, root)
  if (crl === undefined) return certificates
  return [datedDocument('crl', crl.thisUpdate, crl.nextUpdate), ...certificates]
}

/** What of collateral the rules are about. */
interface RuledCollateral extends Pick<ParsedSnpCollateral, 'crl'> {
  readonly endorsement: Pick<ParsedSnpCollateral['endorsement'], 'family'>
}

/** The first of AMD's rules about chains, windows and revocation that does not hold. */
export function findSnpRuleProblem(
  issued: SnpIssued,
  root: Certificate,
  { endorsement, crl }: RuledCollateral,
  dated: readonly SnpDated[],
  now: number,
): SnpTrustError | undefined {
  return (
    findChainProblem(issued, root, RULES[endorsement.family]) ??
    findInvalid(dated, now) ??
    (crl === undefined ? undefined : findRevoked(issued, root, crl))
  )
}

/** The ARK's list answers for what the ARK issued. */
function findRevoked(issued: SnpIssued, issuer: Certificate, crl: Crl): SnpTrustError | undefined {
  const intermediates = issued.flatMap(({ role, ...link }) =>
    role === 'ask' || role === 'asvk' ? [{ ...link, role }] : [],
  )
  return findRevocation(intermediates, [{ name: 'crl', crl, issuer, covers: ['ask', 'asvk'] }])
}
