import { describe, expect, test } from 'vitest'
import { createDevGpuPlatform, type DevGpuPlatformOptions } from './gpu-platform.ts'

const NOW = Date.UTC(2026, 5, 1) / 1000
const NONCE = new Uint8Array(32).fill(1)
const platformOf = (options: Partial<DevGpuPlatformOptions> = {}) =>
  createDevGpuPlatform({ seed: new Uint8Array(32).fill(7), now: NOW, ...options })
const platform = platformOf()

describe('the GPU platform', () => {
  test('the seed decides everything, the time only the responses', () => {
    const [device, again] = [platform.launch(), platformOf({ now: NOW + 1 }).launch()]
    expect(again.chain).toEqual(device.chain)
    expect(again.report(NONCE)).toEqual(device.report(NONCE))
    expect(again.rims()).toEqual(device.rims())
    expect(again.ocsp('device')).not.toEqual(device.ocsp('device'))
    expect(platformOf({ seed: new Uint8Array(32) }).root).not.toEqual(platform.root)
  })

  test('devices differ by slot and architecture', () => {
    const devices = [
      platform.launch(),
      platform.launch({ slot: 1 }),
      platform.launch({ architecture: 'Blackwell' }),
      platform.launch({ architecture: 'LS10' }),
    ]
    expect(new Set(devices.map(({ pdi }) => Buffer.from(pdi).toString('hex'))).size).toBe(4)
    expect(devices.map((device) => device.rims().length)).toEqual([2, 2, 2, 1])
    expect(devices.map((device) => device.report(NONCE).length)).toEqual([4116, 4116, 4107, 2168])
  })

  test('a machine is eight GPUs and four switches', () => {
    const machine = platform.launchSet()
    expect(machine.map(({ architecture }) => architecture)).toEqual([
      ...Array.from({ length: 8 }, () => 'Hopper'),
      ...Array.from({ length: 4 }, () => 'LS10'),
    ])
  })

  test('an attack leaves the keys and changes what was asked', () => {
    const device = platform.launch()
    const attacked = device.attack({ editFields: (fields) => void fields.pop() })
    expect(attacked.chain).toEqual(device.chain)
    expect(attacked.report(NONCE)).toHaveLength(device.report(NONCE).length - 6)
    const further = platform
      .attack({ editFields: (fields) => void fields.pop() })
      .attack({ certifiedFwid: 'none' })
      .launch()
    expect(further.chain).not.toEqual(device.chain)
    expect(further.report(NONCE).length).toBe(attacked.report(NONCE).length)
  })

  test('seeds and nonces have 32 bytes', () => {
    expect(() => platformOf({ seed: new Uint8Array(31) })).toThrow(/seed has 32 bytes/)
    expect(() => platform.launch().report(new Uint8Array(31))).toThrow(/nonce has 32 bytes/)
  })
})
