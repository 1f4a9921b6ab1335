import type { Json } from '../verdict-json.ts'

/**
 * One rule for each field of a section: what was found where that is not what the section accepts,
 * else undefined. A rule is asked only where its field is there.
 */
export type Rules<V, P> = {
  readonly [K in keyof P]-?: (verdict: V, accepted: Exclude<P[K], undefined>) => Json | undefined
}

/** A rule that evidence broke, with what was found and what is accepted. */
export interface Finding<Name extends string> {
  readonly rule: Name
  readonly found: Json
  /** The policy's own words. */
  readonly accepted: Json
  /** The number of the device that broke it, where several were judged together. */
  readonly device?: number
}

/** Asks every rule of a section, in the order of the table. */
export function findBroken<V, P extends object, Prefix extends string>(
  rules: Rules<V, P>,
  verdict: V,
  section: P,
  prefix: Prefix,
): readonly Finding<`${Prefix}${keyof P & string}`>[] {
  return (Object.keys(rules) as (keyof P & string)[]).flatMap((name) => {
    const accepted = section[name]
    if (accepted === undefined) return []
    const found = rules[name](verdict, accepted as Exclude<P[typeof name], undefined>)
    return found === undefined
      ? []
      : [{ rule: `${prefix}${name}` as const, found, accepted: accepted as Json }]
  })
}

/** What was found, unless it is on the list. */
export function unlessListed<T extends Json>(
  found: T | undefined,
  accepted: readonly T[],
): Json | undefined {
  return found !== undefined && accepted.includes(found) ? undefined : (found ?? null)
}

/** What was found, where it is below the least. */
export function ifBelow(found: number, minimum: number): Json | undefined {
  return found < minimum ? found : undefined
}

/** What was found, where a required condition does not hold. */
export function ifRequired(isRequired: boolean, holds: boolean, found: Json): Json | undefined {
  return isRequired && !holds ? found : undefined
}

/** The flags that are not as they must be. */
export function deviatingFlags(
  flags: Readonly<Record<string, unknown>>,
  wanted: Readonly<Record<string, boolean | undefined>>,
): Json | undefined {
  const wrong = Object.keys(wanted).filter(
    (name) => wanted[name] !== undefined && flags[name] !== wanted[name],
  )
  return wrong.length === 0
    ? undefined
    : Object.fromEntries(wrong.map((name) => [name, flags[name] === true]))
}

/** What was measured, unless one entry of an allow list holds entirely. */
export function unlessMeasured(
  found: Readonly<Record<string, string | number>>,
  accepted: readonly object[],
): Json | undefined {
  return accepted.some((entry) => holdsEntirely(found, entry)) ? undefined : found
}

/** Entries that set a minimum, by what they set it for. */
const MINIMA: Readonly<Record<string, string>> = {
  minimumIsvSvn: 'isvSvn',
  minimumGuestSvn: 'guestSvn',
}

function holdsEntirely(found: Readonly<Record<string, string | number>>, entry: object): boolean {
  return Object.entries(entry).every(([name, value]) => {
    if (name === 'name' || value === undefined) return true
    const least = MINIMA[name]
    return least === undefined ? found[name] === value : Number(found[least] ?? -1) >= value
  })
}

/**
 * Whether a version of parts joined by dots is below another; missing parts count as 0, what is no
 * version is below every one.
 */
export function isVersionBelow(version: string, minimum: string, radix: 10 | 16): boolean {
  const found = version.split('.').map((part) => Number.parseInt(part, radix))
  const least = minimum.split('.').map((part) => Number.parseInt(part, radix))
  if (found.some(Number.isNaN)) return true
  for (let at = 0; at < Math.max(found.length, least.length); at++) {
    const difference = (found[at] ?? 0) - (least[at] ?? 0)
    if (difference !== 0) return difference < 0
  }
  return false
}
