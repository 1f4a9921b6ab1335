import { bytesToHex } from '@tacit/base'
import { isAcceptable } from './acceptance.ts'
import type { CryptoProvider, SignatureCheck } from './types.ts'

/** Answers to signature checks that were decided before, here or on another thread. */
export interface VerifyCache {
  /** The answer, remembered or decided now. */
  readonly verify: (check: SignatureCheck) => boolean
  /** The answer if there is one that costs nothing; false for what the form alone rules out. */
  readonly recall: (check: SignatureCheck) => boolean | undefined
  /** Remembers the answer that the same provider gave somewhere else. */
  readonly put: (check: SignatureCheck, answer: boolean) => void
}

/**
 * A `verify` that remembers, so that a signature which the pool checked is not checked again in the
 * block. The oldest answers go first.
 * @param maxEntries at least 1; an entry takes about 400 bytes, one of rsaPss up to 2.5 KB.
 */
export function createVerifyCache(provider: CryptoProvider, maxEntries: number): VerifyCache {
  const decided = new Map<string, boolean>()

  function remember(name: string, answer: boolean): void {
    const isNew = !decided.has(name)
    const oldest = isNew && decided.size >= maxEntries ? decided.keys().next().value : undefined
    if (oldest !== undefined) decided.delete(oldest)
    decided.set(name, answer)
  }

  // Of fixed lengths behind isAcceptable, which bounds an entry's size.
  return {
    verify: (check) => {
      if (!isAcceptable(check)) return false
      const name = nameOf(check, provider)
      const known = decided.get(name)
      if (known !== undefined) return known
      const answer = provider.verify(check)
      remember(name, answer)
      return answer
    },
    recall: (check) => (isAcceptable(check) ? decided.get(nameOf(check, provider)) : false),
    put: (check, answer) => {
      if (isAcceptable(check)) remember(nameOf(check, provider), answer)
    },
  }
}

/** Everything that an answer depends on; the message by its BLAKE2b-256. */
function nameOf(check: SignatureCheck, { hashes }: CryptoProvider): string {
  const { scheme, publicKey, message, signature } = check
  const parts = [publicKey, hashes.blake2b256(message), signature]
  return `${scheme}:${parts.map(bytesToHex).join(':')}`
}
