import { bytesToHex, concatBytes, utf8 } from '@tacit/base'
import { native } from '@tacit/crypto/native'
import { portable } from '@tacit/crypto/portable'
import { describe, expect, test } from 'vitest'
import type { TdReport } from '../dcap/td-report.ts'
import {
  decide,
  evidenceFolder,
  flipped,
  hex,
  loadBundles,
  readListedFile,
} from '../testing/kit.ts'
import { parseDstackLog } from './dstack-log.ts'
import { parseDstackReport, verifyDstackReport, type DstackReport } from './dstack-report.ts'
import { DSTACK_EVENT } from './event.ts'
import { dstackDigest, proveEvent } from './prove-event.ts'

const { hashes } = native
const COMPOSE = new Uint8Array(32).fill(0xc0)
const APP = new Uint8Array(20).fill(0xa0)
const IMAGE = new Uint8Array(32).fill(0x05)
const KEY_PROVIDER = utf8('{"name":"kms","id":"0102"}')

interface Item {
  readonly imr: number
  readonly event_type: number
  readonly digest?: string
  readonly event: string
  readonly event_payload: string
  readonly version?: number
}

function item(event: string, payload: Uint8Array, version: 1 | 2 = 1): Item {
  const digest = bytesToHex(dstackDigest(version, event, payload, hashes) ?? new Uint8Array())
  const event_payload = bytesToHex(payload)
  return { imr: 3, event_type: DSTACK_EVENT, digest, event, event_payload }
}

const BOOT: readonly Item[] = [
  item('system-preparing', utf8('')),
  item('app-id', APP),
  item('compose-hash', COMPOSE),
  item('instance-id', APP),
  item('os-image-hash', IMAGE),
  item('key-provider', KEY_PROVIDER),
  item('system-ready', utf8('')),
  item('custom', utf8('of the program')),
]

const ZERO = new Uint8Array(48)

function rtmr3(items: readonly Item[]): Uint8Array {
  return items.reduce<Uint8Array>((value, { digest = '' }) => {
    return hashes.sha384(concatBytes(value, hex(digest)))
  }, ZERO)
}

function td(items: readonly Item[], mrConfigId: Uint8Array = ZERO): TdReport {
  const reportData = new Uint8Array(64).with(0, 7)
  const registers = { rtmr0: ZERO, rtmr1: ZERO, rtmr2: ZERO, rtmr3: rtmr3(items) }
  return { ...registers, reportData, mrConfigId } as unknown as TdReport
}

function parsed(items: readonly object[]): DstackReport {
  const log = parseDstackLog(utf8(JSON.stringify(items)))
  if (!log.ok) throw new Error(JSON.stringify(log.error))
  const reportData = Uint8Array.of(7)
  return { quote: new Uint8Array(), log: log.value, reportData, osImageHash: undefined }
}

function codeOf(report: DstackReport, report_: TdReport): string {
  const verified = verifyDstackReport(report, report_, hashes)
  return verified.ok ? 'ok' : verified.error.code
}

describe('digests', () => {
  // Preimages after Dstack-TEE/dstack@312dc605:dstack/cc-eventlog/src/runtime_events.rs.
  test('format 1 joins type, name and payload by colons', () => {
    const preimage = concatBytes(hex('01000008'), utf8(':app-id:'), hex('deadbeef'))
    expect(dstackDigest(1, 'app-id', hex('deadbeef'), hashes)).toEqual(hashes.sha384(preimage))
  })

  test('format 2 is canonical JSON', () => {
    const preimage = utf8('{"name":"a\\"b","payload":"abcd","type":134217729}')
    expect(dstackDigest(2, 'a"b', hex('abcd'), hashes)).toEqual(hashes.sha384(preimage))
  })

  test('a name with a colon could be cut elsewhere in format 1 and is refused there', () => {
    expect(dstackDigest(1, 'app-id:x', APP, hashes)).toBeUndefined()
    expect(dstackDigest(2, 'app-id:x', APP, hashes)).toHaveLength(48)
    expect(dstackDigest(2, '\ud800', APP, hashes)).toBeUndefined()
  })
})

