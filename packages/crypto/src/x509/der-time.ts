import { civilToUnix } from './civil-time.ts'

/**
 * Unix seconds of a UTCTime's or GeneralizedTime's digits, which end at end with a Z; undefined where
 * they are no time with seconds. Years of two digits are 1950 to 2049.
 * Source: RFC 5280, section 4.1.2.5.
 * @param yearDigits 2 or 4.
 */
export function timeAt(
  bytes: Uint8Array,
  start: number,
  end: number,
  yearDigits: 2 | 4,
): number | undefined {
  if (end - start !== yearDigits + 11 || bytes[end - 1] !== 0x5a) return undefined
  for (let at = start; at < end - 1; at++) {
    const byte = bytes[at] ?? 0
    if (byte < 0x30 || byte > 0x39) return undefined
  }
  const first = twoDigits(bytes, start)
  const rest = start + yearDigits
  return civilToUnix({
    year: yearDigits === 4 ? 100 * first + twoDigits(bytes, start + 2) : yearOf(first),
    month: twoDigits(bytes, rest),
    day: twoDigits(bytes, rest + 2),
    hour: twoDigits(bytes, rest + 4),
    minute: twoDigits(bytes, rest + 6),
    second: twoDigits(bytes, rest + 8),
  })
}

function yearOf(twoDigitYear: number): number {
  return twoDigitYear + (twoDigitYear < 50 ? 2000 : 1900)
}

function twoDigits(bytes: Uint8Array, at: number): number {
  return 10 * ((bytes[at] ?? 0) - 0x30) + (bytes[at + 1] ?? 0) - 0x30
}
