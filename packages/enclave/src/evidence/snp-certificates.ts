import { parseCertificateTable } from '@tacit/attestation'

/** FLAGS of the report; bits 2 to 4 say which key signed it: 0 VCEK, 1 VLEK. */
const FLAGS = 0x48

/**
 * The certificate that a SEV-SNP report is signed under, DER, out of the host's table. The host is
 * not trusted, so a table that lies is as good as none; undefined then too.
 */
export function findSigner(table: Uint8Array, report: Uint8Array): Uint8Array | undefined {
  const parsed = parseCertificateTable(table)
  if (!parsed.ok) return undefined
  const { vcek, vlek } = parsed.value
  const signer = ((report[FLAGS] ?? 0) >> 2) % 8 === 1 ? vlek : vcek
  return signer?.slice()
}
