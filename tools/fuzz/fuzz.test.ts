import { err, ok, type Result } from '@tacit/base'
import { describe, expect, test } from 'vitest'
import { prepare, runCase, type Outcome } from './fuzz-case.ts'
import { mutate } from './mutate.ts'
import { createPrng } from './prng.ts'
import type { FuzzTarget, Parts } from './target.ts'

const GENUINE = Uint8Array.from({ length: 40 }, (_, at) => at)

/** A verifier of one part, 40 bytes long, whose last 8 bytes nobody signed. */
function target(run: (part: Uint8Array) => Result<unknown, { code: string }>): FuzzTarget {
  const parts: Parts = { part: GENUINE }
  return { name: 'toy', parts, run: ({ part = new Uint8Array() }) => run(part) }
}

function isGenuine(part: Uint8Array): boolean {
  return part.length >= 32 && GENUINE.subarray(0, 32).every((byte, at) => part[at] === byte)
}

function outcomes(tested: FuzzTarget, cases = 400): Outcome[] {
  const prepared = [prepare(tested)]
  return Array.from({ length: cases }, (_, number) => runCase(prepared, 1, number))
}

function kinds(tested: FuzzTarget): Set<string> {
  const found = outcomes(tested).map((one) =>
    one.type === 'finding' ? one.finding.kind : one.code,
  )
  return new Set(found)
}

describe('a case', () => {
  test('is refused with its code, or has the same verdict', () => {
    const honest = target((part) => (isGenuine(part) ? ok('genuine') : err({ code: 'forged' })))
    expect(kinds(honest)).toEqual(new Set(['forged', 'verdict']))
  })

  test('finds a verifier that accepts a mutant', () => {
    const lax = target((part) => (part[0] === 0 ? ok([...part]) : err({ code: 'forged' })))
    expect(kinds(lax)).toContain('accepted')
  })

  test('finds evidence that is refused as it is and accepted when broken', () => {
    const inverted = target((part) => (isGenuine(part) ? err({ code: 'forged' }) : ok('genuine')))
    expect(kinds(inverted)).toEqual(new Set(['forged', 'accepted']))
  })

  test('finds exceptions, and errors that are no codes', () => {
    const throwing = target((part) => {
      if (part.length < 40) throw new RangeError('out of bounds')
      return isGenuine(part) ? ok('genuine') : err({ code: 'Something Broke' })
    })
    expect(kinds(throwing)).toEqual(new Set(['threw', 'uncoded', 'verdict']))
  })

  test('finds what is slow each time', () => {
    const slow = target((part) => {
      const until = performance.now() + (part.length === 40 ? 0 : 60)
      while (performance.now() < until);
      return isGenuine(part) ? ok('genuine') : err({ code: 'forged' })
    })
    const prepared = [prepare(slow)]
    const slowest = Array.from({ length: 20 }, (_, number) => runCase(prepared, 1, number))
    expect(slowest).toContainEqual(
      expect.objectContaining({ finding: expect.objectContaining({ kind: 'slow' }) }),
    )
  })
})

describe('mutants', () => {
  test('are decided by seed and number, and leave the input alone', () => {
    const before = GENUINE.slice()
    const make = (seed: number, number: number): number[] => [
      ...mutate(GENUINE, createPrng(seed, number)),
    ]
    for (let number = 0; number < 500; number++) expect(make(7, number)).toEqual(make(7, number))
    expect(GENUINE).toEqual(before)
    expect(make(7, 1)).not.toEqual(make(8, 1))
    expect(new Set(Array.from({ length: 500 }, (_, n) => make(7, n).join())).size).toBeGreaterThan(
      300,
    )
  })

  test('of nothing are well defined', () => {
    for (let number = 0; number < 500; number++) {
      expect(mutate(new Uint8Array(), createPrng(1, number)).length).toBeLessThan(20_000)
    }
  })
})
