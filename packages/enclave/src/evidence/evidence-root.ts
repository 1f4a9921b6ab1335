import { parseQuote } from '@tacit/attestation'
import { type Hashes } from '@tacit/crypto'
import { parsePemCertificates } from '@tacit/crypto/x509'
import type { CpuEvidence } from '@tacit/runtime'

const MAX_CHAIN = 8

/**
 * SHA-256 of the root certificate that evidence itself carries, under which the chain would keep it
 * if it trusts it; undefined where the evidence carries none that can be read.
 */
export function evidenceRootFingerprint(
  hashes: Hashes,
  evidence: CpuEvidence,
): Uint8Array | undefined {
  if (evidence.type !== 'Dcap') return undefined
  const parsed = parseQuote(evidence.value.quote)
  const chain = parsed.ok ? parsePemCertificates(parsed.value.pckChain, MAX_CHAIN) : undefined
  const root = chain?.ok ? chain.value.at(-1) : undefined
  return root && hashes.sha256(root)
}
