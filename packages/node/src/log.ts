export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

export type LogFormat = 'auto' | 'json' | 'text'

export type LogFields = { readonly [name: string]: string | number | boolean }

/** Receives one line at a time; fields carry no secrets. */
export type Log = (level: LogLevel, message: string, fields?: LogFields) => void

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']

/** Writes lines to standard error, those of the level and above. Auto: text on a terminal. */
export function createLog(options: {
  readonly logLevel: LogLevel
  readonly logFormat: LogFormat
}): Log {
  const least = LEVELS.indexOf(options.logLevel)
  const format = options.logFormat === 'auto' && process.stderr.isTTY ? 'text' : options.logFormat
  const toLine = format === 'text' ? toText : toJson
  return (level, message, fields = {}) => {
    if (LEVELS.indexOf(level) < least) return
    process.stderr.write(`${toLine(new Date().toISOString(), level, message, fields)}\n`)
  }
}

function toJson(time: string, level: LogLevel, message: string, fields: LogFields): string {
  return JSON.stringify({ time, level, message, ...fields })
}

/** Strings are quoted where they hold anything that could pass for another field or line. */
function toText(time: string, level: LogLevel, message: string, fields: LogFields): string {
  const parts = Object.entries(fields).map(([name, value]) => `${name}=${quote(String(value))}`)
  return [time, level.toUpperCase().padEnd(5), quote(message, /^[^\p{Cc}]*$/u), ...parts].join(' ')
}

function quote(text: string, plain = /^[^\s"=\p{Cc}]+$/u): string {
  return plain.test(text) ? text : JSON.stringify(text)
}