describe('a log', () => {
  test('names the program by what was measured before it ran', () => {
    const verified = verifyDstackReport(parsed(BOOT), td(BOOT), hashes)
    if (!verified.ok) throw new Error(verified.error.code)
    expect(verified.value).toMatchObject({
      appId: APP,
      composeHash: COMPOSE,
      instanceId: APP,
      osImageHash: IMAGE,
      keyProvider: { name: 'kms', id: '0102' },
      configuration: 'none',
    })
    expect(verified.value.events.at(-1)).toMatchObject({ name: 'custom', proof: 'content' })
  })

  test('both formats, mixed, with and without digests', () => {
    const mixed = BOOT.map(({ event, event_payload }, at) => {
      return item(event, hex(event_payload), at % 2 === 0 ? 1 : 2)
    })
    const bare = mixed.map((one, at) => {
      return at % 2 === 0 ? { ...one, digest: '' } : { ...one, digest: undefined, version: 2 }
    })
    expect(codeOf(parsed(mixed), td(mixed))).toBe('ok')
    expect(codeOf(parsed(bare), td(mixed))).toBe('ok')
  })

  test.each([
    ['name', { event: 'app-ie' }],
    ['payload', { event_payload: 'ff'.repeat(20) }],
    ['digest', { digest: '00'.repeat(48) }],
    ['version', { version: 2 }],
  ])('a changed %s is seen by the digest', (_, change) => {
    const changed = BOOT.map((one) => (one.event === 'app-id' ? { ...one, ...change } : one))
    expect(verifyDstackReport(parsed(changed), td(BOOT), hashes)).toEqual({
      ok: false,
      error: { code: 'event_digest_mismatch', event: 1 },
    })
  })

  test('a digest that a firmware event leaves out cannot be computed', () => {
    const event = { register: 'rtmr0', type: 4, digest: undefined, name: '' } as const
    const logged = { ...event, payload: utf8(''), version: undefined }
    expect(proveEvent(logged, 9, hashes)).toEqual({
      ok: false,
      error: { code: 'event_digest_mismatch', event: 9 },
    })
  })

  test('a dstack event of MRTD is none', () => {
    const [logged] = parsed(BOOT).log
    if (logged === undefined) throw new Error('empty')
    expect(proveEvent({ ...logged, register: 'mrtd' }, 0, hashes).ok).toBe(false)
  })

  test('a missing, added or moved event is seen by the register', () => {
    const logs = [BOOT.slice(1), [...BOOT, item('more', utf8(''))], BOOT.toReversed()]
    for (const log of logs) expect(codeOf(parsed(log), td(BOOT))).toBe('register_mismatch')
  })

  test('the program cannot name itself once the system is ready', () => {
    const late = [
      ...BOOT.filter(({ event }) => event !== 'os-image-hash'),
      item('os-image-hash', APP),
    ]
    const verified = verifyDstackReport(parsed(late), td(late), hashes)
    expect(verified).toMatchObject({ ok: true, value: { osImageHash: undefined } })
  })

  test('nothing is named where the system was never ready', () => {
    const early = BOOT.slice(0, 4)
    const verified = verifyDstackReport(parsed(early), td(early), hashes)
    expect(verified).toMatchObject({ ok: true, value: { appId: undefined } })
  })

  test('nor where that event is called by another type', () => {
    const hidden = BOOT.map((one) => {
      return one.event === 'system-ready' ? { ...one, event_type: 4 } : one
    })
    expect(verifyDstackReport(parsed(hidden), td(BOOT), hashes)).toEqual({
      ok: false,
      error: { code: 'event_unproved', event: 6 },
    })
  })

  test('whoever hands the log on cannot hide events behind another type', () => {
    const forged = [...BOOT.slice(0, -1), ...BOOT]
    const relabelled = forged.map((one, at) => (at < 7 ? { ...one, event_type: 4 } : one))
    expect(verifyDstackReport(parsed(relabelled), td(forged), hashes)).toEqual({
      ok: false,
      error: { code: 'event_unproved', event: 0 },
    })
  })

  test('an event that names the program comes once', () => {
    const twice = [item('app-id', COMPOSE.subarray(0, 20)), ...BOOT]
    expect(verifyDstackReport(parsed(twice), td(twice), hashes)).toEqual({
      ok: false,
      error: { code: 'event_repeated', name: 'app-id' },
    })
  })

  test('a key provider that is not written as dstack writes it is not named', () => {
    const other = [item('key-provider', utf8('kms')), item('system-ready', utf8(''))]
    const verified = verifyDstackReport(parsed(other), td(other), hashes)
    expect(verified).toMatchObject({ ok: true, value: { keyProvider: undefined } })
  })
})

