import { constants, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { keypairFromSeed, type AccountScheme } from './keypair.ts'
import { native } from './native/index.ts'
import { portable } from './portable/index.ts'
import { asView } from './testing/bytes.ts'
import { goodEcdsa } from './testing/ecdsa-cases.ts'
import { goodEd25519 } from './testing/ed25519-cases.ts'
import { goodP256, goodP384 } from './testing/nist-cases.ts'
import { goodRsaPss } from './testing/rsa-cases.ts'
import { goodSr25519 } from './testing/sr25519-cases.ts'
import type { HashFunction, SignatureCheck, SignatureScheme } from './types.ts'

const GOOD: { readonly [S in SignatureScheme]: SignatureCheck } = {
  sr25519: goodSr25519(),
  ed25519: goodEd25519(),
  ecdsa: goodEcdsa(),
  p256: goodP256(),
  p384: goodP384(),
  rsaPss: goodRsaPss(),
}
const SCHEMES = Object.keys(GOOD) as SignatureScheme[]
const FIELDS = ['publicKey', 'message', 'signature'] as const

function flip(bytes: Uint8Array, at: number, mask: number): Uint8Array {
  const changed = Uint8Array.from(bytes)
  const place = at % changed.length
  changed[place] = (changed[place] ?? 0) ^ mask
  return changed
}

describe.each(SCHEMES)('%s', (scheme) => {
  const good = GOOD[scheme]

  test('any changed bit is refused by both', () => {
    const change = fc.record({
      field: fc.constantFrom(...FIELDS),
      at: fc.nat(512),
      mask: fc.constantFrom(1, 2, 4, 8, 16, 32, 64, 128),
    })
    fc.assert(
      fc.property(change, ({ field, at, mask }) => {
        const check = { ...good, [field]: flip(good[field], at, mask) }
        expect(native.verify(check)).toBe(false)
        expect(portable.verify(check)).toBe(false)
      }),
      { numRuns: 100 },
    )
  })

  test('key and signature of any length get a false', () => {
    const junk = fc.uint8Array({ maxLength: 100 })
    fc.assert(
      fc.property(junk, junk, junk, (publicKey, message, signature) => {
        const check = { scheme, publicKey, message, signature }
        expect(native.verify(check)).toBe(false)
        expect(portable.verify(check)).toBe(false)
      }),
    )
    for (const field of ['publicKey', 'signature'] as const) {
      const longer = { ...good, [field]: Uint8Array.of(...good[field], 0) }
      const shorter = { ...good, [field]: good[field].subarray(0, -1) }
      for (const check of [longer, shorter]) {
        expect(native.verify(check)).toBe(false)
        expect(portable.verify(check)).toBe(false)
      }
    }
  })

  test('random bytes of the right lengths get equal answers', () => {
    const exactly = (length: number): fc.Arbitrary<Uint8Array> =>
      fc.uint8Array({ minLength: length, maxLength: length })
    fc.assert(
      fc.property(
        exactly(good.publicKey.length),
        exactly(good.signature.length),
        (publicKey, signature) => {
          const check = { ...good, publicKey, signature }
          expect(native.verify(check)).toBe(portable.verify(check))
        },
      ),
      { numRuns: 50 },
    )
  })
})

test.each(['sr25519', 'ed25519', 'ecdsa'] as const satisfies AccountScheme[])(
  '%s: both accept what a key pair signs, and nothing beside it',
  (scheme) => {
    const seed = fc.uint8Array({ minLength: 32, maxLength: 32, min: 1, max: 254 })
    fc.assert(
      fc.property(seed, fc.uint8Array({ maxLength: 200 }), (secret, message) => {
        const pair = keypairFromSeed(scheme, secret)
        const signature = pair.sign(message)
        expect(pair.sign(asView(message))).toEqual(signature)
        for (const publicKey of [pair.publicKey, pair.accountId]) {
          const check = { scheme, publicKey, message, signature }
          expect(native.verify(check)).toBe(true)
          expect(portable.verify(check)).toBe(true)
        }
        const check = { scheme, publicKey: pair.publicKey, message, signature }
        const extended = Uint8Array.of(...message, 0)
        expect(native.verify({ ...check, message: extended })).toBe(false)
        expect(portable.verify({ ...check, message: extended })).toBe(false)
      }),
      { numRuns: 15 },
    )
  },
)

describe.each([
  ['p256', 'sha256', generateKeyPairSync('ec', { namedCurve: 'P-256' })],
  ['p384', 'sha384', generateKeyPairSync('ec', { namedCurve: 'P-384' })],
] as const)('%s by OpenSSL', (scheme, hash, { publicKey: key, privateKey }) => {
  const { x = '', y = '' } = key.export({ format: 'jwk' })
  const publicKey = Buffer.concat([Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])

  test('both accept what it signs, and nothing beside it', () => {
    const property = fc.property(fc.uint8Array({ maxLength: 200 }), (message) => {
      const options = { key: privateKey, dsaEncoding: 'ieee-p1363' } as const
      const check = { scheme, publicKey, message, signature: sign(hash, message, options) }
      for (const provider of [native, portable]) {
        expect(provider.verify(check)).toBe(true)
        expect(provider.verify({ ...check, message: Uint8Array.of(...message, 0) })).toBe(false)
      }
    })
    fc.assert(property, { numRuns: 15 })
  })
})

describe.each([2048, 3072])('rsaPss by OpenSSL with %i bits', (modulusLength) => {
  const { publicKey: key, privateKey } = generateKeyPairSync('rsa', { modulusLength })
  const publicKey = Buffer.from(key.export({ format: 'jwk' }).n ?? '', 'base64url')

  test('both accept what it signs, and nothing beside it', () => {
    const property = fc.property(fc.uint8Array({ maxLength: 200 }), (message) => {
      const check = checkOf(message, signPss(privateKey, message))
      for (const provider of [native, portable]) {
        expect(provider.verify(check)).toBe(true)
        expect(provider.verify({ ...check, message: Uint8Array.of(...message, 0) })).toBe(false)
      }
    })
    fc.assert(property, { numRuns: 15 })
  })

  test('both refuse other salts, hashes and paddings', () => {
    const message = Uint8Array.of(1, 2, 3)
    const { RSA_PSS_SALTLEN_MAX_SIGN, RSA_PKCS1_PADDING } = constants
    const others = [0, 32, 47, 49, RSA_PSS_SALTLEN_MAX_SIGN].map((salt) =>
      signPss(privateKey, message, salt),
    )
    others.push(
      signPss(privateKey, message, 48, 'sha256'),
      signPss(privateKey, message, 48, 'sha512'),
    )
    others.push(sign('sha384', message, { key: privateKey, padding: RSA_PKCS1_PADDING }))
    for (const signature of others) {
      expect(native.verify(checkOf(message, signature))).toBe(false)
      expect(portable.verify(checkOf(message, signature))).toBe(false)
    }
  })

  function checkOf(message: Uint8Array, signature: Uint8Array): SignatureCheck {
    return { scheme: 'rsaPss', publicKey, message, signature }
  }
})

function signPss(
  key: KeyObject,
  message: Uint8Array,
  saltLength = 48,
  hash = 'sha384',
): Uint8Array {
  return sign(hash, message, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength })
}

test.each(Object.keys(native.hashes) as (keyof typeof native.hashes)[])(
  'hash %s is equal in both, for arrays, views and Buffers',
  (name) => {
    const [one, other]: readonly HashFunction[] = [native.hashes[name], portable.hashes[name]]
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        const expected = other?.(bytes)
        expect(one?.(bytes)).toEqual(expected)
        for (const form of [asView(bytes), Buffer.from(bytes)]) {
          expect(one?.(form)).toEqual(expected)
          expect(other?.(form)).toEqual(expected)
        }
      }),
      { numRuns: 50 },
    )
  },
)
