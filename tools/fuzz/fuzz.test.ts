import { bytesToHex, err, ok, parseHex, unwrap, utf8, type Result } from '@tacit/base'
import type { SignatureCheck } from '@tacit/crypto'
import { native } from '@tacit/crypto/native'
import { describe, expect, test } from 'vitest'
import { prepare, runCase, type Outcome } from './fuzz-case.ts'
import { createKnownChecks } from './known-checks.ts'
import { mutateStructure } from './mutate-structure.ts'
import { mutate } from './mutate.ts'
import { createPrng } from '../prng.ts'
import type { FuzzTarget, Parts } from './target.ts'
import { TARGETS } from './targets/index.ts'
import { nrasTargets } from './targets/nras.ts'

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
  const corpus = prepare([tested])
  return Array.from({ length: cases }, (_, number) => runCase(corpus, 1, number))
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

  test('finds what takes long of a processor', () => {
    const slow = target((part) => {
      const before = process.threadCpuUsage()
      const wantedMs = part.length === 40 ? 0 : 60
      while (process.threadCpuUsage(before).user < wantedMs * 1_000);
      return isGenuine(part) ? ok('genuine') : err({ code: 'forged' })
    })
    expect(findKind(slow)).toBe('slow')
  })

  test('is not slow where it waits', () => {
    const waiting = target((part) => {
      if (part.length !== 40) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60)
      return isGenuine(part) ? ok('genuine') : err({ code: 'forged' })
    })
    expect(findKind(waiting)).toBeUndefined()
  })

  /** Of the first of some cases, some of which change the length. */
  function findKind(tested: FuzzTarget): string | undefined {
    const corpus = prepare([tested])
    for (let number = 0; number < 8; number++) {
      const outcome = runCase(corpus, 1, number)
      if (outcome.type === 'finding') return outcome.finding.kind
    }
    return undefined
  }
})

test('the unchanged evidence of every target has a verdict', () => {
  for (const target of TARGETS['attestation']?.() ?? []) {
    const verdict = target.run(target.parts, (check) => native.verify(check))
    expect(verdict, target.name).toMatchObject({ ok: true })
  }
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

describe('mutants that keep their form', () => {
  const block = (body: string): string => `-----BEGIN X-----\n${body}\n-----END X-----\n`
  const pem = block('MAMCAQE=') + block('MAMCAQI=')

  test.each([
    ['a PEM block dropped', pem, block('MAMCAQI=')],
    ['a PEM block doubled', pem, block('MAMCAQE=') + pem],
    ['PEM blocks swapped', pem, block('MAMCAQI=') + block('MAMCAQE=')],
    ['another length in a PEM block', pem, block('MAQCAQE=') + block('MAMCAQI=')],
    ['a JSON field doubled', '{"a": 1,"b":"c"}', '{"a": 1,"a": 1,"b":"c"}'],
    ['another JSON number', '{"a": 1,"b":"c"}', '{"a": 65536,"b":"c"}'],
    ['an XML attribute doubled', '<a b="c"><d/></a>', '<a b="c" b="c"><d/></a>'],
    ['an XML element doubled', '<a b="c"><d>e</d></a>', '<a b="c"><d>e</d><d>e</d></a>'],
  ])('%s', (_, text, expected) => {
    expect(structured(utf8(text))).toContain(bytesToHex(utf8(expected)))
  })

  test.each([
    ['another DER tag', '3003020101', '3003030101'],
    ['a DER length one more', '3003020101', '3004020101'],
    ['a DER length one less', '3003020101', '3002020101'],
    ['a length one more, with its carry', '06ff00aa', '060001aa'],
    ['a length one less', '06010000', '06000000'],
  ])('%s', (_, hex, expected) => {
    expect(structured(unwrap(parseHex(hex)))).toContain(expected)
  })

  test('leave the input alone', () => {
    const bytes = utf8(pem)
    structured(bytes)
    expect(bytes).toEqual(utf8(pem))
  })

  function structured(bytes: Uint8Array): Set<string> {
    const mutants = Array.from({ length: 5_000 }, (_, number) =>
      mutateStructure(bytes, createPrng(1, number)),
    )
    return new Set(mutants.map((mutant) => (mutant ? bytesToHex(mutant) : '')))
  }
})

describe('signatures', () => {
  const check: SignatureCheck = {
    scheme: 'p256',
    publicKey: new Uint8Array(64),
    message: new Uint8Array(1),
    signature: new Uint8Array(64),
  }

  test('of the corpus have their answer; others are computed, or false', () => {
    const known = createKnownChecks()
    expect(known.record(check)).toBe(false)
    expect(known.isKnown({ ...check })).toBe(false)
    const genuine = loadGenuine()
    expect(known.isKnown(genuine)).toBe(false)
    expect(known.verify(genuine)).toBe(true)
    expect(known.record(genuine)).toBe(true)
    expect(known.isKnown({ ...genuine })).toBe(true)
    for (const changed of ['publicKey', 'message', 'signature'] as const) {
      expect(known.isKnown({ ...genuine, [changed]: new Uint8Array(64) }), changed).toBe(false)
    }
  })
})

function loadGenuine(): SignatureCheck {
  const checks: SignatureCheck[] = []
  const [nras] = nonEmpty(nrasTargets())
  nras.run(nras.parts, (asked) => checks.push(asked) > 0)
  return nonEmpty(checks)[0]
}

function nonEmpty<T>(items: readonly T[]): readonly [T, ...T[]] {
  const [first, ...others] = items
  if (first === undefined) throw new RangeError('nothing there')
  return [first, ...others]
}
