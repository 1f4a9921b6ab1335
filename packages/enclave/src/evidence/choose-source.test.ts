import { describe, expect, test } from 'vitest'
import { err, ok, unwrap, utf8 } from '@tacit/base'
import { createFakeTsm } from '../testing/fake-tsm.ts'
import { seededRandom } from '../testing/test-bytes.ts'
import { chooseSource, PLACES, type ChooseOptions } from './choose-source.ts'
import type { DeviceFiles } from './device-files.ts'

/** A machine with some of the devices. */
function machine(
  devices: { tsm?: string; gramine?: boolean; sockets?: readonly string[] },
  more: Partial<ChooseOptions> = {},
): ChooseOptions {
  const tsm = createFakeTsm({ provider: devices.tsm, report: (data) => data })
  const read: DeviceFiles['read'] = (path, max) =>
    devices.gramine === true && path === '/dev/attestation/attestation_type'
      ? Promise.resolve(ok(utf8('dcap')))
      : tsm.read(path, max)
  return {
    name: 'auto',
    teeSocketPath: undefined,
    certificate: undefined,
    files: { ...tsm, read },
    random: seededRandom('x'),
    sleep: async () => {},
    timeoutMs: 100,
    places: { ...PLACES, hasSocket: async (path) => devices.sockets?.includes(path) ?? false },
    ...more,
  }
}

const all = { tsm: 'tdx_guest', gramine: true, sockets: ['/var/run/dstack.sock'] }

describe('auto', () => {
  test.each([
    ['tee-socket', all, '/given'],
    ['gramine', all, undefined],
    ['tdx', { ...all, gramine: false }, undefined],
    ['sev-snp', { ...all, gramine: false, tsm: 'sev_guest' }, undefined],
    ['dstack', { ...all, gramine: false, tsm: 'arm_cca_guest' }, undefined],
    ['dstack', { sockets: ['/var/run/dstack.sock'] }, undefined],
    ['dstack', { sockets: ['/var/run/tappd.sock'] }, undefined],
  ] as const)('takes %s first where %o', async (name, devices, teeSocketPath) => {
    const source = unwrap(await chooseSource(machine(devices, { teeSocketPath })))
    expect([source.name, source.untestedOnHardware]).toEqual([name, true])
  })

  test('says where it looked when nothing is there', async () => {
    expect(await chooseSource(machine({}))).toEqual(
      err({
        code: 'source_missing',
        looked: [
          '/dev/attestation',
          '/sys/kernel/config/tsm/report',
          '/var/run/dstack.sock',
          '/var/run/tappd.sock',
        ],
      }),
    )
  })
})

describe('a name', () => {
  test.each(['gramine', 'tdx', 'sev-snp', 'dstack'] as const)(
    '%s is taken as it is, whatever is there',
    async (name) => {
      expect(unwrap(await chooseSource(machine({}, { name }))).name).toBe(name)
    },
  )

  test('tee-socket needs a path', async () => {
    expect(await chooseSource(machine(all, { name: 'tee-socket' }))).toEqual(
      err({ code: 'tee_socket_missing' }),
    )
  })
})
