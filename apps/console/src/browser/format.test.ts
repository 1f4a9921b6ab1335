import { describe, expect, it } from 'vitest'
import { TacitError } from '@tacit/sdk'
import {
  describeFailure,
  groupDigits,
  oneLine,
  shortAddress,
  shortHex,
  shortPha,
} from './format.ts'

const PHA = 10n ** 12n

describe('format', () => {
  it('shortens keys and addresses so that both ends can be compared', () => {
    expect(shortHex(Uint8Array.of(0xab, 1, 2, 3, 4, 5))).toBe('0xab010203…')
    expect(shortHex(new Uint8Array(32), 2)).toBe('0x0000…')
    expect(shortAddress(new Uint8Array(32))).toMatch(/^\w{5}…\w{4}$/)
  })

  it('writes PHA to four decimals and never rounds up', () => {
    expect(shortPha(0n)).toBe('0 PHA')
    expect(shortPha(1n)).toBe('under 0.0001 PHA')
    expect(shortPha(PHA / 10_000n)).toBe('0.0001 PHA')
    expect(shortPha(2n * PHA - 1n)).toBe('1.9999 PHA')
    expect(shortPha(1_234_567n * PHA + PHA / 4n)).toBe('1,234,567.25 PHA')
  })

  it('groups digits', () => {
    expect([0, 999, 1_000, 1_234_567].map((value) => groupDigits(value))).toEqual([
      '0',
      '999',
      '1,000',
      '1,234,567',
    ])
  })

  it("keeps a stranger's text on one bounded line", () => {
    expect(oneLine('a\n\u202Eb\u0000c', 10)).toBe('a b c')
    expect(oneLine('x'.repeat(11), 10)).toBe(`${'x'.repeat(10)}…`)
  })

  it('says what failed, its code and the fix', () => {
    const error = new TacitError({ code: 'rpc_lost', shortMessage: 'It is gone', fix: 'Wait.' })
    expect(describeFailure(error)).toBe('It is gone [rpc_lost]. Wait.')
    expect(describeFailure(new Error('oops'))).toContain('oops [page_failed]')
    expect(describeFailure('odd')).toContain('odd [page_failed]')
  })
})
