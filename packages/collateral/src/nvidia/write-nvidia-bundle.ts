import { bytesToHex, parseUtf8 } from '@tacit/base'
import type { NvidiaCollateral, NvidiaEvidence } from '@tacit/attestation'

export interface NvidiaBundleContent {
  readonly evidence: NvidiaEvidence
  /** Of each device; what several share is written once. */
  readonly collateral: readonly NvidiaCollateral[]
  /** Unix seconds: when all of it held. */
  readonly verifyAt: number
}

/** Writes the bundle that parseNvidiaBundle() reads: devices with their collateral, as JSON. */
export function writeNvidiaBundle(content: NvidiaBundleContent): string {
  const { evidence, collateral, verifyAt } = content
  const devices = evidence.devices.map(({ report, chain, architecture }) => ({
    ...(architecture === undefined ? {} : { arch: architecture }),
    report: bytesToHex(report),
    chain: parseUtf8(chain),
  }))
  const rims = collateral.flatMap(({ rims }) => rims.map((rim) => parseUtf8(rim) ?? ''))
  const ocsp = collateral.flatMap(({ ocsp }) => ocsp.map(bytesToHex))
  const document = {
    nonce: bytesToHex(evidence.nonce),
    verify_at: verifyAt,
    devices,
    rims: [...new Set(rims)],
    ocsp: [...new Set(ocsp)],
  }
  return `${JSON.stringify(document, undefined, 1)}\n`
}
