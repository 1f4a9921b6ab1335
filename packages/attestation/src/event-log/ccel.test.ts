import { concatBytes, utf8 } from '@tacit/base'
import { native } from '@tacit/crypto/native'
import { describe, expect, test } from 'vitest'
import { u32, writeCcel, writeCcelTable, type CcelEvent } from '../testing/ccel-writer.ts'
import { flipped } from '../testing/kit.ts'
import { readCcelTable } from './ccel-table.ts'
import { parseCcel } from './ccel.ts'
import { verifyEventLog, type Registers } from './replay.ts'

const { hashes } = native
const SEPARATOR = Uint8Array.of(0, 0, 0, 0)
const BLOB = utf8('description of a firmware volume')

function hashed(index: number, type: number, payload: Uint8Array): CcelEvent {
  return { index, type, digests: [[12, hashes.sha384(payload)]], payload }
}

const EVENTS: readonly CcelEvent[] = [
  { index: 1, type: 0x8000_000b, digests: [[12, new Uint8Array(48).fill(5)]], payload: BLOB },
  hashed(1, 0x4, SEPARATOR),
  hashed(2, 0x8000_0007, utf8('Calling EFI Application from Boot Option')),
  {
    index: 3,
    type: 0xd,
    digests: [[12, hashes.sha384(utf8('console=ttyS0 ro'))]],
    payload: utf8('kernel_cmdline: console=ttyS0 ro\0'),
  },
]
const LOG = writeCcel(EVENTS)

function registersOf(events: readonly CcelEvent[]): Registers {
  const [, rtmr0 = zero(), rtmr1 = zero(), rtmr2 = zero(), rtmr3 = zero()] = [0, 1, 2, 3, 4].map(
    (register) =>
      events
        .filter(({ index }) => index === register)
        .reduce<Uint8Array>(
          (value, { digests }) => hashes.sha384(concatBytes(value, digests[0]?.[1] ?? zero())),
          zero(),
        ),
  )
  return { rtmr0, rtmr1, rtmr2, rtmr3 }
}

function zero(): Uint8Array {
  return new Uint8Array(48)
}

function codeOf(log: Uint8Array): string {
  const parsed = parseCcel(log)
  return parsed.ok ? 'ok' : parsed.error.code
}

function parsed(log: Uint8Array) {
  const result = parseCcel(log)
  if (!result.ok) throw new Error(result.error.code)
  return result.value
}

