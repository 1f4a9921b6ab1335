import type { JsonProblem } from '../json-document.ts'

/** A measurement register of a TD that can be extended while it runs. */
export type Rtmr = 'rtmr0' | 'rtmr1' | 'rtmr2' | 'rtmr3'

/** Bytes do not have the form of an event log; `event` counts from 0, `at` is an offset. */
export type EventLogFormError =
  /** More bytes of events than a log has. */
  | { readonly code: 'event_log_too_long'; readonly maximum: number }
  | { readonly code: 'event_log_too_many_events'; readonly maximum: number }
  /** The log ends before its own lengths do. */
  | { readonly code: 'event_log_truncated'; readonly at: number }
  /** The first event is not the header "Spec ID Event03", or its lengths do not close. */
  | { readonly code: 'event_log_header_invalid'; readonly at: number }
  /** The ACPI table before the log is not a CCEL table of a TD, or its checksum is wrong. */
  | { readonly code: 'event_log_table_invalid'; readonly at: number }
  /** A digest by an algorithm that the header does not declare, or by the same one twice. */
  | {
      readonly code: 'event_log_algorithm_unknown'
      readonly event: number
      readonly algorithm: number
    }
  /** No SHA-384 digest, which is the one that registers are extended with. */
  | { readonly code: 'event_digest_missing'; readonly event: number }
  /** MRTD and RTMR0 to RTMR3 are the registers. */
  | { readonly code: 'event_register_unknown'; readonly event: number; readonly register: number }
  | ({ readonly code: 'event_log_malformed' } & JsonProblem)
  | ({ readonly code: 'dstack_report_malformed' } & JsonProblem)

/** The log is well formed, but is not what the quote measured. */
export type EventLogTrustError =
  /** The digest of a dstack event is not the hash of its name and payload. */
  | { readonly code: 'event_digest_mismatch'; readonly event: number }
  /** Replaying the log does not give the quote's register. */
  | { readonly code: 'register_mismatch'; readonly register: Rtmr }
  /** Among the events that name the program is one that cannot be recomputed. */
  | { readonly code: 'event_unproved'; readonly event: number }
  /** An event that names the program comes twice before the system is ready. */
  | { readonly code: 'event_repeated'; readonly name: string }
  /** The report data given beside the quote is not the quote's. */
  | { readonly code: 'report_data_mismatch' }
  /** MRCONFIGID binds another program than the events name. */
  | { readonly code: 'mr_config_id_mismatch' }
  /** The VM configuration names another image than the events. */
  | { readonly code: 'os_image_hash_mismatch' }

export type EventLogError = EventLogFormError | EventLogTrustError
