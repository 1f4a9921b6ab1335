import { describe, expect, it } from 'vitest'
import { parseAccountId, parseBalance, parseHash } from './brand.ts'
import { err, InvariantError, ok, unwrap } from './result.ts'

describe('unwrap', () => {
  it('gives the value, and calls an error a bug', () => {
    expect(unwrap(ok(1))).toBe(1)
    expect(() => unwrap(err({ code: 'x', amount: 1n }))).toThrow(InvariantError)
  })
})

describe('brands', () => {
  it('come from values in range alone', () => {
    expect(parseAccountId(new Uint8Array(32)).ok).toBe(true)
    expect(parseHash(new Uint8Array(31))).toEqual({
      ok: false,
      error: { code: 'length_wrong', expected: 32, actual: 31 },
    })
    expect(parseBalance(2n ** 128n - 1n).ok).toBe(true)
    for (const value of [-1n, 2n ** 128n]) {
      expect(parseBalance(value)).toEqual({ ok: false, error: { code: 'number_out_of_range' } })
    }
  })
})
