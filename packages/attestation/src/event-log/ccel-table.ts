import { err, ok, startsWith, utf8, type Result } from '@tacit/base'
import { u32At } from '../dcap/bytes-at.ts'
import type { EventLogFormError } from './errors.ts'

/** What the ACPI table says about a log that lies elsewhere in memory. */
export interface CcelTable {
  /** Bytes of the log area. */
  readonly logAreaBytes: bigint
  /** Guest-physical address of the log area. */
  readonly logAreaAddress: bigint
}

export const TABLE_BYTES = 56
const SIGNATURE = utf8('CCEL')
const TYPE_TDX = 2

export function isCcelTable(bytes: Uint8Array): boolean {
  return startsWith(bytes, SIGNATURE)
}

/**
 * Reads a CCEL ACPI table of exactly 56 bytes.
 * Source: Intel Guest-Host-Communication Interface for TDX 1.5, section 4.3.3; ACPI 6.5, table 5.85.
 * @returns `event_log_table_invalid`: wrong length, signature, checksum, or not a TD's.
 */
export function readCcelTable(table: Uint8Array): Result<CcelTable, EventLogFormError> {
  if (table.length !== TABLE_BYTES || !isCcelTable(table)) return invalid(0)
  if (u32At(table, 4) !== TABLE_BYTES) return invalid(4)
  const sum = table.reduce((total, byte) => total + byte, 0)
  if (sum % 256 !== 0) return invalid(9)
  if (table[36] !== TYPE_TDX) return invalid(36)
  return ok({ logAreaBytes: u64At(table, 40), logAreaAddress: u64At(table, 48) })
}

function u64At(bytes: Uint8Array, at: number): bigint {
  return BigInt(u32At(bytes, at)) + (BigInt(u32At(bytes, at + 4)) << 32n)
}

function invalid(at: number): Result<never, EventLogFormError> {
  return err({ code: 'event_log_table_invalid', at })
}
