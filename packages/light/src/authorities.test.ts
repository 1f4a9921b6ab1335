import { bytesToHex, decode, encode, struct, u32, u8, utf8 } from '@tacit/base'
import { expect, test } from 'vitest'
import {
  AUTHORITIES_KEY,
  authorityList,
  nextSet,
  scheduleChange,
  storedAuthorities,
  type AuthoritySet,
} from './authorities.ts'
import type { DigestItem } from './header.ts'
import { genesisOf, testSet } from './testing/kit.ts'

const { set } = testSet([1, 2], 1, 4n)
const next = testSet([3], 2).set.authorities
const header = genesisOf(set).header

function nextAfter(...logs: readonly DigestItem[]): AuthoritySet {
  return nextSet(set, { ...header, digest: { logs } })
}

/** ConsensusLog::ScheduledChange with any delay, which scheduleChange() does not make. */
function delayed(delay: number): DigestItem {
  const change = struct({ index: u8, next: authorityList, delay: u32 })
  return { type: 'Consensus', value: [utf8('FRNK'), encode(change, { index: 1, next, delay })] }
}

test('the key and the stored list, byte for byte', () => {
  expect(bytesToHex(AUTHORITIES_KEY)).toBe('3a6772616e6470615f617574686f726974696573')
  const [first] = next
  expect(bytesToHex(encode(storedAuthorities, next))).toBe(
    `0104${bytesToHex(first?.id ?? new Uint8Array())}0300000000000000`,
  )
})

test('a stored list of another version is refused', () => {
  for (const version of [0, 2]) {
    const bytes = encode(storedAuthorities, next)
    bytes[0] = version
    expect(decode(storedAuthorities, bytes)).toMatchObject({
      ok: false,
      error: { code: 'scale_malformed' },
    })
  }
})

test('a scheduled change without delay hands over to the next set', () => {
  expect(scheduleChange(next)).toEqual(delayed(0))
  expect(nextAfter(scheduleChange(next))).toEqual({ setId: 5n, authorities: next })
})

test('it is found between other items', () => {
  const other: DigestItem = { type: 'PreRuntime', value: [utf8('FRNK'), new Uint8Array()] }
  const later = scheduleChange(set.authorities)
  expect(nextAfter(other, scheduleChange(next), later).authorities).toEqual(next)
})

test('what counts as no change: nothing, a delay, another engine, kind or log, junk', () => {
  const [engine, log] = scheduleChange(next).value as readonly [Uint8Array, Uint8Array]
  const forced = Uint8Array.from(log)
  forced[0] = 2
  const none: readonly DigestItem[][] = [
    [],
    [delayed(1)],
    [{ type: 'Consensus', value: [utf8('BEEF'), log] }],
    [{ type: 'Seal', value: [engine, log] }],
    [{ type: 'PreRuntime', value: [engine, log] }],
    [{ type: 'Consensus', value: [engine, forced] }],
    [{ type: 'Consensus', value: [engine, log.subarray(0, -1)] }],
    [{ type: 'Consensus', value: [engine, Uint8Array.of(...log, 0)] }],
    [{ type: 'Consensus', value: [engine, new Uint8Array()] }],
    [{ type: 'Other', value: log }],
  ]
  for (const logs of none) expect(nextAfter(...logs)).toBe(set)
})
