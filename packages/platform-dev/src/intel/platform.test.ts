import { X509Certificate } from 'node:crypto'
import { bytesToHex } from '@tacit/base'
import { describe, expect, test } from 'vitest'
import { element, integer, isoTime, oid, smallInteger, time } from '@tacit/crypto/der-writer'
import { sha384 } from '../keys.ts'
import { createDevPlatform } from './platform.ts'
import type { DevPlatform } from './types.ts'

const NOW = Date.UTC(2026, 5, 1) / 1000
const SEED = new Uint8Array(32).fill(7)
const IMAGE = new Uint8Array(48).fill(1)
const platform = createDevPlatform({ seed: SEED, now: NOW })

function quoteOf(from: DevPlatform): Uint8Array {
  return from.launchTd({ image: IMAGE, role: 'contracts' }).quote(new Uint8Array(64))
}

function chainOf(pem: Uint8Array): X509Certificate[] {
  const blocks = new TextDecoder().decode(pem).match(/-----BEGIN[^]+?-----END CERTIFICATE-----/g)
  return (blocks ?? []).map((block) => new X509Certificate(block))
}

describe('what the seed decides', () => {
  test('the same seed gives the same root, collateral and quotes, byte for byte', () => {
    const again = createDevPlatform({ seed: SEED.slice(), now: NOW })
    expect(again.root).toEqual(platform.root)
    expect(again.collateral()).toEqual(platform.collateral())
    expect(quoteOf(again)).toEqual(quoteOf(platform))
  })

  test('the root does not depend on the time', () => {
    expect(createDevPlatform({ seed: SEED, now: NOW + 1e7 }).root).toEqual(platform.root)
  })

  test('another seed gives another root, platform and keys', () => {
    const other = createDevPlatform({ seed: SEED.with(0, 8), now: NOW })
    expect(other.root.name).not.toBe(platform.root.name)
    expect(other.root.fingerprint).not.toEqual(platform.root.fingerprint)
    expect(quoteOf(other).subarray(636)).not.toEqual(quoteOf(platform).subarray(636))
  })

  test('a seed has 32 bytes, an image 48, report data 64', () => {
    expect(() => createDevPlatform({ seed: new Uint8Array(31), now: NOW })).toThrow(/32 bytes/)
    const short = { image: new Uint8Array(32), role: '' }
    expect(() => platform.launchTd(short)).toThrow(/48 bytes/)
    const td = platform.launchTd({ image: IMAGE, role: '' })
    expect(() => td.quote(new Uint8Array(32))).toThrow(/64 bytes/)
  })
})

test('node reads the certificates and verifies their chain', () => {
  const quote = quoteOf(platform)
  const [pck, ca, root] = chainOf(quote.subarray(quote.indexOf(0x2d, 1258)))
  if (pck === undefined || ca === undefined || root === undefined) throw new Error('no chain')
  expect(pck.verify(ca.publicKey)).toBe(true)
  expect(ca.verify(root.publicKey)).toBe(true)
  expect(root.verify(root.publicKey)).toBe(true)
  expect([pck.ca, ca.ca, root.ca]).toEqual([false, true, true])
  expect(pck.checkIssued(ca)).toBe(true)
  expect(root.subject).toContain(`CN=${platform.root.name}`)
  expect(platform.root.name).toMatch(/^Tacit Development Root CA [0-9a-f]{8}$/)
  expect(new Uint8Array(root.raw)).toEqual(platform.root.certificate)
})

test('a TD measures its image and its role', () => {
  const td = platform.launchTd({ image: IMAGE, role: 'contracts' })
  const gatekeeper = platform.launchTd({ image: IMAGE, role: 'gatekeeper' })
  expect(td.mrTd).toEqual(IMAGE)
  expect(td.rtmr3).toEqual(
    sha384(new Uint8Array(48), sha384(new TextEncoder().encode('contracts'))),
  )
  expect(gatekeeper.mrTd).toEqual(td.mrTd)
  expect(gatekeeper.rtmr3).not.toEqual(td.rtmr3)
  const quote = td.quote(new Uint8Array(64).fill(5))
  expect(quote.subarray(48 + 136, 48 + 184)).toEqual(td.mrTd)
  expect(quote.subarray(48 + 520, 48 + 584)).toEqual(new Uint8Array(64).fill(5))
})

test('collateral can be issued anew at a later time, under the same certificates', () => {
  const later = platform.collateral({ now: NOW + 1e6 })
  const first = platform.collateral()
  expect(later.tcbInfoIssuerChain).toEqual(first.tcbInfoIssuerChain)
  const { issueDate } = JSON.parse(new TextDecoder().decode(later.tcbInfo))
  expect(issueDate).toBe(isoTime(NOW + 1e6 - 86_400))
})

test('attacks add up and leave the platform that they came from alone', () => {
  const before = platform.collateral()
  const both = platform
    .attack({ revoked: ['pck'] })
    .attack({ editTcbInfo: (info) => (info['x'] = 1) })
  expect(both.collateral().pckCrl).not.toEqual(before.pckCrl)
  expect(new TextDecoder().decode(both.collateral().tcbInfo)).toContain('"x":1')
  expect(platform.collateral()).toEqual(before)
})

describe('DER', () => {
  test.each([
    [integer(Uint8Array.of(0, 0, 0x80)), '02020080'],
    [integer(Uint8Array.of(0)), '020100'],
    [smallInteger(0xff_ffff_ff), '020500ffffffff'],
    [oid('1.2.840.113741.1.13.1'), '06092a864886f84d010d01'],
    [
      time(Date.UTC(2049, 11, 31, 23, 59, 59) / 1000),
      `170d${Buffer.from('491231235959Z').toString('hex')}`,
    ],
    [time(Date.UTC(2050, 0, 1) / 1000), `180f${Buffer.from('20500101000000Z').toString('hex')}`],
    [element(0x04, new Uint8Array(128)).subarray(0, 3), '048180'],
    [element(0x04, new Uint8Array(256)).subarray(0, 4), '04820100'],
    [element(0x04, new Uint8Array(65536)).subarray(0, 5), '0483010000'],
  ])('%#', (bytes, expected) => {
    expect(bytesToHex(bytes)).toBe(expected)
  })
})

test('a platform with one quote and its collateral takes less than 100 ms', () => {
  const elapsedMs = [1, 2, 3].map((byte) => {
    const started = performance.now()
    const fresh = createDevPlatform({ seed: SEED.with(0, byte), now: NOW })
    quoteOf(fresh)
    fresh.collateral()
    return performance.now() - started
  })
  expect(Math.min(...elapsedMs)).toBeLessThan(100)
})
