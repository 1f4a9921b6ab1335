import { accountIdToAddress, bytesToHex } from '@tacit/base'
import { TacitError } from '@tacit/sdk'

const PHA = 10n ** 12n

/** `0x1234abcd…`: the first bytes of a key or hash, 1 to its length. */
export function shortHex(bytes: Uint8Array, count: number = 4): string {
  return `0x${bytesToHex(bytes.subarray(0, count))}…`
}

/** `44xMp…9xTz`: an account's address, its ends only. */
export function shortAddress(account: Uint8Array): string {
  const address = accountIdToAddress(account)
  return `${address.slice(0, 5)}…${address.slice(-4)}`
}

/** Planck as PHA, rounded down to four decimals: `1.25 PHA`, `under 0.0001 PHA`. */
export function shortPha(planck: bigint): string {
  const parts = (planck * 10_000n) / PHA
  if (parts === 0n && planck > 0n) return 'under 0.0001 PHA'
  const rest = (parts % 10_000n).toString().padStart(4, '0').replace(/0+$/, '')
  return `${groupDigits(parts / 10_000n)}${rest === '' ? '' : `.${rest}`} PHA`
}

/** `1,234,567`. */
export function groupDigits(value: bigint | number): string {
  return value.toString().replaceAll(/\B(?=(?:\d{3})+$)/g, ',')
}

/** Text of a stranger, for one line: without control characters and of at most `limit` characters. */
export function oneLine(text: string, limit: number): string {
  const clean = text.replaceAll(/\p{C}+/gu, ' ')
  return clean.length > limit ? `${clean.slice(0, limit)}…` : clean
}

/** What failed, its code, and what to do about it. */
export function describeFailure(error: unknown): string {
  if (error instanceof TacitError) {
    return `${error.shortMessage} [${error.code}]. ${error.fix}`
  }
  const message = error instanceof Error ? error.message : String(error)
  return `The page failed: ${oneLine(message, 300)} [page_failed]. Reload it; report it if it stays.`
}
