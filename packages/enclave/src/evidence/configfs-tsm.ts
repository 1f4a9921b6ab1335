import { bytesToHex, err, ok, parseUtf8, utf8, type Result } from '@tacit/base'
import type { Random } from '../keys.ts'
import { parseCertificateTable, parseSnpReport } from '@tacit/attestation'
import type { CpuEvidence } from '@tacit/runtime'
import { createSource } from './create-source.ts'
import { reasonOf, type DeviceFiles } from './device-files.ts'
import {
  unavailable,
  type EvidenceError,
  type EvidenceReason,
  type EvidenceSource,
} from './evidence-source.ts'
import { retry, type Sleep } from './retry.ts'

/** The kernel's driver for a TEE, as the attribute `provider` names it. */
export type TsmProvider = 'tdx_guest' | 'sev_guest'

export interface TsmOptions {
  readonly files: DeviceFiles
  /** Where reports are made; TSM_ROOT on Linux. */
  readonly root: string
  readonly provider: TsmProvider
  /** SEV-SNP: the VMPL to report for, 0 to 3; the lowest that the kernel allows where not given. */
  readonly privilegeLevel?: number
  /** SEV-SNP: the VCEK or VLEK, DER, where the host's table has none; AMD publishes it. */
  readonly certificate?: Uint8Array
  readonly random: Random
  readonly sleep: Sleep
  readonly timeoutMs: number
}

export const TSM_ROOT = '/sys/kernel/config/tsm/report'

const ATTEMPTS = 6
const FIRST_PAUSE_MS = 20
const MAX_TEXT_BYTES = 64
const MAX_BLOB_BYTES = 32_768
/** The kernel counts in an unsigned long. */
const GENERATION_BITS = 64

/**
 * Collects TDX quotes or SEV-SNP reports through the kernel's configfs-tsm (Linux 6.7 and newer).
 * Each request has an entry of its own, which is always removed again. Writes to it take effect
 * when the file is closed, where the kernel has no way to report a fault: only the generation
 * tells whether exactly these writes, and nobody else's, stand behind the report.
 * An SVSM's service reports are not asked for: their report data is a hash of the SVSM's making.
 * Source: Linux, Documentation/ABI/testing/configfs-tsm-report; drivers/virt/coco/guest/report.c.
 */
export function configfsTsm(options: TsmOptions): EvidenceSource {
  const name = options.provider === 'tdx_guest' ? 'tdx' : 'sev-snp'
  return createSource(name, options.timeoutMs, async (reportData, signal) => {
    const collected = await retry(
      { attempts: ATTEMPTS, firstPauseMs: FIRST_PAUSE_MS, sleep: options.sleep, signal },
      ({ mayPass }: TsmFault) => mayPass,
      () => withEntry(options, (entry) => makeReport(options, entry, reportData)),
    )
    return collected.ok ? collected : unavailable(collected.error.reason)
  })
}

/** The driver that is registered, if any. */
export async function readTsmProvider(
  options: Pick<TsmOptions, 'files' | 'root' | 'random' | 'sleep'>,
): Promise<Result<string, EvidenceError>> {
  const read = await withEntry(options, (entry) => readText(options.files, `${entry}/provider`))
  return read.ok ? read : unavailable(read.error.reason)
}

/** A failure, and whether another attempt may do better. */
interface TsmFault {
  readonly reason: EvidenceReason
  readonly mayPass: boolean
}

async function withEntry<T>(
  { files, root, random, sleep }: Pick<TsmOptions, 'files' | 'root' | 'random' | 'sleep'>,
  use: (entry: string) => Promise<Result<T, TsmFault>>,
): Promise<Result<T, TsmFault>> {
  const entry = `${root}/tacit-${bytesToHex(random(8))}`
  const made = await files.makeDirectory(entry)
  if (!made.ok) return fault(made.error.errno)
  try {
    return await use(entry)
  } finally {
    await retry(
      { attempts: 3, firstPauseMs: FIRST_PAUSE_MS, sleep, signal: new AbortController().signal },
      ({ errno }) => isPassing(errno),
      () => files.removeDirectory(entry),
    )
  }
}

