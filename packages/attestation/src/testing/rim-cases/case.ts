import type { RimAttack } from '@tacit/platform-dev'
import type { RimError } from '../../nvidia/rim/errors.ts'

/** A manifest that must be refused, and with what. */
export interface RimCase {
  readonly name: string
  readonly attack: RimAttack
  readonly expected: Partial<RimError> & { readonly code: RimError['code'] }
}

type SignatureReason = Extract<RimError, { code: 'rim_signature_malformed' }>['reason']

/** SignedInfo signed as it is. */
export function signed(
  name: string,
  edit: (xml: string) => string,
  reason: SignatureReason,
  element: string,
): RimCase {
  const expected = { code: 'rim_signature_malformed', reason, element } as const
  return { name, attack: { editSignedInfo: edit }, expected }
}

/** Parts put elsewhere after signing. */
export function moved(
  name: string,
  edit: (xml: string) => string,
  reason: SignatureReason,
  element: string,
): RimCase {
  const expected = { code: 'rim_signature_malformed', reason, element } as const
  return { name, attack: { editDocument: edit }, expected }
}
