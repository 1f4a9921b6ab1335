import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bytesToHex } from '@tacit/base'
import type { DcapInput, SnpInput } from '@tacit/attestation'
import type { Contender } from './interleave.ts'
import { importPeer, requirePeer } from './peers.ts'

type DcapPeers = (input: DcapInput) => Record<'dcap-qvl' | 'dcap-qvl-wasm', Contender>

export async function loadDcapPeers(folder: string): Promise<DcapPeers> {
  const qvl = requirePeer<{
    verify(quote: Buffer, collateral: object, now: number): { status: string }
  }>(folder, '@phala/dcap-qvl')
  const web = await importPeer<{
    initSync(options: { module: Uint8Array }): void
    js_verify(quote: Uint8Array, collateral: object, now: bigint): unknown
  }>(folder, '@phala/dcap-qvl-web/dcap-qvl-web.js')
  const wasm = join(folder, 'node_modules/@phala/dcap-qvl-web/dcap-qvl-web_bg.wasm')
  web.initSync({ module: readFileSync(wasm) })
  return (input) => {
    const { quote, now } = input
    const collateral = toQuoteCollateral(input)
    return {
      'dcap-qvl': () => qvl.verify(Buffer.from(quote), collateral, now),
      'dcap-qvl-wasm': () => web.js_verify(quote, collateral, BigInt(now)),
    }
  }
}

/** The field names and encodings of dcap-qvl's QuoteCollateralV3. */
function toQuoteCollateral({ collateral }: DcapInput): object {
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
  return {
    pck_crl_issuer_chain: text(collateral.pckCrlIssuerChain),
    root_ca_crl: bytesToHex(collateral.rootCaCrl),
    pck_crl: bytesToHex(collateral.pckCrl),
    tcb_info_issuer_chain: text(collateral.tcbInfoIssuerChain),
    tcb_info: text(collateral.tcbInfo),
    tcb_info_signature: bytesToHex(collateral.tcbInfoSignature),
    qe_identity_issuer_chain: text(collateral.qeIdentityIssuerChain),
    qe_identity: text(collateral.qeIdentity),
    qe_identity_signature: bytesToHex(collateral.qeIdentitySignature),
  }
}

interface TinfoilReport {
  readonly version: number
}
interface TinfoilChain {
  readonly vcek: unknown
}

/**
 * Tinfoil's own entry refuses reports from Azure by its policy, after all of its cryptography; this
 * calls what does the cryptography, without that policy. It trusts Genoa's ARK and ASK by its own
 * copies, checks the ARK's signature of itself too, and asks the clock for the time.
 */
export async function loadTinfoil(folder: string): Promise<(input: SnpInput) => Contender> {
  const sev = '@tinfoilsh/verifier/dist/sev'
  const { Report } = await importPeer<{
    Report: new (bytes: Uint8Array) => TinfoilReport
  }>(folder, `${sev}/report.js`)
  const { CertificateChain } = await importPeer<{
    CertificateChain: { fromReport(report: TinfoilReport, vcek: Uint8Array): Promise<TinfoilChain> }
  }>(folder, `${sev}/cert-chain.js`)
  const { verifyAttestation } = await importPeer<{
    verifyAttestation(this: void, chain: TinfoilChain, report: TinfoilReport): Promise<boolean>
  }>(folder, `${sev}/verify.js`)
  return ({ report: bytes, collateral }) =>
    async () => {
      const report = new Report(bytes)
      const chain = await CertificateChain.fromReport(report, collateral.endorsement)
      if (!(await verifyAttestation(chain, report))) throw new Error('tinfoil refuses the report')
    }
}
