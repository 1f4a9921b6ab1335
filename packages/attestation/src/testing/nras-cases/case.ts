import type { NrasAttack, NrasClaims } from '@tacit/platform-dev'
import type { NrasError } from '../../nvidia/nras/errors.ts'

/** An answer of NVIDIA's service that must be refused, and with what. */
export interface NrasCase {
  readonly name: string
  readonly attack: NrasAttack
  readonly expected: Partial<NrasError> & { readonly code: NrasError['code'] }
}

export type NrasToken = 'overall' | 'GPU-0'
type Reason = Extract<NrasError, { code: 'nras_malformed' }>['reason']

export function malformed(
  reason: Reason,
  path: string,
  token: NrasToken = 'overall',
): NrasCase['expected'] {
  return { code: 'nras_malformed', token, reason, path }
}

/** Sets fields of one token; undefined takes a field away. */
export function editOf(
  token: NrasToken,
  change: NrasClaims,
): (name: string, fields: NrasClaims) => void {
  return (name, fields) => {
    if (name === token) Object.assign(fields, change)
  }
}

export function encode(text: string): string {
  return Buffer.from(text).toString('base64url')
}
