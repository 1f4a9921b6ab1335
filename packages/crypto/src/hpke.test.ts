import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core'
import { bytesToHex, unwrap, utf8 } from '@tacit/base'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hpkeGenerateKeypair, hpkeOpen, hpkePublicKey, hpkeSeal } from './hpke.ts'
import { hex } from './testing/bytes.ts'

/**
 * Base mode with DHKEM(X25519, HKDF-SHA256) and HKDF-SHA256, first encryption. AES-128-GCM is
 * RFC 9180, appendix A.1.1; AES-256-GCM (kem 32, kdf 1, aead 2, mode 0) is of the file that the
 * RFC's appendix points to: cfrg/draft-irtf-cfrg-hpke, test-vectors.json at commit
 * 5f503c564da00b0687b3de75f1dfbdfc4079ad31.
 */
const VECTORS = [
  {
    aead: 'aes-128-gcm',
    ikmE: '7268600d403fce431561aef583ee1613527cff655c1343f29812e66706df3234',
    ikmR: '6db9df30aa07dd42ee5e8181afdb977e538f5e1fec8a06223f33f7013e525037',
    skRm: '4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8',
    pkRm: '3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d',
    enc: '37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431',
    ct: 'f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a',
  },
  {
    aead: 'aes-256-gcm',
    ikmE: '2cd7c601cefb3d42a62b04b7a9041494c06c7843818e0ce28a8f704ae7ab20f9',
    ikmR: 'dac33b0e9db1b59dbbea58d59a14e7b5896e9bdf98fad6891e99d1686492b9ee',
    skRm: '497b4502664cfea5d5af0b39934dac72242a74f8480451e1aee7d6a53320333d',
    pkRm: '430f4b9859665145a6b1ba274024487bd66f03a2dd577d7753c68d7d7d00c00c',
    enc: '6c93e09869df3402d7bf231bf540fadd35cd56be14f97178f0954db94b7fc256',
    ct: 'e5d84cd531cfb583096e7cfa9641bd3079cf3a91cda813c52deb5f512be9931980a41de125a925cdad859d5b7a',
  },
] as const
const INFO = utf8('Ode on a Grecian Urn')
const AAD = utf8('Count-0')
const PLAINTEXT = utf8('Beauty is truth, truth beauty')

describe.each(VECTORS)('RFC 9180 with $aead', ({ aead, ikmE, ikmR, skRm, pkRm, enc, ct }) => {
  test('derives the recipient’s key pair', () => {
    const { privateKey, publicKey } = hpkeGenerateKeypair(hex(ikmR))
    expect(bytesToHex(privateKey)).toBe(skRm)
    expect(bytesToHex(publicKey)).toBe(pkRm)
    expect(bytesToHex(hpkePublicKey(privateKey))).toBe(pkRm)
  })
  test('seals and opens', () => {
    const recipientPublicKey = hex(pkRm)
    const ephemeralSeed32 = hex(ikmE)
    const message = { info: INFO, aad: AAD, plaintext: PLAINTEXT, aead }
    const sealed = unwrap(hpkeSeal({ recipientPublicKey, ephemeralSeed32, ...message }))
    expect(bytesToHex(sealed.enc)).toBe(enc)
    expect(bytesToHex(sealed.ciphertext)).toBe(ct)
    const opened = hpkeOpen({
      recipientPrivateKey: hex(skRm),
      info: INFO,
      aad: AAD,
      aead,
      ...sealed,
    })
    expect(opened).toEqual({ ok: true, value: PLAINTEXT })
  })
})

const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
})
const recipient = hpkeGenerateKeypair(new Uint8Array(32).fill(3))

function seal(plaintext: Uint8Array = PLAINTEXT): { enc: Uint8Array; ciphertext: Uint8Array } {
  const input = { recipientPublicKey: recipient.publicKey, info: INFO, aad: AAD, plaintext }
  return unwrap(hpkeSeal({ ...input, ephemeralSeed32: new Uint8Array(32).fill(4) }))
}

