import { basename } from 'node:path'
import { describe, expect, test } from 'vitest'
import { err, ok, utf8 } from '@tacit/base'
import { createDevPlatform } from '@tacit/platform-dev'
import { filled } from '../testing/test-bytes.ts'
import type { DeviceFiles } from './device-files.ts'
import { gramine } from './gramine.ts'

const platform = createDevPlatform({ seed: filled(7), now: 1_780_000_000 })
const enclave = platform.launchEnclave({
  mrEnclave: filled(2),
  mrSigner: filled(3),
  isvProdId: 1,
  isvSvn: 1,
})
const unavailable = (reason: string) => err({ code: 'evidence_unavailable', reason })

interface FakeGramine extends DeviceFiles {
  type: string
  userReportData: Uint8Array
  /** Called before each call; an errno makes it fail instead. */
  before: (call: string) => string | undefined
  readonly calls: string[]
}

/** /dev/attestation: one place for all of an enclave's processes. */
function createFake(): FakeGramine {
  const begin = (call: string): string | undefined => {
    fake.calls.push(call)
    return fake.before(call)
  }
  const fake: FakeGramine = {
    type: 'dcap',
    userReportData: new Uint8Array(64),
    before: () => undefined,
    calls: [],
    makeDirectory: async () => err({ errno: 'EACCES' }),
    removeDirectory: async () => err({ errno: 'EACCES' }),
    read: async (path) => {
      const errno = begin(`read ${basename(path)}`)
      if (errno !== undefined) return err({ errno })
      if (basename(path) === 'attestation_type') return ok(utf8(fake.type))
      return ok(enclave.quote(fake.userReportData))
    },
    write: async (path, bytes) => {
      const errno = begin(`write ${basename(path)}`)
      if (errno !== undefined) return err({ errno })
      fake.userReportData = bytes.slice()
      return ok()
    },
  }
  return fake
}

const sourceOf = (files: DeviceFiles) =>
  gramine({ files, root: '/dev/attestation', sleep: async () => {}, timeoutMs: 1_000 })

describe('Gramine', () => {
  test('turns report data into a quote', async () => {
    const fake = createFake()
    const source = sourceOf(fake)
    expect([source.name, source.untestedOnHardware]).toEqual(['gramine', true])
    const data = filled(9, 64)
    expect(await source.collect(data)).toEqual(
      ok({ type: 'Dcap', value: { quote: enclave.quote(data) } }),
    )
    expect(fake.calls).toEqual(['read attestation_type', 'write user_report_data', 'read quote'])
  })

  test('is asked by one at a time', async () => {
    const source = sourceOf(createFake())
    const data = Array.from({ length: 5 }, (_, at) => filled(at, 64))
    const found = await Promise.all(data.map((one) => source.collect(one)))
    expect(found).toEqual(
      data.map((one) => ok({ type: 'Dcap', value: { quote: enclave.quote(one) } })),
    )
  })

  test('is asked again when another process wrote in between, at most four times', async () => {
    const fake = createFake()
    let others = 3
    fake.before = (call) => {
      if (call === 'read quote' && others-- > 0) fake.userReportData = filled(1, 64)
      return undefined
    }
    expect(await sourceOf(fake).collect(filled(9, 64))).toMatchObject({ ok: true })
    others = 4
    expect(await sourceOf(fake).collect(filled(9, 64))).toEqual(unavailable('report_data_mismatch'))
  })

  test.each(['none', 'epid', 'DCAP', ''])('with attestation type %s is refused', async (type) => {
    const fake = createFake()
    fake.type = type
    expect(await sourceOf(fake).collect(filled(9, 64))).toEqual(
      unavailable('attestation_type_wrong'),
    )
    fake.type = 'dcap\n'
    expect(await sourceOf(fake).collect(filled(9, 64))).toMatchObject({ ok: true })
  })

  test.each([
    ['read attestation_type', 'ENOENT', 'device_missing'],
    ['write user_report_data', 'EACCES', 'device_denied'],
    ['read quote', 'EIO', 'device_failed'],
    ['read quote', 'EFBIG', 'device_too_large'],
    ['read quote', 'EBUSY', 'device_busy'],
  ])('that fails to %s with %s is %s', async (failing, errno, reason) => {
    const fake = createFake()
    fake.before = (call) => (call === failing ? errno : undefined)
    expect(await sourceOf(fake).collect(filled(9, 64))).toEqual(unavailable(reason))
  })

  test('report data of another length is a bug of ours', async () => {
    await expect(sourceOf(createFake()).collect(filled(1, 63))).rejects.toThrow('64 bytes')
  })
})
