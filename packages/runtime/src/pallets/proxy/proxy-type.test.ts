import { bytesToHex, encode } from '@tacit/base'
import { describe, expect, test } from 'vitest'
import type { RuntimeCall } from '../../framework/runtime-call.ts'
import { createRuntime } from '../../runtime.ts'
import { callOf, payCall, REMARK } from '../../testing/call-bench.ts'
import { alice } from '../../testing/scenario.ts'
import { isSuperset, proxyAllows, proxyType, type ProxyType } from './proxy-type.ts'

const { pallets } = createRuntime().composition
const TYPES = ['Any', 'NonTransfer', 'CancelProxy', 'Contracts', 'Workers'] as const
/** One call of each kind; filters look no further than its name. */
const all: RuntimeCall[] = pallets.flatMap(({ name, calls }) =>
  Object.keys(calls).map((call) => callOf(name, call, undefined)),
)
const allowed = (type: ProxyType): string[] =>
  all
    .filter((call) => proxyAllows(type, call))
    .map(({ type: pallet, value }) => `${pallet}.${value.type}`)

test.each([
  ['Any', '00'],
  ['NonTransfer', '01'],
  ['CancelProxy', '06'],
  ['Contracts', '10'],
  ['Workers', '11'],
] as const)('%s is 0x%s', (type, hex) => {
  expect(bytesToHex(encode(proxyType, type))).toBe(hex)
})

describe('a type', () => {
  test('allows what its name says', () => {
    expect(allowed('Any')).toHaveLength(all.length)
    expect(proxyAllows('NonTransfer', payCall(alice.who, 1n))).toBe(false)
    expect(proxyAllows('NonTransfer', callOf('Contracts', 'send', {}))).toBe(false)
    expect(proxyAllows('NonTransfer', callOf('Vesting', 'vested_transfer', {}))).toBe(false)
    expect(proxyAllows('NonTransfer', REMARK)).toBe(true)
    expect(allowed('CancelProxy')).toEqual(
      expect.arrayContaining(['Proxy.reject_announcement', 'Utility.batch_all']),
    )
    expect(allowed('Contracts')).toEqual(expect.arrayContaining(['Contracts.send']))
    expect(allowed('Workers')).toEqual(expect.arrayContaining(['Workers.register']))
  })

  test('but Any allows no call of a pallet that it does not name, and no call of Balances', () => {
    for (const type of TYPES.slice(1)) {
      expect(proxyAllows(type, callOf('Later', 'call', {}))).toBe(false)
      expect(allowed(type).filter((call) => call.startsWith('Balances'))).toEqual([])
      expect(allowed(type)).not.toContain('Utility.dispatch_as')
    }
  })

  test.each(TYPES.flatMap((type) => TYPES.map((other) => [type, other] as const)))(
    '%s is wider than %s exactly if it allows all that the other does',
    (type, other) => {
      const calls = allowed(type)
      expect(isSuperset(type, other)).toBe(allowed(other).every((call) => calls.includes(call)))
    },
  )
})
