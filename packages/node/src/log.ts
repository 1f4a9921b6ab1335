export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Receives one line at a time; fields carry no secrets. */
export type Log = (
  level: LogLevel,
  message: string,
  fields?: { readonly [name: string]: string | number | boolean },
) => void

/** Writes lines of JSON to standard error, those of the level and above. */
export function jsonLog(least: LogLevel): Log {
  const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']
  return (level, message, fields = {}) => {
    if (levels.indexOf(level) < levels.indexOf(least)) return
    const time = new Date().toISOString()
    process.stderr.write(`${JSON.stringify({ time, level, message, ...fields })}\n`)
  }
}
