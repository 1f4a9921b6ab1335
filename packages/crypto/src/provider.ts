import { isWellFormed } from './acceptance.ts'
import type { CryptoProvider, Hashes, SignatureCheck, SignatureScheme } from './types.ts'

/** Decides checks that are well-formed; must refuse a point off its curve, by throwing or not. */
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
    verify: (check) => isWellFormed(check) && isTrue(verifiers, check),
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
