import { bytesToHex, parseUtf8 } from '@tacit/base'
import type { SnpCollateral, SnpSigningKey } from '@tacit/attestation'

export interface SnpBundleContent {
  readonly report: Uint8Array
  readonly signingKey: SnpSigningKey
  readonly collateral: SnpCollateral
  /** Unix seconds: when all of it held. */
  readonly verifyAt: number
}

/** Writes the evidence bundle that parseSnpBundle() reads: a report with its collateral, as JSON. */
export function writeSnpBundle(content: SnpBundleContent): string {
  const { report, signingKey, collateral, verifyAt } = content
  const { endorsement, chain, crl } = collateral
  const document = {
    report: bytesToHex(report),
    verify_at: verifyAt,
    [signingKey]: bytesToHex(endorsement),
    chain: chain && parseUtf8(chain),
    crl: crl && bytesToHex(crl),
  }
  return `${JSON.stringify(document, undefined, 1)}\n`
}
