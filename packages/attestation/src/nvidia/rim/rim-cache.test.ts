import type { SignatureCheck } from '@tacit/crypto'
import { native } from '@tacit/crypto/native'
import { createDevRimAuthority } from '@tacit/platform-dev'
import { expect, test, vi } from 'vitest'
import { flipped, NOW } from '../../testing/kit.ts'
import { createRimCache } from './rim-cache.ts'
import { decideRim, type RimInput } from './rim.ts'

const authority = createDevRimAuthority(new Uint8Array(32).fill(7))

function inputOf(version: string): RimInput {
  const rim = authority.writeRim({ version, values: new Map() })
  return { rim, roots: [authority.root], now: NOW, hashes: native.hashes }
}

const input = inputOf('550.144.03')
const verifyNow = (check: SignatureCheck): boolean => native.verify(check)

test('a manifest is parsed and its signatures are checked once, with the same results', () => {
  const cache = createRimCache(2)
  const verify = vi.fn(verifyNow)
  const expected = decideRim(input, verifyNow)
  expect(cache.decide(input, verify)).toEqual(expected)
  expect(verify).toHaveBeenCalledTimes(4)
  expect(cache.decide({ ...input, rim: input.rim.slice() }, verify)).toEqual(expected)
  expect(verify).toHaveBeenCalledTimes(4)
})

test('time and roots are judged anew', () => {
  const cache = createRimCache(2)
  cache.decide(input, verifyNow)
  const late = cache.decide({ ...input, now: Date.UTC(2050, 0, 1) / 1000 }, verifyNow)
  expect(late).toMatchObject({ ok: false, error: { code: 'certificate_expired' } })
  const unknown = cache.decide({ ...input, roots: [] }, verifyNow)
  expect(unknown).toMatchObject({ ok: false, error: { code: 'root_untrusted' } })
})

test('what failed a signature, or was no manifest, is neither kept nor pushes others out', () => {
  const cache = createRimCache(1)
  const verify = vi.fn(verifyNow)
  cache.decide(input, verify)
  const forged = {
    ...input,
    rim: authority
      .attack({ signers: { document: 'root' } })
      .writeRim({ version: '1.0', values: new Map() }),
  }
  const broken = { ...input, rim: flipped(input.rim, 0) }
  verify.mockClear()
  for (const bad of [forged, forged, broken]) expect(cache.decide(bad, verify).ok).toBe(false)
  expect(verify).toHaveBeenCalledTimes(8)
  cache.decide(input, verify)
  expect(verify).toHaveBeenCalledTimes(8)
})

test('the least recently used goes first', () => {
  const cache = createRimCache(2)
  const verify = vi.fn(verifyNow)
  const [a, b, c] = [inputOf('1.0'), inputOf('2.0'), inputOf('3.0')] as const
  for (const each of [a, b, a, c, a]) cache.decide(each, verify)
  expect(verify).toHaveBeenCalledTimes(12)
  cache.decide(b, verify)
  expect(verify).toHaveBeenCalledTimes(16)
})

test('an asynchronous verifier shares the memory', async () => {
  const cache = createRimCache(2)
  const verify = vi.fn(async (check: SignatureCheck) => native.verify(check))
  const expected = decideRim(input, verifyNow)
  expect(await cache.decideAsync(input, verify)).toEqual(expected)
  expect(await cache.decideAsync(input, verify)).toEqual(expected)
  expect(verify).toHaveBeenCalledTimes(4)
  expect(await cache.decideAsync({ ...input, rim: new Uint8Array() }, verify)).toMatchObject({
    ok: false,
  })
})

test('what is too long is refused before it is hashed', () => {
  const sha384 = vi.fn(native.hashes.sha384)
  const rim = new Uint8Array(128 * 1024 + 1)
  const result = createRimCache(1).decide({ ...input, rim, hashes: { sha384 } }, verifyNow)
  expect(result).toMatchObject({
    ok: false,
    error: { code: 'rim_xml_malformed', reason: 'too_long' },
  })
  expect(sha384).not.toHaveBeenCalled()
})