describe('a firmware log', () => {
  test('replays, and says of each event what the registers prove', () => {
    const verified = verifyEventLog(parsed(LOG), registersOf(EVENTS), hashes)
    if (!verified.ok) throw new Error(verified.error.code)
    expect(verified.value.map(({ register, proof }) => [register, proof])).toEqual([
      ['rtmr0', 'digest'],
      ['rtmr0', 'content'],
      ['rtmr1', 'content'],
      ['rtmr2', 'content'],
    ])
    expect(verified.value[0]?.payload).toBeUndefined()
    expect(verified.value[3]?.payload).toEqual(utf8('console=ttyS0 ro'))
  })

  test('a payload that is not what was hashed is left out, and the log still holds', () => {
    const other = EVENTS.map((event) => ({
      ...event,
      payload: utf8('kernel_cmdline: init=/bin/sh'),
    }))
    const verified = verifyEventLog(parsed(writeCcel(other)), registersOf(EVENTS), hashes)
    if (!verified.ok) throw new Error(verified.error.code)
    expect(verified.value.every(({ proof, payload }) => proof === 'digest' && !payload)).toBe(true)
  })

  test('events of MRTD and EV_NO_ACTION extend nothing', () => {
    const silent = [hashed(0, 0x8, utf8('firmware')), hashed(1, 0x3, utf8('StartupLocality'))]
    const log = parsed(writeCcel([...silent, ...EVENTS]))
    const verified = verifyEventLog(log, registersOf(EVENTS), hashes)
    if (!verified.ok) throw new Error(verified.error.code)
    const proofs = verified.value.slice(0, 2).map(({ proof, payload }) => [proof, payload])
    expect(proofs).toEqual([
      ['none', undefined],
      ['none', undefined],
    ])
  })

  test.each(['rtmr0', 'rtmr1', 'rtmr2', 'rtmr3'] as const)(
    '%s must be the replayed one',
    (name) => {
      const registers = registersOf(EVENTS)
      const other = { ...registers, [name]: flipped(registers[name], 47) }
      expect(verifyEventLog(parsed(LOG), other, hashes)).toEqual({
        ok: false,
        error: { code: 'register_mismatch', register: name },
      })
    },
  )

  test('a register that is not compared proves nothing', () => {
    const registers = { ...registersOf(EVENTS), rtmr2: zero() }
    const verified = verifyEventLog(parsed(LOG), registers, hashes, ['rtmr0', 'rtmr1', 'rtmr3'])
    if (!verified.ok) throw new Error(verified.error.code)
    expect(verified.value[3]).toMatchObject({ proof: 'none' })
    expect(verified.value[3]?.payload).toBeUndefined()
  })

  test('the order of events counts', () => {
    const swapped = [EVENTS[1], EVENTS[0], EVENTS[2], EVENTS[3]].flatMap((event) => event ?? [])
    const result = verifyEventLog(parsed(writeCcel(swapped)), registersOf(EVENTS), hashes)
    expect(result).toMatchObject({ error: { code: 'register_mismatch', register: 'rtmr0' } })
  })

  test("EV_EFI_VARIABLE_BOOT proves the variable's value without its name", () => {
    const value = utf8('\x01\0\0\0')
    const data = concatBytes(
      new Uint8Array(16),
      u32(2),
      u32(0),
      u32(4),
      u32(0),
      utf8('B\0O\0'),
      value,
    )
    const digests = [[12, hashes.sha384(value)]] as const
    const event = { index: 1, type: 0x8000_0002, digests, payload: data }
    const short = { ...event, payload: data.subarray(0, 20) }
    const lying = { ...event, payload: data.with(24, 9) }
    const log = [event, short, lying]
    const verified = verifyEventLog(parsed(writeCcel(log)), registersOf(log), hashes)
    if (!verified.ok) throw new Error(verified.error.code)
    expect(verified.value.map(({ payload }) => payload)).toEqual([value, undefined, undefined])
  })

  test('GRUB text of an unknown label proves a digest only', () => {
    const event = hashed(3, 0xd, utf8('shim: MokList'))
    const verified = verifyEventLog(parsed(writeCcel([event])), registersOf([event]), hashes)
    expect(verified).toMatchObject({ value: [{ proof: 'digest' }] })
  })
})

