import { bytesToHex } from '@tacit/base'
import type { CryptoProvider, SignatureCheck } from './types.ts'

/**
 * Remembers decided checks by scheme, key, message hash and signature, so that a signature that the
 * pool checked is not checked again in the block. The oldest entries go first.
 * @param maxEntries at least 1; an entry takes about 400 bytes.
 */
export function createVerifyCache(
  provider: CryptoProvider,
  maxEntries: number,
): (check: SignatureCheck) => boolean {
  const decided = new Map<string, boolean>()
  return (check) => {
    const name = nameOf(check, provider)
    const known = decided.get(name)
    if (known !== undefined) return known
    const answer = provider.verify(check)
    const oldest = decided.size >= maxEntries ? decided.keys().next() : undefined
    if (oldest?.value !== undefined) decided.delete(oldest.value)
    decided.set(name, answer)
    return answer
  }
}

function nameOf(check: SignatureCheck, { hashes }: CryptoProvider): string {
  const { scheme, publicKey, message, signature } = check
  const parts = [publicKey, hashes.blake2b256(message), signature]
  return `${scheme}:${parts.map(bytesToHex).join(':')}`
}
