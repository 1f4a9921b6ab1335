import { bytesToHex } from '@tacit/base'
import { cpuMs } from '../../packages/attestation/src/testing/cpu-ms.ts'
import { createKnownChecks, type KnownChecks } from './known-checks.ts'
import { mutate, splice } from './mutate.ts'
import { createPrng, type Prng } from '../prng.ts'
import type { FuzzTarget, Parts } from './target.ts'

/** What a verifier must never do with a mutant. */
export interface Finding {
  readonly kind: 'threw' | 'accepted' | 'uncoded' | 'slow'
  readonly target: string
  /** The number of the case: with the seed it gives the mutant again. */
  readonly case: number
  readonly part: string
  readonly detail: string
}

/** A target with what its unchanged evidence comes to. */
interface Prepared {
  readonly target: FuzzTarget
  /** The verdict in comparable form; undefined where the evidence is refused as it is. */
  readonly verdict: string | undefined
}

/** Targets to draw from, and all signatures of their unchanged evidence. */
export interface Corpus {
  /** Each as often as its weight says. */
  readonly drawn: readonly Prepared[]
  readonly known: KnownChecks
}

/** One case's result: the error's code, `verdict` for the same verdict, or a finding. */
export type Outcome = { readonly target: string } & (
  | { readonly type: 'code'; readonly code: string; readonly ms: number }
  | { readonly type: 'finding'; readonly finding: Finding }
)

/** A mutant must be decided within this time of a processor. Milliseconds. */
const LIMIT_MS = 50
/** So often is a signature that the corpus does not have computed, see KnownChecks.isKnown. */
const COMPUTED_EVERY = 8
const DEFAULT_WEIGHT = 8
const NOTHING = new Uint8Array()
const CODE = /^[a-z][a-z0-9_]*$/

/** Runs each target on its own evidence; signatures that it asks for are remembered. */
export function prepare(targets: readonly FuzzTarget[]): Corpus {
  const known = createKnownChecks()
  const drawn = targets.flatMap((target) => {
    const result = target.run(target.parts, known.record)
    const prepared = { target, verdict: result.ok ? comparable(result.value) : undefined }
    return Array.from({ length: target.weight ?? DEFAULT_WEIGHT }, () => prepared)
  })
  return { drawn, known }
}

/**
 * Gives one mutant to its verifier. Accepted is only what has the unchanged evidence's verdict to
 * the last field: then the change was in bytes that nobody signed and nobody reads.
 */
export function runCase({ drawn, known }: Corpus, seed: number, number: number): Outcome {
  const random = createPrng(seed, number)
  const { target, verdict } = random.pick(drawn)
  const verify = random.below(COMPUTED_EVERY) === 0 ? known.verify : known.isKnown
  // The first part is the evidence itself; the others vouch for it.
  const [first = '', ...others] = Object.keys(target.parts)
  const part = others.length === 0 || random.below(3) === 0 ? first : random.pick(others)
  const parts = mutateParts(target.parts, part, random, drawn)
  const found = (kind: Finding['kind'], detail: string): Outcome => {
    const finding = { kind, target: target.name, case: number, part, detail }
    return { target: target.name, type: 'finding', finding }
  }
  try {
    const started = performance.now()
    const result = target.run(parts, verify)
    const wallMs = performance.now() - started
    // Another process may have had the core.
    const ms = wallMs <= LIMIT_MS ? wallMs : cpuMs(() => target.run(parts, verify))
    if (ms > LIMIT_MS) return found('slow', `${ms} ms`)
    if (result.ok) {
      const isUnchanged = verdict !== undefined && comparable(result.value) === verdict
      if (!isUnchanged) return found('accepted', comparable(result.value))
      return { target: target.name, type: 'code', code: 'verdict', ms }
    }
    const { code } = result.error
    if (!CODE.test(code)) return found('uncoded', code)
    return { target: target.name, type: 'code', code, ms }
  } catch (error) {
    return found('threw', error instanceof Error ? (error.stack ?? error.message) : String(error))
  }
}

/** Mostly a mutation of one part; sometimes a piece, or the whole, of an unlike part in it. */
function mutateParts(parts: Parts, name: string, random: Prng, drawn: readonly Prepared[]): Parts {
  const bytes = parts[name] ?? NOTHING
  if (random.below(16) > 0) return { ...parts, [name]: mutate(bytes, random) }
  const foreign = random.pick(drawn).target.parts
  const unlike = Object.keys(foreign).filter((other) => other !== name)
  const other = unlike.length === 0 ? NOTHING : (foreign[random.pick(unlike)] ?? NOTHING)
  return { ...parts, [name]: random.below(4) === 0 ? other : splice(bytes, other, random) }
}

function comparable(verdict: unknown): string {
  return JSON.stringify(verdict, (_name, value: unknown) => {
    if (value instanceof Uint8Array) return bytesToHex(value)
    if (value instanceof Map) return [...value]
    return typeof value === 'bigint' ? `${value}n` : value
  })
}