describe('what stands beside the log', () => {
  test('report data is as the caller gave it, padded with zeros', () => {
    const report = parsed(BOOT)
    expect(codeOf({ ...report, reportData: undefined }, td(BOOT))).toBe('ok')
    const other = { ...report, reportData: Uint8Array.of(8) }
    expect(codeOf(other, td(BOOT))).toBe('report_data_mismatch')
  })

  test('the image is the measured one', () => {
    expect(codeOf({ ...parsed(BOOT), osImageHash: IMAGE }, td(BOOT))).toBe('ok')
    const other = { ...parsed(BOOT), osImageHash: flipped(IMAGE, 0) }
    expect(codeOf(other, td(BOOT))).toBe('os_image_hash_mismatch')
  })

  test('MRCONFIGID of format 1 binds the compose file', () => {
    const id = concatBytes(Uint8Array.of(1), COMPOSE, new Uint8Array(15))
    const bound = verifyDstackReport(parsed(BOOT), td(BOOT, id), hashes)
    expect(bound).toMatchObject({ ok: true, value: { configuration: 'compose' } })
    for (const at of [1, 32, 47]) {
      expect(codeOf(parsed(BOOT), td(BOOT, flipped(id, at)))).toBe('mr_config_id_mismatch')
    }
    const silent = BOOT.filter(({ event }) => event !== 'compose-hash')
    expect(codeOf(parsed(silent), td(silent, id))).toBe('mr_config_id_mismatch')
  })

  test('MRCONFIGID of format 2 binds program and key provider', () => {
    const hash = hashes.keccak256(concatBytes(COMPOSE, APP, Uint8Array.of(2), hex('0102')))
    const id = concatBytes(Uint8Array.of(2), hash, new Uint8Array(15))
    const bound = verifyDstackReport(parsed(BOOT), td(BOOT, id), hashes)
    expect(bound).toMatchObject({ ok: true, value: { configuration: 'program' } })
    const other = BOOT.map((one) => {
      return one.event === 'key-provider'
        ? item('key-provider', utf8('{"name":"tpm","id":""}'))
        : one
    })
    expect(codeOf(parsed(other), td(other, id))).toBe('mr_config_id_mismatch')
    const unknown = BOOT.map((one) => {
      return one.event === 'key-provider' ? item('key-provider', utf8('{"name":"x","id":""}')) : one
    })
    expect(codeOf(parsed(unknown), td(unknown, id))).toBe('mr_config_id_mismatch')
  })

  test('MRCONFIGID of another format is said to be unchecked', () => {
    const verified = verifyDstackReport(parsed(BOOT), td(BOOT, ZERO.with(0, 3)), hashes)
    expect(verified).toMatchObject({ ok: true, value: { configuration: 'unchecked' } })
  })
})