async function makeReport(
  options: TsmOptions,
  entry: string,
  reportData: Uint8Array,
): Promise<Result<CpuEvidence, TsmFault>> {
  const { files, provider } = options
  const found = await readText(files, `${entry}/provider`)
  if (!found.ok) return found
  if (found.value !== provider) return err({ reason: 'provider_mismatch', mayPass: false })
  const before = await readGeneration(files, entry)
  if (!before.ok) return before
  const level = await choosePrivilegeLevel(options, entry)
  if (!level.ok) return level
  const writes = [...level.value, { name: 'inblob', bytes: reportData }]
  for (const { name, bytes } of writes) {
    const written = await files.write(`${entry}/${name}`, bytes)
    if (!written.ok) return fault(written.error.errno)
  }
  const evidence = await readBlobs(options, entry)
  if (!evidence.ok) return evidence
  const after = await readGeneration(files, entry)
  if (!after.ok) return after
  const expected = BigInt.asUintN(GENERATION_BITS, before.value + BigInt(writes.length))
  return after.value === expected ? evidence : err({ reason: 'generation_raced', mayPass: true })
}

async function readBlobs(
  { files, provider, certificate: fallback }: TsmOptions,
  entry: string,
): Promise<Result<CpuEvidence, TsmFault>> {
  const report = await files.read(`${entry}/outblob`, MAX_BLOB_BYTES)
  if (!report.ok) return fault(report.error.errno)
  if (provider === 'tdx_guest') return ok({ type: 'Dcap', value: { quote: report.value } })
  const certificates = await files.read(`${entry}/auxblob`, MAX_BLOB_BYTES)
  if (!certificates.ok && certificates.error.errno !== 'ENOENT') {
    return fault(certificates.error.errno)
  }
  const table = certificates.ok ? certificates.value : new Uint8Array()
  return withCertificate(report.value, table, fallback)
}

/** The host is not trusted: a table that does not read is as good as none. */
function withCertificate(
  report: Uint8Array,
  table: Uint8Array,
  fallback: Uint8Array | undefined,
): Result<CpuEvidence, TsmFault> {
  const parsed = parseSnpReport(report)
  if (!parsed.ok) return err({ reason: 'evidence_malformed', mayPass: false })
  const certificates = parseCertificateTable(table)
  const { signingKey } = parsed.value.fields
  const certificate = (certificates.ok ? certificates.value[signingKey] : undefined) ?? fallback
  if (certificate === undefined) return err({ reason: 'certificate_missing', mayPass: false })
  return ok({ type: 'SevSnp', value: { report, certificate } })
}

/** What must be written to report for the wanted level; nothing where the kernel has no levels. */
async function choosePrivilegeLevel(
  { files, privilegeLevel }: TsmOptions,
  entry: string,
): Promise<Result<readonly { name: string; bytes: Uint8Array }[], TsmFault>> {
  const text = await files.read(`${entry}/privlevel_floor`, MAX_TEXT_BYTES)
  if (!text.ok) {
    const hasNone = text.error.errno === 'ENOENT' && privilegeLevel === undefined
    return hasNone ? ok([]) : fault(text.error.errno)
  }
  const floor = readNumber(text.value)
  if (floor === undefined) return err({ reason: 'evidence_malformed', mayPass: false })
  const level = privilegeLevel ?? Number(floor)
  if (level < floor) return err({ reason: 'device_denied', mayPass: false })
  return ok([{ name: 'privlevel', bytes: utf8(`${level}`) }])
}

async function readGeneration(
  files: DeviceFiles,
  entry: string,
): Promise<Result<bigint, TsmFault>> {
  const text = await files.read(`${entry}/generation`, MAX_TEXT_BYTES)
  if (!text.ok) return fault(text.error.errno)
  const value = readNumber(text.value)
  return value === undefined ? err({ reason: 'evidence_malformed', mayPass: false }) : ok(value)
}

function readNumber(bytes: Uint8Array): bigint | undefined {
  const text = parseUtf8(bytes)?.trimEnd() ?? ''
  return /^\d{1,20}$/.test(text) ? BigInt(text) : undefined
}

async function readText(files: DeviceFiles, path: string): Promise<Result<string, TsmFault>> {
  const bytes = await files.read(path, MAX_TEXT_BYTES)
  if (!bytes.ok) return fault(bytes.error.errno)
  const text = parseUtf8(bytes.value)?.trimEnd()
  return text === undefined ? err({ reason: 'evidence_malformed', mayPass: false }) : ok(text)
}

/** ENXIO is how the kernel says that no driver is registered; EEXIST, that the name is taken. */
function fault(errno: string): Result<never, TsmFault> {
  if (errno === 'ENXIO') return err({ reason: 'provider_missing', mayPass: false })
  if (errno === 'EEXIST') return err({ reason: 'device_busy', mayPass: true })
  return err({ reason: reasonOf({ errno }), mayPass: isPassing(errno) })
}

function isPassing(errno: string): boolean {
  return reasonOf({ errno }) === 'device_busy'
}
