import { parseQuote } from '@tacit/attestation'
import { type Hashes } from '@tacit/crypto'
import { parsePemCertificates } from '@tacit/crypto/x509'

const MAX_CHAIN = 8

/**
 * SHA-256 of the certificate that a quote's own chain ends in, under which the chain would keep it
 * if it trusts it; undefined where the quote has no readable chain.
 */
export function quoteRootFingerprint(hashes: Hashes, quote: Uint8Array): Uint8Array | undefined {
  const parsed = parseQuote(quote)
  const chain = parsed.ok ? parsePemCertificates(parsed.value.pckChain, MAX_CHAIN) : undefined
  const root = chain?.ok ? chain.value.at(-1) : undefined
  return root && hashes.sha256(root)
}