describe('form', () => {
  const [first] = BOOT

  test.each([
    ['no array', {}, 'value_invalid', ''],
    ['too many events', Array.from({ length: 1025 }, () => first), 'too_many', ''],
    ['no register', [{ ...first, imr: undefined }], 'missing', '[0].imr'],
    ['a fifth register', [{ ...first, imr: 4 }], 'value_invalid', '[0].imr'],
    ['a type out of range', [{ ...first, event_type: 2 ** 32 }], 'value_invalid', '[0].event_type'],
    ['a short digest', [{ ...first, digest: '00' }], 'value_invalid', '[0].digest'],
    ['no digest', [{ ...first, event_type: 4, digest: '' }], 'value_invalid', '[0].digest'],
    ['a missing digest', [{ imr: 0, event_type: 4 }], 'missing', '[0].digest'],
    ['a long name', [{ ...first, event: 'x'.repeat(257) }], 'value_invalid', '[0].event'],
    ['a payload', [{ ...first, event_payload: 'xx' }], 'value_invalid', '[0].event_payload'],
    ['a version', [{ ...first, version: 3 }], 'value_invalid', '[0].version'],
  ])('%s', (_, log, reason, path) => {
    expect(parseDstackLog(utf8(JSON.stringify(log)))).toEqual({
      ok: false,
      error: { code: 'event_log_malformed', reason, path },
    })
  })

  test('a log is at most 256 KiB of JSON', () => {
    expect(parseDstackLog(new Uint8Array(256 * 1024 + 1))).toMatchObject({
      error: { code: 'event_log_malformed', reason: 'too_long' },
    })
    expect(parseDstackLog(utf8('['))).toMatchObject({ error: { reason: 'not_json' } })
  })

  const REPORT = { quote: '00', event_log: '[]', report_data: '07', vm_config: '{}' }

  test.each([
    ['quote', 'zz', 'dstack_report_malformed', 'quote'],
    ['quote', undefined, 'dstack_report_malformed', 'quote'],
    ['event_log', [], 'dstack_report_malformed', 'event_log'],
    ['event_log', '{}', 'event_log_malformed', ''],
    ['report_data', '00'.repeat(65), 'dstack_report_malformed', 'report_data'],
    ['vm_config', '[', 'dstack_report_malformed', 'vm_config'],
    ['vm_config', '{"os_image_hash":"00"}', 'dstack_report_malformed', 'vm_config'],
  ])('a report with another %s: %j', (field, value, code, path) => {
    const text = utf8(JSON.stringify({ ...REPORT, [field]: value }))
    expect(parseDstackReport(text)).toMatchObject({ ok: false, error: { code, path } })
  })

  test('report data and configuration may be absent, and the image unnamed', () => {
    const text = utf8(JSON.stringify({ quote: '00', event_log: '[]', vm_config: '' }))
    expect(parseDstackReport(text)).toEqual({
      ok: true,
      value: { quote: Uint8Array.of(0), log: [], reportData: undefined, osImageHash: undefined },
    })
    const unnamed = utf8(JSON.stringify({ ...REPORT, vm_config: '{"os_image_hash":""}' }))
    expect(parseDstackReport(unnamed)).toMatchObject({ value: { osImageHash: undefined } })
  })
})

describe.runIf(evidenceFolder !== undefined)('a real report', () => {
  function real(): { report: DstackReport; verdict: TdReport } {
    const text = readListedFile(evidenceFolder ?? '', 'dcap/dstack-quote-report.json')
    const report = parseDstackReport(text)
    if (!report.ok) throw new Error(JSON.stringify(report.error))
    const bundle = loadBundles().find(({ name }) => name === 'tdx-v4-dstack')
    if (bundle === undefined) throw new Error('no bundle')
    const decided = decide({ ...bundle.input, quote: report.value.quote })
    if (!decided.ok || decided.value.tee !== 'tdx') throw new Error('not verified')
    return { report: report.value, verdict: decided.value }
  }

  test.each([native, portable])(
    'proves all of its 28 events with the $name provider',
    (provider) => {
      const { report, verdict } = real()
      const verified = verifyDstackReport(report, verdict, provider.hashes)
      if (!verified.ok) throw new Error(verified.error.code)
      const { events, appId, composeHash, keyProvider, osImageHash, configuration } = verified.value
      const proofs = events.map(({ proof }) => proof)
      expect(proofs.filter((proof) => proof === 'content')).toHaveLength(20)
      expect(proofs.filter((proof) => proof === 'digest')).toHaveLength(8)
      expect(events.slice(20).map(({ name }) => name)).toEqual([
        'system-preparing',
        'app-id',
        'compose-hash',
        'instance-id',
        'boot-mr-done',
        'key-provider',
        'system-ready',
        'LIUM_MINER_HOTKEY',
      ])
      expect(bytesToHex(composeHash ?? ZERO)).toBe(
        '3763bc34552cf3a27ff71ad5f7a90471562a1a2df552dfc1998cba2d60da27e7',
      )
      expect(appId).toEqual(composeHash?.subarray(0, 20))
      expect(keyProvider?.name).toBe('local-sgx')
      // The configuration names an image, but this version of dstack did not measure it.
      expect(report.osImageHash).toHaveLength(32)
      expect([osImageHash, configuration]).toEqual([undefined, 'none'])
    },
  )

  test('no changed byte of a digest passes', () => {
    const { report, verdict } = real()
    report.log.forEach((event, at) => {
      const digest = flipped(event.digest ?? ZERO, at % 48)
      const log = report.log.with(at, { ...event, digest })
      const code = codeOf({ ...report, log }, verdict)
      expect(code).toBe(at < 20 ? 'register_mismatch' : 'event_digest_mismatch')
    })
  })
})
