import type { Certificate } from '@tacit/crypto/x509'
import type { IssuedCertificate } from './chain-rules.ts'
import type { ParsedCollateral } from './collateral.ts'
import type { CertificateRole, DcapTrustError, DocumentName, ValidityWindow } from './errors.ts'

type Dated = ValidityWindow &
  (
    | { readonly kind: 'document'; readonly item: DocumentName }
    | { readonly kind: 'certificate'; readonly certificate: CertificateRole }
  )

/** Everything with a date, documents first: they expire soonest and can be fetched anew. */
export function listDated(
  issued: readonly IssuedCertificate[],
  root: Certificate,
  { tcbInfo, qeIdentity, rootCrl, pckCrl }: ParsedCollateral,
): readonly Dated[] {
  return [
    document('tcb_info', tcbInfo.value.issueDate, tcbInfo.value.nextUpdate),
    document('qe_identity', qeIdentity.value.issueDate, qeIdentity.value.nextUpdate),
    document('pck_crl', pckCrl.thisUpdate, pckCrl.nextUpdate),
    document('root_crl', rootCrl.thisUpdate, rootCrl.nextUpdate),
    ...issued.map(({ role, certificate }) => dated(role, certificate)),
    dated('root', root),
  ]
}

/** The window in which all of it is valid; from may lie after until. */
export function commonWindow(items: readonly ValidityWindow[]): ValidityWindow {
  return {
    from: Math.max(...items.map(({ from }) => from)),
    until: Math.min(...items.map(({ until }) => until)),
  }
}

/** The first item that is not valid at a time. */
export function findInvalid(items: readonly Dated[], now: number): DcapTrustError | undefined {
  const item = items.find(({ from, until }) => now < from || until < now)
  if (item === undefined) return undefined
  const verifiable = commonWindow(items)
  const problem = { validFrom: item.from, validUntil: item.until, verifiable }
  const isEarly = now < item.from
  if (item.kind === 'document') {
    const code = isEarly ? 'collateral_not_yet_valid' : 'collateral_expired'
    return { code, item: item.item, ...problem }
  }
  const code = isEarly ? 'certificate_not_yet_valid' : 'certificate_expired'
  return { code, certificate: item.certificate, ...problem }
}

function document(item: DocumentName, from: number, until: number): Dated {
  return { kind: 'document', item, from, until }
}

function dated(role: CertificateRole, { notBefore, notAfter }: Certificate): Dated {
  return { kind: 'certificate', certificate: role, from: notBefore, until: notAfter }
}
