import { concatBytes, equalBytes, err, ok, parseHex, utf8, type Result } from '@tacit/base'
import type { Hashes } from '@tacit/crypto'
import { readJson, type JsonField } from '../json-document.ts'
import type { TdReport } from '../dcap/td-report.ts'
import { listDstackFacts, type DstackFacts } from './dstack-facts.ts'
import { parseDstackLog, readHex } from './dstack-log.ts'
import type { EventLogError, EventLogFormError, EventLogTrustError } from './errors.ts'
import type { LoggedEvent, MeasuredEvent } from './event.ts'
import { verifyEventLog } from './replay.ts'

/** What dstack's guest agent answers to a request for a quote. */
export interface DstackReport {
  /** Verify it first; nothing below is proved without. */
  readonly quote: Uint8Array
  readonly log: readonly LoggedEvent[]
  /** At most 64 bytes, as the caller asked for; undefined where the answer leaves it out. */
  readonly reportData: Uint8Array | undefined
  /** 32 bytes: the image that the VM's configuration names; undefined where it names none. */
  readonly osImageHash: Uint8Array | undefined
}

/** What a dstack report proves together with its verified quote. */
export interface DstackEvidence extends DstackFacts {
  readonly events: readonly MeasuredEvent[]
  /**
   * Whether MRCONFIGID binds the program that the events name: `compose` (format 1), `program`
   * (format 2), `unchecked` (a format whose document is not part of the report), `none` (zero).
   */
  readonly configuration: 'compose' | 'program' | 'unchecked' | 'none'
}

const MAX_CHARACTERS = 256 * 1024
const KEY_PROVIDERS: Readonly<Record<string, number>> = { none: 0, 'local-sgx': 1, kms: 2, tpm: 3 }

/**
 * Reads `{quote, event_log, report_data, vm_config}`; log and configuration are JSON as text. Of
 * the configuration only the image's hash is kept: nothing in a quote proves the rest.
 * Source: dstack, guest-agent/rpc/proto/agent_rpc.proto at 312dc605. At most 256 KiB.
 */
export function parseDstackReport(text: Uint8Array): Result<DstackReport, EventLogFormError> {
  const read = readJson(text, (root) => {
    const reportData = root.maybe('report_data')
    return {
      quote: readHex(root.get('quote'), MAX_CHARACTERS),
      eventLog: root.get('event_log').text(MAX_CHARACTERS),
      reportData: reportData && readHex(reportData, 128),
      vmConfig: root.maybe('vm_config')?.text(MAX_CHARACTERS),
    }
  })
  if (!read.ok) return err({ code: 'dstack_report_malformed', ...read.error })
  const { quote, eventLog, reportData, vmConfig } = read.value
  const log = parseDstackLog(utf8(eventLog))
  if (!log.ok) return log
  const image = readJson(utf8(vmConfig || '{}'), readOsImageHash)
  if (!image.ok) {
    return err({ code: 'dstack_report_malformed', ...image.error, path: 'vm_config' })
  }
  return ok({ quote, log: log.value, reportData, osImageHash: image.value })
}

function readOsImageHash(root: JsonField): Uint8Array | undefined {
  const field = root.maybe('os_image_hash')
  return field === undefined || field.value === '' ? undefined : field.hex(32)
}

/**
 * Proves a report's log and what stands beside it by the report's own quote.
 * @param td of the verdict on the report's quote.
 * @returns `event_digest_mismatch` | `register_mismatch` | `event_repeated` |
 *   `report_data_mismatch` | `mr_config_id_mismatch` | `os_image_hash_mismatch`.
 */
export function verifyDstackReport(
  report: DstackReport,
  td: TdReport,
  hashes: Pick<Hashes, 'sha384' | 'keccak256'>,
): Result<DstackEvidence, EventLogError> {
  const given = new Uint8Array(64)
  given.set(report.reportData ?? td.reportData)
  if (!equalBytes(given, td.reportData)) return err({ code: 'report_data_mismatch' })
  const events = verifyEventLog(report.log, td, hashes)
  if (!events.ok) return events
  const facts = listDstackFacts(events.value)
  if (!facts.ok) return facts
  const { osImageHash } = facts.value
  const isOtherImage =
    osImageHash && report.osImageHash && !equalBytes(osImageHash, report.osImageHash)
  if (isOtherImage) return err({ code: 'os_image_hash_mismatch' })
  const configuration = checkConfiguration(td.mrConfigId, facts.value, hashes)
  if (!configuration.ok) return configuration
  return ok({ ...facts.value, events: events.value, configuration: configuration.value })
}

/** Source: dstack, dstack-types/src/mr_config.rs at 312dc605. */
function checkConfiguration(
  mrConfigId: Uint8Array,
  facts: DstackFacts,
  hashes: Pick<Hashes, 'keccak256'>,
): Result<DstackEvidence['configuration'], EventLogTrustError> {
  const [format] = mrConfigId
  if (mrConfigId.every((byte) => byte === 0)) return ok('none')
  if (format !== 1 && format !== 2) return ok('unchecked')
  const expected = new Uint8Array(48)
  expected[0] = format
  const bound = format === 1 ? facts.composeHash : programHash(facts, hashes)
  if (bound?.length === 32) expected.set(bound, 1)
  const isEqual = bound !== undefined && equalBytes(expected, mrConfigId)
  if (!isEqual) return err({ code: 'mr_config_id_mismatch' })
  return ok(format === 1 ? 'compose' : 'program')
}

function programHash(
  { composeHash, appId, keyProvider }: DstackFacts,
  { keccak256 }: Pick<Hashes, 'keccak256'>,
): Uint8Array | undefined {
  const kind = KEY_PROVIDERS[keyProvider?.name ?? 'none']
  const id = parseHex(keyProvider?.id ?? '')
  if (!composeHash || !appId || kind === undefined || !id.ok) return undefined
  return keccak256(concatBytes(composeHash, appId, Uint8Array.of(kind), id.value))
}
