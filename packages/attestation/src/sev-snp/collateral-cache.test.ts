import type { SignatureCheck } from '@tacit/crypto'
import { native } from '@tacit/crypto/native'
import { expect, test, vi } from 'vitest'
import { DAY, flipped, NOW, verify as verifyNow } from '../testing/kit.ts'
import { amdOf, snp } from '../testing/snp-kit.ts'
import { createSnpCache } from './collateral-cache.ts'
import { decideSnp, type SnpInput } from './verify.ts'

const cached = (input: SnpInput) => ({ ...input, hashes: native.hashes })
const honest = snp()

test('four signatures the first time, one from then on, and the same verdict', () => {
  const cache = createSnpCache(2)
  const verify = vi.fn(verifyNow)
  const expected = decideSnp(honest, verifyNow)
  expect(cache.decide(cached(honest), verify)).toEqual(expected)
  expect(verify).toHaveBeenCalledTimes(4)
  expect(cache.decide(cached(honest), verify)).toEqual(expected)
  expect(verify).toHaveBeenCalledTimes(5)
  const other = snp(amdOf(), { reportVersion: 5 })
  expect(cache.decide(cached(other), verify)).toMatchObject({ value: { reportVersion: 5 } })
  expect(verify).toHaveBeenCalledTimes(6)
})

test('an asynchronous verifier shares the memory', async () => {
  const cache = createSnpCache(2)
  const verify = vi.fn(async (check: SignatureCheck) => verifyNow(check))
  const expected = decideSnp(honest, verifyNow)
  expect(await cache.decideAsync(cached(honest), verify)).toEqual(expected)
  expect(await cache.decideAsync(cached(honest), verify)).toEqual(expected)
  expect(verify).toHaveBeenCalledTimes(5)
  const broken = { ...honest, report: new Uint8Array(3) }
  expect(await cache.decideAsync(cached(broken), verify)).toMatchObject({
    error: { code: 'report_length_wrong' },
  })
})

test('report, roots and time are judged anew', () => {
  const cache = createSnpCache(2)
  cache.decide(cached(honest), verifyNow)
  const code = (input: SnpInput): unknown => cache.decide(cached(input), verifyNow)
  expect(code({ ...honest, report: flipped(honest.report, 0x90) })).toMatchObject({
    error: { code: 'report_signature_invalid' },
  })
  expect(code({ ...honest, roots: [] })).toMatchObject({ error: { code: 'root_untrusted' } })
  expect(code({ ...honest, now: NOW + 31 * DAY })).toMatchObject({
    error: { code: 'collateral_expired' },
  })
})

test('an absent list is not an empty one, nor any part another', () => {
  const cache = createSnpCache(8)
  cache.decide(cached(honest), verifyNow)
  const without = { ...honest, collateral: { ...honest.collateral, crl: undefined } }
  const verify = vi.fn(verifyNow)
  expect(cache.decide(cached(without), verify)).toMatchObject({ value: { signatureChecks: 3 } })
  expect(verify).toHaveBeenCalledTimes(3)
  const empty = { ...honest, collateral: { ...honest.collateral, crl: new Uint8Array() } }
  expect(cache.decide(cached(empty), verify)).toMatchObject({ error: { code: 'crl_malformed' } })
})

test('what was forged is neither kept nor pushes others out', () => {
  const cache = createSnpCache(1)
  const verify = vi.fn(verifyNow)
  cache.decide(cached(honest), verify)
  const forged = cached(snp(amdOf().attack({ signers: { vcek: 'root' } })))
  for (const bad of [forged, forged]) expect(cache.decide(bad, verify).ok).toBe(false)
  verify.mockClear()
  cache.decide(cached(honest), verify)
  expect(verify).toHaveBeenCalledTimes(1)
})

test('the least recently used goes first', () => {
  const cache = createSnpCache(1)
  const verify = vi.fn(verifyNow)
  const leased = snp(amdOf(), { signingKey: 'vlek' })
  for (const each of [honest, leased, honest]) cache.decide(cached(each), verify)
  expect(verify).toHaveBeenCalledTimes(12)
})

test("the caller's bytes may change later", () => {
  const cache = createSnpCache(2)
  const endorsement = honest.collateral.endorsement.slice()
  const input = { ...honest, collateral: { ...honest.collateral, endorsement } }
  const expected = cache.decide(cached(input), verifyNow)
  endorsement.fill(0)
  expect(cache.decide(cached(honest), verifyNow)).toEqual(expected)
})

test('what is too long is not hashed', () => {
  const sha256 = vi.fn(native.hashes.sha256)
  const crl = new Uint8Array(1024 * 1024)
  const input = { ...honest, collateral: { ...honest.collateral, crl } }
  const result = createSnpCache(1).decide({ ...input, hashes: { sha256 } }, verifyNow)
  expect(result).toMatchObject({ error: { code: 'crl_malformed', reason: 'too_long' } })
  expect(sha256).not.toHaveBeenCalled()
})
