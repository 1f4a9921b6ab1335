import { bytesToHex } from '@tacit/base'
import { isAcceptable } from './acceptance.ts'
import type { CryptoProvider, SignatureCheck } from './types.ts'

/**
 * A `verify` that remembers, so that a signature which the pool checked is not checked again in the
 * block. The oldest answers go first.
 * @param maxEntries at least 1; an entry takes about 400 bytes, one of rsaPss up to 2.5 KB.
 */
export function createVerifyCache(
  provider: CryptoProvider,
  maxEntries: number,
): (check: SignatureCheck) => boolean {
  const decided = new Map<string, boolean>()
  return (check) => {
    // Of fixed lengths from here on, which bounds an entry's size.
    if (!isAcceptable(check)) return false
    const name = nameOf(check, provider)
    const known = decided.get(name)
    if (known !== undefined) return known
    const answer = provider.verify(check)
    const oldest = decided.size >= maxEntries ? decided.keys().next().value : undefined
    if (oldest !== undefined) decided.delete(oldest)
    decided.set(name, answer)
    return answer
  }
}

/** Everything that an answer depends on; the message by its BLAKE2b-256. */
function nameOf(check: SignatureCheck, { hashes }: CryptoProvider): string {
  const { scheme, publicKey, message, signature } = check
  const parts = [publicKey, hashes.blake2b256(message), signature]
  return `${scheme}:${parts.map(bytesToHex).join(':')}`
}
