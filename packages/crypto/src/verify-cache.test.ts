import { utf8 } from '@tacit/base'
import { describe, expect, test } from 'vitest'
import { native } from './native/index.ts'
import { goodEd25519 } from './testing/ed25519-cases.ts'
import type { CryptoProvider, SignatureCheck } from './types.ts'
import { createVerifyCache } from './verify-cache.ts'

/** A provider that writes down what it was asked. */
function counting(): { provider: CryptoProvider; asked: SignatureCheck[] } {
  const asked: SignatureCheck[] = []
  const verify = (check: SignatureCheck): boolean => {
    asked.push(check)
    return native.verify(check)
  }
  return { provider: { ...native, verify }, asked }
}

describe('verify cache', () => {
  const good = goodEd25519()
  const bad = { ...good, message: utf8('another') }

  test('asks once, and keeps true and false apart', () => {
    const { provider, asked } = counting()
    const { verify } = createVerifyCache(provider, 10)
    expect([verify(good), verify(bad), verify(good), verify(bad)]).toEqual([
      true,
      false,
      true,
      false,
    ])
    expect(asked).toHaveLength(2)
  })
  test('every field is part of the question', () => {
    const { provider, asked } = counting()
    const { verify } = createVerifyCache(provider, 10)
    expect(verify(good)).toBe(true)
    const other = goodEd25519().publicKey
    other[0] = (other[0] ?? 0) ^ 1
    const signature = Uint8Array.from(good.signature)
    signature[40] = (signature[40] ?? 0) ^ 1
    expect(verify({ ...good, publicKey: other })).toBe(false)
    expect(verify({ ...good, signature })).toBe(false)
    expect(verify(bad)).toBe(false)
    expect(asked).toHaveLength(4)
  })
  test('a long message is not the hash by which it is named', () => {
    const { provider, asked } = counting()
    const { verify } = createVerifyCache(provider, 10)
    const long = new Uint8Array(257)
    const checks = [long, native.hashes.blake2b256(long), long.subarray(1)]
    for (const message of checks) verify({ ...good, message })
    for (const message of checks) verify({ ...good, message })
    expect(asked.map(({ message }) => message)).toEqual(checks)
  })
  test('what is too long to be acceptable is refused unasked and not remembered', () => {
    const { provider, asked } = counting()
    const { verify, recall } = createVerifyCache(provider, 10)
    const long = { ...good, signature: new Uint8Array(2_000) }
    recall(long).put(true)
    expect([verify(long), recall(long).answer, asked]).toEqual([false, false, []])
  })
  test('the scheme is part of the question', () => {
    const { provider, asked } = counting()
    const { verify } = createVerifyCache(provider, 10)
    const signature = Uint8Array.from(good.signature)
    signature[63] = (signature[63] ?? 0) | 0x80
    verify({ ...good, scheme: 'sr25519', signature })
    verify({ ...good, signature })
    // The marked S is out of ed25519's range, so only one of the two was a question at all.
    expect(asked.map(({ scheme }) => scheme)).toEqual(['sr25519'])
  })
  test('holds no more than its entries; the oldest go first', () => {
    const { provider, asked } = counting()
    const { verify } = createVerifyCache(provider, 2)
    const third = { ...good, message: utf8('third') }
    for (const check of [good, bad, third]) verify(check)
    expect(asked).toHaveLength(3)
    verify(third)
    verify(bad)
    expect(asked).toHaveLength(3)
    verify(good)
    expect(asked).toHaveLength(4)
  })
  test('what the form rules out takes no entry', () => {
    const { provider, asked } = counting()
    const { verify } = createVerifyCache(provider, 1)
    verify(good)
    expect(verify({ ...good, signature: new Uint8Array(1_000_000) })).toBe(false)
    verify(good)
    expect(asked).toHaveLength(1)
  })
  test('an answer that was given elsewhere is not asked for again', () => {
    const { provider, asked } = counting()
    const cache = createVerifyCache(provider, 2)
    const answers = (): unknown[] => [good, bad].map((check) => cache.recall(check).answer)
    expect(answers()).toEqual([undefined, undefined])
    cache.recall(good).put(true)
    cache.recall(bad).put(false)
    expect(answers()).toEqual([true, false])
    expect([cache.verify(good), cache.verify(bad)]).toEqual([true, false])
    expect(asked).toHaveLength(0)
    cache.recall(good).put(true)
    cache.recall({ ...good, message: utf8('third') }).put(true)
    expect(answers()).toEqual([undefined, false])
  })
  test('no answer makes acceptable what the form rules out', () => {
    const { provider } = counting()
    const cache = createVerifyCache(provider, 2)
    const long = { ...good, signature: new Uint8Array(1_000_000) }
    cache.recall(long).put(true)
    expect([cache.recall(long).answer, cache.verify(long)]).toEqual([false, false])
  })
})
