import { bytesToHex, err, ok, type Result } from '@tacit/base'
import { u32At } from '../dcap/bytes-at.ts'

/** Certificates that the host hands to the guest beside a report, in DER, none of them trusted. */
export interface SnpCertificateTable {
  readonly vcek: Uint8Array | undefined
  readonly vlek: Uint8Array | undefined
  readonly ask: Uint8Array | undefined
  readonly asvk: Uint8Array | undefined
  readonly ark: Uint8Array | undefined
  readonly crl: Uint8Array | undefined
}

/** The bytes are not a certificate table. */
export type CertificateTableError = {
  readonly code: 'certificate_table_malformed'
  readonly reason:
    /** Above 1 MiB. */
    | 'too_long'
    /** More than 32 entries. */
    | 'too_many'
    /** No entry of zeros ends the list. */
    | 'unterminated'
    /** An entry lies outside the table, or inside its list. */
    | 'entry_outside'
    | 'duplicate'
}

const ENTRY_BYTES = 24
const MAX_ENTRIES = 32
const MAX_BYTES = 1024 * 1024
const TERMINATOR = '0'.repeat(32)
/**
 * The names of entries, UUIDs in the byte order of their text.
 * Source: Guest-Hypervisor Communication Block Standardization (AMD 56421), "SNP Extended Guest
 * Request".
 */
const NAMES: Readonly<Record<string, keyof SnpCertificateTable>> = {
  '63da758de6644564adc5f4b93be8accd': 'vcek',
  a8074bc2a25a483eaae639c045a0b8a1: 'vlek',
  '4ab7b379bbac4fe4a02f05aef327c782': 'ask',
  c0b406a4a803495297433fb6014cd0ae: 'ark',
  '92f81bc358114d3d97ffd19f88dc67ea': 'crl',
}

/**
 * Reads the table of an extended guest request, which Linux hands out as `auxblob` of a configfs-tsm
 * report. Entries of unknown names and of no bytes
 * are passed over. Where a VLEK is there, what stands as ASK is its
 * ASVK.
 */
export function parseCertificateTable(
  table: Uint8Array,
): Result<SnpCertificateTable, CertificateTableError> {
  if (table.length > MAX_BYTES) return failed('too_long')
  const entries = listEntries(table)
  if (!entries.ok) return entries
  const found = new Map<keyof SnpCertificateTable, Uint8Array>()
  const listBytes = ENTRY_BYTES * (entries.value.length + 1)
  for (const { name, offset, length } of entries.value) {
    if (offset < listBytes || offset + length > table.length) return failed('entry_outside')
    if (name === undefined || length === 0) continue
    if (found.has(name)) return failed('duplicate')
    found.set(name, table.subarray(offset, offset + length))
  }
  const vlek = found.get('vlek')
  const issuer = found.get('ask')
  return ok({
    vcek: found.get('vcek'),
    vlek,
    ask: vlek === undefined ? issuer : undefined,
    asvk: vlek === undefined ? undefined : issuer,
    ark: found.get('ark'),
    crl: found.get('crl'),
  })
}

interface Entry {
  readonly name: keyof SnpCertificateTable | undefined
  readonly offset: number
  readonly length: number
}

function listEntries(table: Uint8Array): Result<readonly Entry[], CertificateTableError> {
  const entries: Entry[] = []
  for (let at = 0; at + ENTRY_BYTES <= table.length; at += ENTRY_BYTES) {
    const id = bytesToHex(table.subarray(at, at + 16))
    if (id === TERMINATOR) return ok(entries)
    if (entries.length === MAX_ENTRIES) return failed('too_many')
    entries.push({ name: NAMES[id], offset: u32At(table, at + 16), length: u32At(table, at + 20) })
  }
  return failed('unterminated')
}

function failed(reason: CertificateTableError['reason']): Result<never, CertificateTableError> {
  return err({ code: 'certificate_table_malformed', reason })
}
