const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const
/** In a year that is no leap year. */
const DAYS_BEFORE_MONTH = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334] as const
const DAYS_TO_1970 = 719_528

/** A calendar date and time of day in UTC; month and day count from 1. */
export interface CivilTime {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
}

/**
 * Unix seconds of a proleptic Gregorian date of the years 0 to 9999; undefined where no such date
 * or time of day exists. Leap seconds do not exist here, as RFC 5280 has it.
 */
export function civilToUnix(time: CivilTime): number | undefined {
  const { year, month, day, hour, minute, second } = time
  if (year < 0 || year > 9999 || month < 1 || month > 12) return undefined
  if (day < 1 || day > daysInMonth(year, month)) return undefined
  if (hour > 23 || minute > 59 || second > 59) return undefined
  const leapDay = month > 2 && isLeapYear(year) ? 1 : 0
  const days = (DAYS_BEFORE_MONTH[month - 1] ?? 0) + leapDay + day - 1
  return ((daysBeforeYear(year) + days - DAYS_TO_1970) * 24 + hour) * 3600 + minute * 60 + second
}

/** Days from 0000-01-01 to the first day of the year. */
function daysBeforeYear(year: number): number {
  const past = year - 1
  const leaps = Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400)
  return year * 365 + leaps + 1
}

function daysInMonth(year: number, month: number): number {
  return (MONTH_DAYS[month - 1] ?? 0) + (month === 2 && isLeapYear(year) ? 1 : 0)
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
}
