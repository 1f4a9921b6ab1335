import { err, ok, type Result } from '@tacit/base'

/** One thing that an operator can choose; it has one name wherever it is said. */
export type Setting<T> = {
  /** Of the flag, without dashes, and of the field in the configuration file. */
  readonly name: string
  /** What stands behind the flag in the help; absent where the flag needs no value. */
  readonly placeholder?: string
  readonly help: string
  readonly fallback: T
  /** Whether the flag may come more than once. */
  readonly isList?: boolean
  /** @returns the value, or what a value must be. */
  parse(texts: readonly string[]): Result<T, string>
}

type Described = { readonly placeholder: string; readonly help: string }

export function text<T extends string | undefined>(
  name: string,
  fallback: T,
  described: Described,
): Setting<string | T> {
  const parse = ([value = '']: readonly string[]): Result<string, string> =>
    value === '' ? err('must not be empty') : ok(value)
  return { name, fallback, parse, ...described }
}

/** A list of texts; `check` says what one must be that is not right. */
export function texts(
  name: string,
  { check, ...described }: Described & { readonly check: (text: string) => string | undefined },
): Setting<readonly string[]> {
  const parse = (values: readonly string[]): Result<readonly string[], string> => {
    const [reason] = values.map(check).filter((wrong) => wrong !== undefined)
    return reason === undefined ? ok(values) : err(reason)
  }
  return { name, fallback: [], isList: true, parse, ...described }
}

export function onOff(name: string, help: string): Setting<boolean> {
  const parse = ([value]: readonly string[]): Result<boolean, string> =>
    value === 'true' || value === 'false' ? ok(value === 'true') : err('must be true or false')
  return { name, help, fallback: false, parse }
}

type Bounded = Described & { readonly least: number; readonly most: number }

export function integer(name: string, fallback: number, options: Bounded): Setting<number> {
  return integerOr<never>(name, fallback, { ...options, words: [] })
}

/** An integer within bounds, or one of some words. */
export function integerOr<W extends string>(
  name: string,
  fallback: number | W,
  options: Bounded & { readonly words: readonly W[] },
): Setting<number | W> {
  const { least, most, words, ...described } = options
  const parse = ([value = '']: readonly string[]): Result<number | W, string> => {
    const word = words.find((known) => known === value)
    if (word !== undefined) return ok(word)
    const number = /^\d{1,15}$/.test(value) ? Number(value) : -1
    if (number >= least && number <= most) return ok(number)
    const or = words.map((known) => ` or '${known}'`).join('')
    return err(`must be an integer of ${least} to ${most}${or}`)
  }
  return { name, fallback, parse, ...described }
}

export function oneOf<W extends string>(
  name: string,
  fallback: W,
  words: readonly W[],
  described: Described,
): Setting<W> {
  const parse = ([value]: readonly string[]): Result<W, string> => {
    const word = words.find((known) => known === value)
    return word === undefined ? err(`must be one of ${words.join(', ')}`) : ok(word)
  }
  return { name, fallback, parse, ...described }
}
