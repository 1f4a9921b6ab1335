import type { Rtmr } from './errors.ts'

/** An event as a log states it; nothing is proved yet. */
export interface LoggedEvent {
  /** MRTD is fixed at launch: what a log says about it was extended nowhere. */
  readonly register: Rtmr | 'mrtd'
  readonly type: number
  /** 48 bytes; undefined where the log leaves it to be computed from name and payload. */
  readonly digest: Uint8Array | undefined
  /** dstack's name of the event; empty for all others. */
  readonly name: string
  readonly payload: Uint8Array
  /** dstack's format of the digest; undefined where the log does not say. */
  readonly version: 1 | 2 | undefined
}

/** An event of a log that replays to the quote's registers. */
export interface MeasuredEvent {
  readonly register: Rtmr | 'mrtd'
  /** The log's word, except where name is given: digests of firmware events do not cover it. */
  readonly type: number
  /** 48 bytes. */
  readonly digest: Uint8Array
  /**
   * What the quote proves. `content`: name and payload hash to the digest. `digest`: that something
   * with this digest was measured; what it was cannot be recomputed. `none`: nothing, as the event
   * extended no register that was compared.
   */
  readonly proof: 'content' | 'digest' | 'none'
  /** dstack's name of the event; undefined where it is not proved. */
  readonly name: string | undefined
  /** The hashed part of the payload; undefined where it is not proved. */
  readonly payload: Uint8Array | undefined
}

/** Events that state something without extending a register. */
export const EV_NO_ACTION = 3
/** dstack's runtime events. */
export const DSTACK_EVENT = 0x0800_0001

/** Greatest number of events in a log; a TD's firmware and kernel write about 30. */
export const MAX_EVENTS = 1024
/** Greatest number of bytes that the events of a log take. */
export const MAX_LOG_BYTES: number = 256 * 1024
/** By the registers' numbers in dstack's logs, which count from 0; CCEL counts from MRTD. */
export const RTMRS = ['rtmr0', 'rtmr1', 'rtmr2', 'rtmr3'] as const
