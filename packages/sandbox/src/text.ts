import { LIMITS } from './limits.ts'

const CONTROLS = /[\p{Cc}\p{Cs}\u2028\u2029]/gu

/** Text of a contract made fit for a log or a terminal: short and without control characters. */
export function boundText(text: string): string {
  return text.slice(0, LIMITS.messageChars).replace(CONTROLS, ' ')
}
