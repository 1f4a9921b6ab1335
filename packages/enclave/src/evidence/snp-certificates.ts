import { bytesToHex } from '@tacit/base'

/** GUIDs, stored in the order in which they are written. Source: GHCB 2.03, section 4.1.8.1. */
const VCEK = '63da758de6644564adc5f4b93be8accd'
const VLEK = 'a8074bc2a25a483eaae639c045a0b8a1'
const ENTRY_BYTES = 24
const MAX_ENTRIES = 32
/** FLAGS of the report; bits 2 to 4 say which key signed it: 0 VCEK, 1 VLEK. */
const FLAGS = 0x48

/**
 * The certificate that a SEV-SNP report is signed under, DER, out of the host's table: entries of
 * GUID, offset and length (u32 little-endian), ended by a zero one. The host is not trusted, so a
 * table that lies is as good as none; undefined then too.
 */
export function findSigner(table: Uint8Array, report: Uint8Array): Uint8Array | undefined {
  const wanted = ((report[FLAGS] ?? 0) >> 2) % 8 === 1 ? VLEK : VCEK
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength)
  for (let count = 0; count < MAX_ENTRIES; count++) {
    const at = count * ENTRY_BYTES
    if (at + ENTRY_BYTES > table.length) return undefined
    if (bytesToHex(table.subarray(at, at + 16)) !== wanted) continue
    const offset = view.getUint32(at + 16, true)
    const length = view.getUint32(at + 20, true)
    const isInside = length > 0 && offset + length <= table.length
    return isInside ? table.slice(offset, offset + length) : undefined
  }
  return undefined
}
