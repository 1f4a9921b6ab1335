import { mkdtemp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { concatBytes, err, ok, unwrap, utf8 } from '@tacit/base'
import { createDevAmd, createDevPlatform } from '@tacit/platform-dev'
import { advance, createFakeTsm, type FakeTsm, type FakeTsmOptions } from '../testing/fake-tsm.ts'
import { filled, seededRandom } from '../testing/test-bytes.ts'
import { configfsTsm, readTsmProvider, type TsmOptions } from './configfs-tsm.ts'
import { nodeFiles, type DeviceFiles } from './device-files.ts'
import type { EvidenceSource } from './evidence-source.ts'

const REPORT_DATA = filled(9, 64)
const platform = createDevPlatform({ seed: filled(7), now: 1_780_000_000 })
const td = platform.launchTd({ image: filled(1, 48), role: 'contracts' })
const unavailable = (reason: string) => err({ code: 'evidence_unavailable', reason })

const amd = createDevAmd({ seed: filled(7), now: 1_780_000_000 })

function snpReport(inblob: Uint8Array, vmpl = 0, signingKey: 'vcek' | 'vlek' = 'vcek'): Uint8Array {
  return amd.launchGuest({ measurement: filled(1, 48), vmpl, signingKey }).report(inblob)
}

/** The host's certificates as the GHCB has them. */
function table(...entries: readonly (readonly [guid: string, certificate: Uint8Array])[]) {
  const head = new Uint8Array(24 * (entries.length + 1))
  const view = new DataView(head.buffer)
  let offset = head.length
  for (const [at, [guid, certificate]] of entries.entries()) {
    head.set(Buffer.from(guid.replaceAll('-', ''), 'hex'), 24 * at)
    view.setUint32(24 * at + 16, offset, true)
    view.setUint32(24 * at + 20, certificate.length, true)
    offset += certificate.length
  }
  return concatBytes(head, ...entries.map(([, certificate]) => certificate))
}
const VCEK = '63da758d-e664-4564-adc5-f4b93be8accd'
const VLEK = 'a8074bc2-a25a-483e-aae6-39c045a0b8a1'
const ASK = '4ab7b379-bbac-4fe4-a02f-05aef327c782'

const TDX: FakeTsmOptions = { provider: 'tdx_guest', report: (data) => td.quote(data) }
const SNP: FakeTsmOptions = {
  provider: 'sev_guest',
  report: (data, vmpl) => snpReport(data, vmpl),
  auxblob: table([ASK, utf8('ask')], [VCEK, utf8('vcek')], [VLEK, utf8('vlek')]),
  privlevelFloor: 0,
}

interface World {
  readonly tsm: FakeTsm
  readonly pauses: number[]
  readonly source: EvidenceSource
}

function world(options: FakeTsmOptions, more: Partial<TsmOptions> = {}): World {
  const tsm = createFakeTsm(options)
  const pauses: number[] = []
  const source = configfsTsm({
    files: tsm,
    root: tsm.root,
    provider: 'tdx_guest',
    random: seededRandom('names'),
    sleep: (ms) => {
      pauses.push(ms)
      return Promise.resolve()
    },
    timeoutMs: 1_000,
    ...more,
  })
  return { tsm, pauses, source }
}

describe('TDX', () => {
  test('gives the quote, by one write in an entry of its own that is gone afterwards', async () => {
    const { tsm, source } = world(TDX)
    expect([source.name, source.untestedOnHardware]).toEqual(['tdx', true])
    expect(await source.collect(REPORT_DATA)).toEqual(
      ok({ type: 'Dcap', value: { quote: td.quote(REPORT_DATA) } }),
    )
    expect(tsm.calls).toEqual([
      'mkdir',
      'read provider',
      'read generation',
      'read privlevel_floor',
      'write inblob',
      'read outblob',
      'read generation',
      'rmdir',
    ])
    expect(tsm.entries.size).toBe(0)
  })

  test('many ask at once and each gets its own', async () => {
    const { tsm, source } = world(TDX)
    const data = Array.from({ length: 5 }, (_, at) => filled(at + 1, 64))
    const found = await Promise.all(data.map((one) => source.collect(one)))
    expect(found.map((one) => one.ok)).toEqual([true, true, true, true, true])
    expect(tsm.entries.size).toBe(0)
  })

  test('takes a generation at the end of its range', async () => {
    const { source } = world({ ...TDX, firstGeneration: 2n ** 64n - 1n })
    expect(await source.collect(REPORT_DATA)).toMatchObject({ ok: true })
  })

  test('is refused under another driver, or none', async () => {
    const { tsm, source } = world(SNP)
    expect(await source.collect(REPORT_DATA)).toEqual(unavailable('provider_mismatch'))
    expect(tsm.entries.size).toBe(0)
    const none = world({ ...TDX, provider: undefined })
    expect(await none.source.collect(REPORT_DATA)).toEqual(unavailable('provider_missing'))
  })
})

describe('another writer', () => {
  test('once is seen by the generation, and the request made anew', async () => {
    const { tsm, pauses, source } = world(TDX)
    let raced = false
    tsm.before = (call, entry) => {
      if (call === 'read outblob' && entry && !raced) {
        raced = true
        advance(entry)
        entry.inblob = filled(1, 64)
      }
      return undefined
    }
    expect(await source.collect(REPORT_DATA)).toMatchObject({ ok: true })
    expect(pauses).toEqual([20])
    expect(tsm.entries.size).toBe(0)
  })

  test('each time ends in a code, after six attempts', async () => {
    const { tsm, pauses, source } = world(TDX)
    tsm.before = (call, entry) => {
      if (call === 'write inblob' && entry) advance(entry)
      return undefined
    }
    expect(await source.collect(REPORT_DATA)).toEqual(unavailable('generation_raced'))
    expect(pauses).toEqual([20, 40, 80, 160, 320])
    expect(tsm.entries.size).toBe(0)
  })

  test('that swaps the report under the same generation is seen by the report data', async () => {
    const { source } = world({ ...TDX, report: () => td.quote(filled(1, 64)) })
    expect(await source.collect(REPORT_DATA)).toEqual(unavailable('report_data_mismatch'))
  })

  test('a write that the kernel lost without a word is seen by the generation', async () => {
    const { tsm } = world(TDX)
    const lossy: DeviceFiles = { ...tsm, write: () => Promise.resolve(ok()) }
    const { source } = world(TDX, { files: lossy })
    expect(await source.collect(REPORT_DATA)).toEqual(unavailable('device_failed'))
    // Where an older report stands in the entry, the kernel even answers.
    tsm.before = (_, entry) => {
      if (entry) entry.inblob = REPORT_DATA
      return undefined
    }
    expect(await source.collect(REPORT_DATA)).toEqual(unavailable('generation_raced'))
  })
})

describe('the kernel', () => {
  test.each(['EBUSY', 'EINTR', 'EAGAIN'])('that is busy (%s) is asked again', async (errno) => {
    for (const busy of ['mkdir', 'write inblob', 'read outblob', 'read generation', 'rmdir']) {
      const { tsm, source } = world(TDX)
      let count = 0
      tsm.before = (call) => (call === busy && count++ < 2 ? errno : undefined)
      expect([busy, await source.collect(REPORT_DATA)]).toMatchObject([busy, { ok: true }])
      expect(tsm.entries.size).toBe(0)
    }
  })

  test.each([
    ['EBUSY', 'device_busy'],
    ['EACCES', 'device_denied'],
    ['EPERM', 'device_denied'],
    ['ENOENT', 'device_missing'],
    ['ENXIO', 'provider_missing'],
    ['EFBIG', 'device_too_large'],
    ['EIO', 'device_failed'],
    ['ESHORT', 'device_failed'],
  ])('that answers %s forever makes it %s', async (errno, reason) => {
    for (const failing of ['mkdir', 'read provider', 'write inblob', 'read outblob']) {
      const { tsm, source } = world(TDX)
      tsm.before = (call) => (call === failing ? errno : undefined)
      expect(await source.collect(REPORT_DATA)).toEqual(unavailable(reason))
      expect(tsm.entries.size).toBe(0)
    }
  })

  test('whose entry has the name already gives another', async () => {
    const { tsm, source } = world(TDX)
    const taken = `${tsm.root}/tacit-${Buffer.from(seededRandom('names')(8)).toString('hex')}`
    unwrap(await tsm.makeDirectory(taken))
    expect(await source.collect(REPORT_DATA)).toMatchObject({ ok: true })
    expect([...tsm.entries.keys()]).toEqual([taken])
  })

  test('that will not remove an entry costs no evidence', async () => {
    const { tsm, source } = world(TDX)
    tsm.before = (call) => (call === 'rmdir' ? 'EBUSY' : undefined)
    expect(await source.collect(REPORT_DATA)).toMatchObject({ ok: true })
    expect(tsm.calls.filter((call) => call === 'rmdir')).toHaveLength(3)
  })

  test('that speaks nonsense is told so', async () => {
    const odd = (path: string, bytes: Uint8Array): World => {
      const tsm = createFakeTsm(TDX)
      const read: DeviceFiles['read'] = (at, max) =>
        basename(at) === path ? Promise.resolve(ok(bytes)) : tsm.read(at, max)
      return world(TDX, { files: { ...tsm, read } })
    }
    for (const text of ['', 'x', '-1', '1'.repeat(21)]) {
      const { source } = odd('generation', utf8(text))
      expect(await source.collect(REPORT_DATA)).toEqual(unavailable('evidence_malformed'))
    }
    const { source } = odd('provider', Uint8Array.of(0xff))
    expect(await source.collect(REPORT_DATA)).toEqual(unavailable('evidence_malformed'))
  })

  test('that is silent is out of time, and is left alone until it answers', async () => {
    const { tsm } = world(TDX)
    let release = (): void => {}
    const read: DeviceFiles['read'] = async (path, max) => {
      if (basename(path) === 'outblob') await new Promise<void>((resolve) => (release = resolve))
      return tsm.read(path, max)
    }
    const { source } = world(TDX, { files: { ...tsm, read }, timeoutMs: 50 })
    expect(await source.collect(REPORT_DATA)).toEqual(unavailable('timeout'))
    expect(await source.collect(REPORT_DATA)).toEqual(unavailable('platform_stuck'))
    release()
    await new Promise((resolve) => setImmediate(resolve))
    expect(tsm.entries.size).toBe(0)
    const again = source.collect(REPORT_DATA)
    await new Promise((resolve) => setImmediate(resolve))
    release()
    expect(await again).toMatchObject({ ok: true })
  })
})

describe('SEV-SNP', () => {
  const snp = (options: Partial<FakeTsmOptions> = {}, more: Partial<TsmOptions> = {}): World =>
    world({ ...SNP, ...options }, { provider: 'sev_guest', ...more })

  test('gives the report with the certificate that it is signed under', async () => {
    const { tsm, source } = snp()
    expect(source.name).toBe('sev-snp')
    expect(await source.collect(REPORT_DATA)).toEqual(
      ok({ type: 'SevSnp', value: { report: snpReport(REPORT_DATA), certificate: utf8('vcek') } }),
    )
    expect(tsm.calls.slice(3, 8)).toEqual([
      'read privlevel_floor',
      'write privlevel',
      'write inblob',
      'read outblob',
      'read auxblob',
    ])
    const leased = snp({ report: (data) => snpReport(data, 0, 'vlek') })
    expect(await leased.source.collect(REPORT_DATA)).toMatchObject({
      value: { value: { certificate: utf8('vlek') } },
    })
  })

  test.each([
    ['is not there', undefined],
    ['is empty', new Uint8Array()],
    ['has no such certificate', table([ASK, utf8('ask')])],
    ['points outside', table([VCEK, utf8('vcek')]).subarray(0, -1)],
    ['has an empty one', table([VCEK, new Uint8Array()])],
    ['is cut', table([VCEK, utf8('vcek')]).subarray(0, 20)],
    ['has no end', concatBytes(...Array.from({ length: 40 }, () => filled(1, 24)))],
  ])("takes the operator's certificate where the host's table %s", async (_, auxblob) => {
    const host = { auxblob } as Partial<FakeTsmOptions>
    expect(await snp(host).source.collect(REPORT_DATA)).toEqual(unavailable('certificate_missing'))
    const given = snp(host, { certificate: utf8('mine') })
    expect(await given.source.collect(REPORT_DATA)).toMatchObject({
      value: { value: { certificate: utf8('mine') } },
    })
  })

  test('reports for the level that was asked for, or the lowest that is allowed', async () => {
    const level = async (floor: number, privilegeLevel?: number): Promise<unknown> => {
      const more = privilegeLevel === undefined ? {} : { privilegeLevel }
      const found = await snp({ privlevelFloor: floor }, more).source.collect(REPORT_DATA)
      return found.ok && found.value.type === 'SevSnp' ? found.value.value.report[0x30] : found
    }
    expect(await level(0)).toBe(0)
    expect(await level(2)).toBe(2)
    expect(await level(0, 3)).toBe(3)
    expect(await level(2, 1)).toEqual(unavailable('device_denied'))
    expect(await level(0, 4)).toEqual(unavailable('device_failed'))
  })

  test('a level where the kernel knows none is refused', async () => {
    const { privlevelFloor: _, ...none } = SNP
    const { source } = world(none, { provider: 'sev_guest', privilegeLevel: 1 })
    expect(await source.collect(REPORT_DATA)).toEqual(unavailable('device_missing'))
  })

  test('a report of another size, or more than any evidence has, is refused', async () => {
    const short = snp({ report: (data) => snpReport(data).subarray(1) })
    expect(await short.source.collect(REPORT_DATA)).toEqual(unavailable('evidence_malformed'))
    const auxblob = table([VCEK, filled(1, 20_000)])
    expect(await snp({ auxblob }).source.collect(REPORT_DATA)).toEqual(
      unavailable('evidence_too_large'),
    )
    const huge = snp({ report: () => filled(1, 40_000) })
    expect(await huge.source.collect(REPORT_DATA)).toEqual(unavailable('device_too_large'))
  })
})

test('detection reads the driver and leaves nothing behind', async () => {
  const { tsm } = world(SNP)
  const options = { files: tsm, root: tsm.root, random: seededRandom('x'), sleep: async () => {} }
  expect(await readTsmProvider(options)).toEqual(ok('sev_guest'))
  expect(tsm.entries.size).toBe(0)
  expect(
    await readTsmProvider({ ...options, files: world({ ...TDX, provider: undefined }).tsm }),
  ).toEqual(unavailable('provider_missing'))
})

describe('over real files', () => {
  /** Real files below a folder; only what the kernel itself would do is done beside them. */
  function realFiles(): DeviceFiles {
    const bump = async (entry: string): Promise<void> => {
      const generation = Number(await readFile(join(entry, 'generation'), 'utf8'))
      await writeFile(join(entry, 'generation'), `${generation + 1}\n`)
    }
    return {
      ...nodeFiles,
      makeDirectory: async (path) => {
        const made = await nodeFiles.makeDirectory(path)
        if (!made.ok) return made
        const files = { provider: 'tdx_guest\n', generation: '4\n', inblob: '' }
        for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text)
        return made
      },
      write: async (path, bytes) => {
        const written = await nodeFiles.write(path, bytes)
        await bump(dirname(path))
        await writeFile(join(dirname(path), 'outblob'), td.quote(await readFile(path)))
        return written
      },
      removeDirectory: async (path) => {
        for (const name of await readdir(path)) await rm(join(path, name))
        return nodeFiles.removeDirectory(path)
      },
    }
  }

  test('the same walk works', async () => {
    const root = join(await mkdtemp(join(tmpdir(), 'tacit-tsm-')), 'report')
    await mkdir(root)
    const { source } = world(TDX, { files: realFiles(), root })
    expect(await source.collect(REPORT_DATA)).toEqual(
      ok({ type: 'Dcap', value: { quote: td.quote(REPORT_DATA) } }),
    )
    expect(await readdir(root)).toEqual([])
    await rm(dirname(root), { recursive: true })
    expect(await source.collect(REPORT_DATA)).toEqual(unavailable('device_missing'))
  })
})
