import { isAcceptable } from './acceptance.ts'
import type { CryptoProvider, Hashes, SignatureCheck, SignatureScheme } from './types.ts'

/** Decides checks whose form is acceptable; may throw about form that it sees first. */
export type Verifiers = { readonly [S in SignatureScheme]: (check: SignatureCheck) => boolean }

/** Puts the acceptance set before a library's verifiers and makes them total. */
export function createProvider(
  name: CryptoProvider['name'],
  hashes: Hashes,
  verifiers: Verifiers,
): CryptoProvider {
  return {
    name,
    hashes,
    verify: (check) => isAcceptable(check) && isTrue(verifiers, check),
  }
}

/** A library's exception about form, e.g. a point off the curve, is a false. */
function isTrue(verifiers: Verifiers, check: SignatureCheck): boolean {
  try {
    return verifiers[check.scheme](check)
  } catch {
    return false
  }
}
