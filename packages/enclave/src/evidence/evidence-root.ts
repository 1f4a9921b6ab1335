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
  const certification = parsed.ok ? parsed.value.certification : undefined
  if (certification?.type !== 5) return undefined
  const chain = parsePemCertificates(certification.chain, MAX_CHAIN)
  const root = chain.ok ? chain.value.at(-1) : undefined
  return root && hashes.sha256(root)
}
