import { bytesToLatin1 } from '@tacit/base'
import { isAcceptable } from './acceptance.ts'
import { SIGNATURE_SCHEMES, type CryptoProvider, type SignatureCheck } from './types.ts'

/** Answers to signature checks that were decided before, here or on another thread. */
export interface VerifyCache {
  /** The answer, remembered or decided now. */
  readonly verify: (check: SignatureCheck) => boolean
  readonly recall: (check: SignatureCheck) => Recalled
}

/** What is known of a check without deciding it. */
export type Recalled = {
  /** False for what the form alone rules out; undefined where somebody has to decide. */
  readonly answer: boolean | undefined
  /** Remembers what the same provider decided somewhere else; nothing where the form rules it out. */
  readonly put: (answer: boolean) => void
}

const REFUSED: Recalled = { answer: false, put: () => {} }

/**
 * A `verify` that remembers, so that a signature which the pool checked is not checked again in the
 * block. The oldest answers go first.
 * @param maxEntries at least 1; an entry takes about 400 bytes, at most 1.5 KB.
 */
export function createVerifyCache(provider: CryptoProvider, maxEntries: number): VerifyCache {
  const decided = new Map<string, boolean>()

  function remember(name: string, answer: boolean): void {
    const isNew = !decided.has(name)
    const oldest = isNew && decided.size >= maxEntries ? decided.keys().next().value : undefined
    if (oldest !== undefined) decided.delete(oldest)
    decided.set(name, answer)
  }

  return {
    verify: (check) => {
      const name = nameOf(check, provider)
      const known = name === undefined ? undefined : decided.get(name)
      if (known !== undefined) return known
      if (name === undefined || !isAcceptable(check)) return false
      const answer = provider.verify(check)
      remember(name, answer)
      return answer
    },
    recall: (check) => {
      const name = nameOf(check, provider)
      const answer = name === undefined ? undefined : decided.get(name)
      if (name === undefined || (answer === undefined && !isAcceptable(check))) return REFUSED
      return { answer, put: (decision) => remember(name, decision) }
    },
  }
}

/** Key and signature of RSA with 4096 bits, the longest that are acceptable. */
const MAX_KEY_AND_SIGNATURE = 1_024
/** Longer messages are named by their BLAKE2b-256. */
const MAX_NAMED_MESSAGE = 256
const HEADER_BYTES = 6

/** Where names are put together. */
const scratch = new Uint8Array(HEADER_BYTES + MAX_KEY_AND_SIGNATURE + MAX_NAMED_MESSAGE)
const view = new DataView(scratch.buffer)

/**
 * Everything that an answer depends on; two questions never have one name.
 * @returns undefined for what is too long to be acceptable.
 */
function nameOf(check: SignatureCheck, { hashes }: CryptoProvider): string | undefined {
  const { scheme, publicKey, message, signature } = check
  if (publicKey.length + signature.length > MAX_KEY_AND_SIGNATURE) return undefined
  const isLong = message.length > MAX_NAMED_MESSAGE
  scratch[0] = SIGNATURE_SCHEMES.indexOf(scheme)
  scratch[1] = Number(isLong)
  view.setUint16(2, publicKey.length)
  view.setUint16(4, signature.length)
  let end = HEADER_BYTES
  for (const part of [publicKey, signature, isLong ? hashes.blake2b256(message) : message]) {
    scratch.set(part, end)
    end += part.length
  }
  return bytesToLatin1(scratch.subarray(0, end))
}