describe('beside @hpke/core', () => {
  test('it opens what we seal, we open what it seals', async () => {
    const key = await suite.kem.importKey('raw', recipient.privateKey.slice().buffer, false)
    const publicKey = await suite.kem.importKey('raw', recipient.publicKey.slice().buffer, true)
    const { enc, ciphertext } = seal()
    const opened = await suite.open(
      { recipientKey: key, enc: enc.slice().buffer, info: INFO.slice().buffer },
      ciphertext.slice().buffer,
      AAD.slice().buffer,
    )
    expect(new Uint8Array(opened)).toEqual(PLAINTEXT)
    const sealed = await suite.seal(
      { recipientPublicKey: publicKey, info: INFO.slice().buffer },
      PLAINTEXT.slice().buffer,
      AAD.slice().buffer,
    )
    const back = hpkeOpen({
      recipientPrivateKey: recipient.privateKey,
      enc: new Uint8Array(sealed.enc),
      info: INFO,
      aad: AAD,
      ciphertext: new Uint8Array(sealed.ct),
    })
    expect(back).toEqual({ ok: true, value: PLAINTEXT })
  })
})

describe('what does not open', () => {
  const base = { recipientPrivateKey: recipient.privateKey, info: INFO, aad: AAD, ...seal() }
  const refused = { ok: false, error: { code: 'hpke_open_failed' } }
  const other = hpkeGenerateKeypair(new Uint8Array(32).fill(5))
  const flipped = (bytes: Uint8Array, at: number): Uint8Array => {
    const changed = Uint8Array.from(bytes)
    changed[at] = (changed[at] ?? 0) ^ 0x80
    return changed
  }

  test('the base opens', () => {
    expect(hpkeOpen(base)).toEqual({ ok: true, value: PLAINTEXT })
  })
  test.each([
    ['another recipient', { recipientPrivateKey: other.privateKey }],
    ['another info', { info: utf8('Ode') }],
    ['another aad', { aad: new Uint8Array() }],
    ['another suite', { aead: 'aes-128-gcm' }],
    ['another encapsulated key', { enc: other.publicKey }],
    // X25519 ignores the top bit; the key schedule does not.
    ['top bit of the encapsulated key', { enc: flipped(base.enc, 31) }],
    ['encapsulated key of small order', { enc: new Uint8Array(32) }],
    ['short encapsulated key', { enc: base.enc.subarray(1) }],
    ['short private key', { recipientPrivateKey: recipient.privateKey.subarray(1) }],
    ['changed ciphertext', { ciphertext: flipped(base.ciphertext, 0) }],
    ['changed tag', { ciphertext: flipped(base.ciphertext, base.ciphertext.length - 1) }],
    ['cut ciphertext', { ciphertext: base.ciphertext.subarray(0, -1) }],
    ['no tag', { ciphertext: base.ciphertext.subarray(0, 15) }],
    ['nothing', { ciphertext: new Uint8Array() }],
  ] as const)('%s', (_name, change) => {
    expect(hpkeOpen({ ...base, ...change })).toEqual(refused)
  })
  test.each([0, 31, 33])(
    'a recipient’s key of %i bytes, or of small order, cannot be sealed to',
    (n) => {
      const input = { info: INFO, aad: AAD, plaintext: PLAINTEXT, ephemeralSeed32: base.enc }
      const invalid = { ok: false, error: { code: 'hpke_key_invalid' } }
      expect(hpkeSeal({ ...input, recipientPublicKey: new Uint8Array(n).fill(9) })).toEqual(invalid)
      expect(hpkeSeal({ ...input, recipientPublicKey: new Uint8Array(32) })).toEqual(invalid)
    },
  )
  test('any bytes get an answer', () => {
    const junk = fc.uint8Array({ maxLength: 80 })
    fc.assert(
      fc.property(junk, junk, (enc, ciphertext) => {
        expect(hpkeOpen({ ...base, enc, ciphertext })).toEqual(refused)
      }),
      { numRuns: 50 },
    )
  })
})

test('a recipient’s private key is not in its JSON', () => {
  expect(Object.keys(recipient)).toEqual(['publicKey'])
  expect(JSON.parse(JSON.stringify(recipient))).not.toHaveProperty('privateKey')
  expect({ ...recipient }).not.toHaveProperty('privateKey')
})
