import type { Certificate } from '@tacit/crypto/x509'
import type { IssuedCertificate } from './chain-rules.ts'

/** When something holds, both ends inclusive; empty where from is after until. Unix seconds. */
export interface ValidityWindow {
  readonly from: number
  readonly until: number
}

/** A document or certificate with its window. */
export type Dated<Item extends string, Role extends string> = ValidityWindow &
  (
    | { readonly kind: 'document'; readonly item: Item }
    | { readonly kind: 'certificate'; readonly certificate: Role }
  )

/** Something is not valid at the time of verification. */
export type ValidityError<Item extends string, Role extends string> =
  | ({ readonly code: 'collateral_expired'; readonly item: Item } & WindowProblem)
  | ({ readonly code: 'collateral_not_yet_valid'; readonly item: Item } & WindowProblem)
  | ({ readonly code: 'certificate_expired'; readonly certificate: Role } & WindowProblem)
  | ({ readonly code: 'certificate_not_yet_valid'; readonly certificate: Role } & WindowProblem)

interface WindowProblem {
  /** The item's own window, Unix seconds, inclusive. */
  readonly validFrom: number
  readonly validUntil: number
  /** When this evidence would verify as far as time goes. */
  readonly verifiable: ValidityWindow
}

export function datedDocument<Item extends string>(
  item: Item,
  from: number,
  until: number,
): Dated<Item, never> {
  return { kind: 'document', item, from, until }
}

/** The windows of issued certificates and of their root. */
export function datedCertificates<Role extends string>(
  issued: readonly IssuedCertificate<Role>[],
  root: Certificate,
): readonly Dated<never, Role | 'root'>[] {
  return [
    ...issued.map(({ role, certificate }) => datedCertificate(role, certificate)),
    datedCertificate('root', root),
  ]
}

function datedCertificate<Role extends string>(
  certificate: Role,
  { notBefore, notAfter }: Certificate,
): Dated<never, Role> {
  return { kind: 'certificate', certificate, from: notBefore, until: notAfter }
}

/** The window in which all of it is valid; from may lie after until. */
export function commonWindow(items: readonly ValidityWindow[]): ValidityWindow {
  return {
    from: Math.max(...items.map(({ from }) => from)),
    until: Math.min(...items.map(({ until }) => until)),
  }
}

/** The first item that is not valid at a time; Unix seconds. */
export function findInvalid<Item extends string, Role extends string>(
  items: readonly Dated<Item, Role>[],
  now: number,
): ValidityError<Item, Role> | undefined {
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
