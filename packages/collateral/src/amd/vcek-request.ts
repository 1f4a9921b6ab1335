import { bytesToHex, err, ok, type Result } from '@tacit/base'
import {
  familyOfCpuid,
  splitTcb,
  type SnpFamily,
  type SnpReport,
  type SnpTcb,
} from '@tacit/attestation'

/** A report does not say which certificate of AMD's it needs. */
export type VcekRequestError =
  /** Version 2 names no processor, and the caller named no family. */
  | { readonly code: 'family_unknown' }
  /** The host hides the chip; only it can give the certificate. */
  | { readonly code: 'chip_id_masked' }
  /** AMD lends VLEKs to clouds and publishes none; the host gives the certificate. */
  | { readonly code: 'vlek_not_published' }

/** The one VCEK that a report may be signed under: of this chip, at this patch level. */
export interface VcekRequest {
  readonly family: SnpFamily
  /** 64 bytes, 8 for Turin. */
  readonly hwid: Uint8Array
  readonly tcb: SnpTcb
}

const HWID_BYTES: Readonly<Record<SnpFamily, number>> = { Milan: 64, Genoa: 64, Turin: 8 }

/** @param family for reports of version 2; one that names its processor overrules it. */
export function familyOfReport(
  { cpuid }: Pick<SnpReport, 'cpuid'>,
  family: SnpFamily | undefined,
): Result<SnpFamily, VcekRequestError> {
  const found = (cpuid && familyOfCpuid(cpuid)) ?? family
  return found === undefined ? err({ code: 'family_unknown' }) : ok(found)
}

/** What to ask AMD for; nothing of the report is verified yet. */
export function requestVcek(
  report: SnpReport,
  family: SnpFamily,
): Result<VcekRequest, VcekRequestError> {
  if (report.signingKey === 'vlek') return err({ code: 'vlek_not_published' })
  if (report.chipId.every((byte) => byte === 0)) return err({ code: 'chip_id_masked' })
  const hwid = report.chipId.slice(0, HWID_BYTES[family])
  return ok({ family, hwid, tcb: splitTcb(family, report.tcbBytes.reported) })
}

/**
 * Path and query for AMD's key distribution service, levels in decimal.
 * Source: VCEK Certificate and KDS Interface Specification (AMD 57230), "Get VCEK".
 */
export function vcekPath({ family, hwid, tcb }: VcekRequest): string {
  const levels = {
    fmcSPL: tcb.fmc,
    blSPL: tcb.bootloader,
    teeSPL: tcb.tee,
    snpSPL: tcb.snp,
    ucodeSPL: tcb.microcode,
  }
  const query = Object.entries(levels)
    .filter(([, level]) => level !== undefined)
    .map(([name, level]) => `${name}=${String(level).padStart(2, '0')}`)
  return `/vcek/v1/${family}/${bytesToHex(hwid)}?${query.join('&')}`
}
