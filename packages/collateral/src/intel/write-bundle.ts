import { bytesToHex, parseUtf8 } from '@tacit/base'
import type { DcapCollateral } from '@tacit/attestation'

export interface BundleContent {
  readonly quote: Uint8Array
  readonly collateral: DcapCollateral
  /** Unix seconds: when all of it held. */
  readonly verifyAt: number
}

/** Writes the evidence bundle that parseBundle() reads: a quote with its collateral, as JSON. */
export function writeBundle({ quote, collateral, verifyAt }: BundleContent): string {
  const document = {
    quote: bytesToHex(quote),
    verify_at: verifyAt,
    collateral: {
      pck_crl_issuer_chain: parseUtf8(collateral.pckCrlIssuerChain),
      root_ca_crl: bytesToHex(collateral.rootCaCrl),
      pck_crl: bytesToHex(collateral.pckCrl),
      tcb_info_issuer_chain: parseUtf8(collateral.tcbInfoIssuerChain),
      tcb_info: parseUtf8(collateral.tcbInfo),
      tcb_info_signature: bytesToHex(collateral.tcbInfoSignature),
      qe_identity_issuer_chain: parseUtf8(collateral.qeIdentityIssuerChain),
      qe_identity: parseUtf8(collateral.qeIdentity),
      qe_identity_signature: bytesToHex(collateral.qeIdentitySignature),
    },
  }
  return `${JSON.stringify(document, undefined, 1)}\n`
}