describe('the form of a log', () => {
  test('the unused rest of its area is not read, however large', () => {
    const padding = new Uint8Array(64 * 1024 * 1024).fill(0xff)
    const start = performance.now()
    expect(parsed(concatBytes(LOG, padding)).length).toBe(EVENTS.length)
    expect(parsed(concatBytes(LOG, padding.subarray(0, 5))).length).toBe(EVENTS.length)
    expect(parsed(concatBytes(LOG, new Uint8Array(4096))).length).toBe(EVENTS.length)
    // Copying the 64 MB in this test is the greater part.
    expect(performance.now() - start).toBeLessThan(2_000)
  })

  test('several algorithms, of which SHA-384 counts, also unknown ones of a declared length', () => {
    const algorithms = [
      [4, 20],
      [12, 48],
      [0x7777, 3],
    ] as const
    const digests = [
      [4, new Uint8Array(20)],
      [0x7777, new Uint8Array(3)],
      [12, hashes.sha384(SEPARATOR)],
    ] as const
    const log = writeCcel([{ index: 1, type: 4, digests, payload: SEPARATOR }], algorithms)
    expect(parsed(log)[0]?.digest).toEqual(hashes.sha384(SEPARATOR))
  })

  test('vendor information of the header is passed over', () => {
    expect(parsed(writeCcel(EVENTS, undefined, utf8('vendor'))).length).toBe(EVENTS.length)
  })

  test('truncation at every offset is an error, except between events', () => {
    const header = writeCcel([]).length
    const ends = EVENTS.map((_, at) => writeCcel(EVENTS.slice(0, at)).length)
    for (let length = 0; length < LOG.length; length++) {
      const expected = ends.includes(length) ? 'ok' : 'event_log_truncated'
      expect(codeOf(LOG.subarray(0, length)), `${length}`).toBe(expected)
    }
    expect(ends[0]).toBe(header)
  })

  const at = writeCcel([]).length
  const ALGORITHM = at + 12
  const PAYLOAD = at + 12 + 50
  const LOST = concatBytes(
    LOG,
    u32(1),
    u32(4),
    u32(2),
    Uint8Array.of(12, 0),
    zero(),
    Uint8Array.of(12, 0),
  )

  test.each([
    ['another first event', LOG.with(4, 4), 'event_log_header_invalid'],
    ['another signature', flipped(LOG, 32), 'event_log_header_invalid'],
    ['a header shorter than its fields', shortHeader(), 'event_log_header_invalid'],
    ['no algorithm', writeCcel([], []), 'event_log_header_invalid'],
    ['too many algorithms', manyAlgorithms(9), 'event_log_header_invalid'],
    ['an algorithm twice', manyAlgorithms(2, 12, 48), 'event_log_header_invalid'],
    ['SHA-384 of another length', writeCcel([], [[12, 32]]), 'event_log_header_invalid'],
    ['vendor information that does not close', LOG.with(64, 1), 'event_log_header_invalid'],
    ['a header longer than the log', LOG.with(31, 0x7f), 'event_log_truncated'],
    ['a payload longer than the log', LOG.with(PAYLOAD + 3, 0xff), 'event_log_truncated'],
    ['more digests than there are', LOG.with(at + 8, 2), 'event_log_algorithm_unknown'],
    ['an undeclared algorithm', LOG.with(ALGORITHM, 11), 'event_log_algorithm_unknown'],
    ['the same algorithm twice', LOST, 'event_log_algorithm_unknown'],
    ['no digest', LOG.with(at + 8, 0), 'event_digest_missing'],
    ['a fifth register', LOG.with(at, 5), 'event_register_unknown'],
    ['too many events', manyEvents(1025, 0), 'event_log_too_many_events'],
    ['as many events as allowed', manyEvents(1024, 0), 'ok'],
    ['too many bytes', manyEvents(3, 90_000), 'event_log_too_long'],
    ['nothing', new Uint8Array(), 'event_log_truncated'],
  ])('%s', (_, log, code) => {
    expect(codeOf(log)).toBe(code)
  })

  test('no single changed byte of the events goes unnoticed by form and registers together', () => {
    const registers = registersOf(EVENTS)
    const lengths = new Set<string>()
    for (let offset = at; offset < LOG.length; offset++) {
      const log = parseCcel(flipped(LOG, offset))
      const verified = log.ok ? verifyEventLog(log.value, registers, hashes) : log
      lengths.add(verified.ok ? 'unproved' : verified.error.code)
      if (!verified.ok) continue
      // What holds still says nothing that was not measured: types of firmware events and payloads
      // are outside of the digests.
      const contents = verified.value.flatMap(({ payload }) => payload ?? [])
      const honest = EVENTS.map(({ payload }) => new TextDecoder().decode(payload)).join()
      for (const content of contents) expect(honest).toContain(new TextDecoder().decode(content))
    }
    expect([...lengths].toSorted()).toEqual([
      'event_digest_missing',
      'event_log_algorithm_unknown',
      'event_log_truncated',
      'event_register_unknown',
      'register_mismatch',
      'unproved',
    ])
  })

  function manyEvents(count: number, payloadBytes: number): Uint8Array {
    return writeCcel(
      Array.from({ length: count }, () => hashed(1, 4, new Uint8Array(payloadBytes))),
    )
  }

  function manyAlgorithms(count: number, first?: number, bytes = 1): Uint8Array {
    return writeCcel(
      [],
      Array.from({ length: count }, (_, index) => [first ?? 20 + index, bytes]),
    )
  }

  function shortHeader(): Uint8Array {
    return concatBytes(u32(0), u32(3), new Uint8Array(20), u32(16), utf8('Spec ID Event03\0'))
  }
})

describe('the ACPI table', () => {
  const TABLE = writeCcelTable(0x1_0000)

  test('is read', () => {
    expect(readCcelTable(TABLE)).toEqual({
      ok: true,
      value: { logAreaBytes: 0x1_0000n, logAreaAddress: 0x7b4d_0000n },
    })
  })

  test('may stand before the log', () => {
    expect(parsed(concatBytes(TABLE, LOG))).toEqual(parsed(LOG))
    expect(codeOf(concatBytes(flipped(TABLE, 20), LOG))).toBe('event_log_table_invalid')
    expect(codeOf(TABLE)).toBe('event_log_truncated')
  })

  test.each([
    ['short', TABLE.subarray(0, 55), 0],
    ['of another kind', flipped(TABLE, 0), 0],
    ['of another length', TABLE.with(4, 57), 4],
    ['with a wrong checksum', flipped(TABLE, 9), 9],
    ['of an SEV guest', writeCcelTable(0x1_0000, 1), 36],
  ])('%s is refused', (_, table, at) => {
    expect(readCcelTable(table)).toEqual({
      ok: false,
      error: { code: 'event_log_table_invalid', at },
    })
  })
})
