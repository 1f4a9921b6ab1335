import { constants, createPublicKey, verify } from 'node:crypto'
import { expect, test } from 'vitest'
import type { PlatformKey } from './keys.ts'
import { deriveRsaKey } from './rsa-key.ts'

const SEED = new Uint8Array(32).fill(7)
const MESSAGE = Uint8Array.of(1, 2, 3)

function isSigned({ publicKey }: PlatformKey, message: Uint8Array, signature: Uint8Array): boolean {
  const n = Buffer.from(publicKey).toString('base64url')
  const key = createPublicKey({ format: 'jwk', key: { kty: 'RSA', n, e: 'AQAB' } })
  const padding = constants.RSA_PKCS1_PSS_PADDING
  return verify('sha384', message, { key, padding, saltLength: 48 }, signature)
}

test.each([2048, 4096] as const)('%d bits: OpenSSL agrees with key and signature', (bits) => {
  const key = deriveRsaKey(SEED, 'test', bits)
  expect(key.publicKey).toHaveLength(bits / 8)
  expect(key.publicKey[0]).toBeGreaterThanOrEqual(0x80)
  const signature = key.sign(MESSAGE)
  expect(isSigned(key, MESSAGE, signature)).toBe(true)
  expect(isSigned(key, Uint8Array.of(1, 2), signature)).toBe(false)
})

test('key and signature depend on seed, label and length alone', () => {
  const key = deriveRsaKey(SEED, 'test', 2048)
  expect(deriveRsaKey(SEED.slice(), 'test', 2048).sign(MESSAGE)).toEqual(key.sign(MESSAGE))
  const [byLabel, bySeed] = [
    deriveRsaKey(SEED, 'other', 2048),
    deriveRsaKey(SEED.with(0, 8), 'test', 2048),
  ]
  const keys = [key, byLabel, bySeed].map(({ publicKey }) => publicKey.join())
  expect(new Set(keys).size).toBe(3)
})
