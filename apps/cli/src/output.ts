import { TacitError } from '@tacit/sdk'

/** Exit codes of every command. */
export const EXIT = { ok: 0, rejected: 1, usage: 2 } as const

/** Where a command writes; replaced in tests. */
export type Output = {
  line(text: string): void
  error(text: string): void
}

export const standardOutput: Output = {
  line: (text) => void process.stdout.write(`${text}\n`),
  error: (text) => void process.stderr.write(`${text}\n`),
}

/** What happened, why, and how to fix it. */
export function describeError(error: unknown): string {
  if (error instanceof TacitError) {
    return `error: ${error.shortMessage} [${error.code}]\n  fix: ${error.fix}`
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return `error: a bug of ours: ${message}\n  fix: report it with this text at the project's issues.`
}

/** Bytes as hex, bigint as decimal strings: what JSON can hold. */
export function plain(value: unknown): object {
  return JSON.parse(
    JSON.stringify(value, (_key, one: unknown) => {
      if (one instanceof Uint8Array) return Buffer.from(one).toString('hex')
      return typeof one === 'bigint' ? one.toString() : one
    }),
  ) as object
}

/** A mistake in how a command was called. */
export function usageError(shortMessage: string, fix: string): TacitError {
  return new TacitError({ code: 'usage', shortMessage, fix })
}

export function isUsage(error: unknown): boolean {
  return error instanceof TacitError && error.code === 'usage'
}

/** One JSON document with bigint as decimal strings. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) => (typeof one === 'bigint' ? `${one}` : one))
}
