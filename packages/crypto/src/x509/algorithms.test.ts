import { concatBytes, unwrap } from '@tacit/base'
import { describe, expect, test } from 'vitest'
import { be, hex } from '../testing/bytes.ts'
import {
  certificate,
  crl,
  ECDSA,
  ECDSA_SHA384,
  oid,
  sequence,
  SIGNATURE,
  tlv,
} from '../testing/certificate-parts.ts'
import type { CertificateScheme } from './algorithms.ts'
import { parseCertificate } from './certificate.ts'
import { parseCrl } from './crl.ts'
import type { DerReason } from './der.ts'

const NULL = hex('0500')
const SHA256_ID = sequence(oid('608648016503040201'), NULL)
const SHA384_ID = sequence(oid('608648016503040202'), NULL)
const SHA384_BARE = sequence(oid('608648016503040202'))
const MGF1 = oid('2a864886f70d010108')
const RSA = oid('2a864886f70d010101')
const PSS_ID = oid('2a864886f70d01010a')
const EC = oid('2a8648ce3d0201')
const SECP384R1 = oid('2b81040022')

interface PssChange {
  readonly hash?: Uint8Array
  readonly mask?: Uint8Array
  readonly salt?: Uint8Array
  readonly trailer?: Uint8Array
}

const NONE = new Uint8Array()

/** RSASSA-PSS-params as AMD writes them, but for some; an empty one is left out. */
function pssParameters(change: PssChange = {}): Uint8Array {
  return sequence(
    change.hash ?? tlv(0xa0, SHA384_ID),
    change.mask ?? tlv(0xa1, sequence(MGF1, SHA384_ID)),
    change.salt ?? tlv(0xa2, hex('020130')),
    change.trailer ?? NONE,
  )
}

function pss(change: PssChange = {}): Uint8Array {
  return sequence(PSS_ID, pssParameters(change))
}

const RSA_SIGNATURE = bits(new Uint8Array(512).fill(7))

function bits(content: Uint8Array): Uint8Array {
  return tlv(0x03, Uint8Array.of(0), content)
}

function outcome(der: Uint8Array, schemes?: readonly CertificateScheme[]): DerReason | 'read' {
  const parsed = parseCertificate(der, schemes)
  return parsed.ok ? 'read' : parsed.error.reason
}

describe('signature algorithms', () => {
  const ecdsa = (size: number): Uint8Array => {
    const number = tlv(0x02, new Uint8Array(size).fill(1))
    return bits(sequence(number, number))
  }

  test('name the scheme and the form of the signature', () => {
    const signatureOf = (algorithm: Uint8Array, signature: Uint8Array) =>
      unwrap(parseCertificate(certificate({ algorithm }, signature))).signature
    expect(signatureOf(ECDSA, ecdsa(32))).toEqual({
      scheme: 'p256',
      bytes: new Uint8Array(64).fill(1),
    })
    expect(signatureOf(ECDSA_SHA384, ecdsa(48))).toEqual({
      scheme: 'p384',
      bytes: new Uint8Array(96).fill(1),
    })
    expect(signatureOf(pss(), RSA_SIGNATURE)).toEqual({
      scheme: 'rsaPss',
      bytes: new Uint8Array(512).fill(7),
    })
  })

  test.each<[string, Uint8Array, Uint8Array, DerReason | 'read']>([
    ['P-256 with scalars of 33 bytes', ECDSA, ecdsa(33), 'integer_invalid'],
    ['P-384 with scalars of 49 bytes', ECDSA_SHA384, ecdsa(49), 'integer_invalid'],
    ['P-384 with short scalars', ECDSA_SHA384, SIGNATURE, 'read'],
    ['RSA of 256 bytes', pss(), bits(new Uint8Array(256)), 'read'],
    ['RSA of 384 bytes', pss(), bits(new Uint8Array(384)), 'read'],
    ['RSA of 511 bytes', pss(), bits(new Uint8Array(511)), 'value_invalid'],
    ['RSA of 513 bytes', pss(), bits(new Uint8Array(513)), 'value_invalid'],
    [
      'RSA with unused bits',
      pss(),
      tlv(0x03, Uint8Array.of(1), new Uint8Array(512)),
      'bit_string_invalid',
    ],
    ['RSA without a bit', pss(), tlv(0x03, Uint8Array.of(0)), 'bit_string_invalid'],
    ['ECDSA parameters', sequence(oid('2a8648ce3d040303'), NULL), SIGNATURE, 'trailing_bytes'],
    ['ecdsa-with-SHA512', sequence(oid('2a8648ce3d040304')), SIGNATURE, 'algorithm_unsupported'],
    [
      'sha384WithRSAEncryption',
      sequence(oid('2a864886f70d01010c'), NULL),
      RSA_SIGNATURE,
      'algorithm_unsupported',
    ],
    ['Ed25519', sequence(oid('2b6570')), bits(new Uint8Array(64)), 'algorithm_unsupported'],
  ])('%s', (_, algorithm, signature, expected) => {
    expect(outcome(certificate({ algorithm }, signature))).toBe(expected)
  })

  test.each<[string, Uint8Array, DerReason | 'read']>([
    ['with the default trailer spelled out', pss({ trailer: tlv(0xa3, hex('020101')) }), 'read'],
    ['with a hash without NULL', pss({ hash: tlv(0xa0, SHA384_BARE) }), 'read'],
    ['with a mask without NULL', pss({ mask: tlv(0xa1, sequence(MGF1, SHA384_BARE)) }), 'read'],
    ['without parameters', sequence(PSS_ID), 'truncated'],
    ['with NULL parameters', sequence(PSS_ID, NULL), 'tag_unexpected'],
    ['with all defaults (SHA-1)', sequence(PSS_ID, sequence()), 'truncated'],
    ['with SHA-256', pss({ hash: tlv(0xa0, SHA256_ID) }), 'algorithm_unsupported'],
    ['with SHA-1 by default', pss({ hash: NONE }), 'tag_unexpected'],
    [
      'with a hash whose NULL is not empty',
      pss({ hash: tlv(0xa0, sequence(oid('608648016503040202'), hex('050100'))) }),
      'value_invalid',
    ],
    [
      'with MGF1 of SHA-256',
      pss({ mask: tlv(0xa1, sequence(MGF1, SHA256_ID)) }),
      'algorithm_unsupported',
    ],
    [
      'with another mask',
      pss({ mask: tlv(0xa1, sequence(RSA, SHA384_ID)) }),
      'algorithm_unsupported',
    ],
    ['with a mask by default', pss({ mask: NONE }), 'tag_unexpected'],
    ['with a salt of 32', pss({ salt: tlv(0xa2, hex('020120')) }), 'algorithm_unsupported'],
    ['with a salt of 20 by default', pss({ salt: NONE }), 'truncated'],
    ['with a salt of 304', pss({ salt: tlv(0xa2, hex('02020130')) }), 'integer_invalid'],
    ['with trailer 2', pss({ trailer: tlv(0xa3, hex('020102')) }), 'algorithm_unsupported'],
    [
      'with something behind',
      pss({ trailer: concatBytes(tlv(0xa3, hex('020101')), NULL) }),
      'trailing_bytes',
    ],
    [
      'with something in place of the trailer',
      pss({ trailer: tlv(0xa4, hex('020101')) }),
      'tag_unexpected',
    ],
  ])('id-RSASSA-PSS %s', (_, algorithm, expected) => {
    expect(outcome(certificate({ algorithm }, RSA_SIGNATURE))).toBe(expected)
    expect(parseCrl(crl({ algorithm }, RSA_SIGNATURE)).ok).toBe(expected === 'read')
  })

  test('outside and inside are the same, byte for byte', () => {
    const spelled = pss({ trailer: tlv(0xa3, hex('020101')) })
    expect(outcome(certificate({ algorithm: pss() }, RSA_SIGNATURE, spelled))).toBe(
      'algorithm_mismatch',
    )
    expect(outcome(certificate({ algorithm: pss() }, RSA_SIGNATURE, ECDSA))).toBe(
      'algorithm_mismatch',
    )
    expect(parseCrl(crl({ algorithm: pss() }, RSA_SIGNATURE, ECDSA))).toMatchObject({
      error: { code: 'crl_malformed', reason: 'algorithm_mismatch' },
    })
  })
})

describe('keys', () => {
  const rsaKey = (modulus: Uint8Array, exponent: Uint8Array = hex('0203010001')): Uint8Array =>
    sequence(sequence(RSA, NULL), bits(sequence(tlv(0x02, modulus), exponent)))
  const modulus = (bytes: number): Uint8Array =>
    concatBytes(Uint8Array.of(0), new Uint8Array(bytes).fill(0xc1))
  const point = (size: number): Uint8Array =>
    bits(concatBytes(Uint8Array.of(4), new Uint8Array(size)))
  const P384 = sequence(EC, SECP384R1)

  test('are x and y, or the modulus', () => {
    const keyOf = (key: Uint8Array) => unwrap(parseCertificate(certificate({ key }))).publicKey
    expect(keyOf(sequence(P384, point(96)))).toEqual({ scheme: 'p384', bytes: new Uint8Array(96) })
    for (const size of [256, 384, 512]) {
      const bytes = new Uint8Array(size).fill(0xc1)
      expect(keyOf(rsaKey(modulus(size)))).toEqual({ scheme: 'rsaPss', bytes })
    }
    const content = bits(sequence(tlv(0x02, modulus(256)), hex('0203010001')))
    for (const algorithm of [sequence(PSS_ID), pss()]) {
      expect(keyOf(sequence(algorithm, content))).toMatchObject({ scheme: 'rsaPss' })
    }
  })

  test.each<[string, Uint8Array, DerReason]>([
    ['a P-384 point of 95 bytes', sequence(P384, point(95)), 'algorithm_unsupported'],
    ['a P-256 point named P-384', sequence(P384, point(64)), 'algorithm_unsupported'],
    [
      'a compressed P-384 point',
      sequence(P384, bits(concatBytes(Uint8Array.of(2), new Uint8Array(48)))),
      'algorithm_unsupported',
    ],
    ['P-521', sequence(sequence(EC, oid('2b81040023')), point(132)), 'algorithm_unsupported'],
    ['explicit curve parameters', sequence(sequence(EC, sequence()), point(64)), 'tag_unexpected'],
    ['an implicit curve', sequence(sequence(EC, NULL), point(64)), 'tag_unexpected'],
    ['a modulus of 1024 bits', rsaKey(modulus(128)), 'algorithm_unsupported'],
    ['a modulus of 2040 bits', rsaKey(modulus(255)), 'algorithm_unsupported'],
    ['a modulus of 2047 bits', rsaKey(be(256, 2n ** 2046n + 1n)), 'algorithm_unsupported'],
    ['a modulus of 4104 bits', rsaKey(modulus(513)), 'integer_invalid'],
    ['a negative modulus', rsaKey(new Uint8Array(256).fill(0xc1)), 'integer_invalid'],
    ['exponent 3', rsaKey(modulus(256), hex('020103')), 'algorithm_unsupported'],
    ['exponent 2^32 + 1', rsaKey(modulus(256), hex('02050100000001')), 'integer_invalid'],
    [
      'something behind the exponent',
      rsaKey(modulus(256), hex('02030100010500')),
      'trailing_bytes',
    ],
    ['rsaEncryption without NULL', sequence(sequence(RSA), bits(NONE)), 'truncated'],
    [
      'a key that may only sign with SHA-256',
      sequence(pss({ hash: tlv(0xa0, SHA256_ID) }), bits(NONE)),
      'algorithm_unsupported',
    ],
  ])('%s', (_, key, reason) => {
    expect(outcome(certificate({ key }))).toBe(reason)
  })
})

test('schemes that the caller does not want are unsupported', () => {
  const key = sequence(
    sequence(EC, SECP384R1),
    bits(concatBytes(Uint8Array.of(4), new Uint8Array(96))),
  )
  const vcek = certificate({ algorithm: pss(), key }, RSA_SIGNATURE)
  expect(outcome(vcek, ['rsaPss', 'p384'])).toBe('read')
  expect(outcome(vcek, ['p384'])).toBe('algorithm_unsupported')
  expect(outcome(vcek, ['rsaPss'])).toBe('algorithm_unsupported')
  expect(outcome(certificate({}), ['p384', 'rsaPss'])).toBe('algorithm_unsupported')
  const list = crl({ algorithm: ECDSA_SHA384 })
  expect(parseCrl(list, ['p384']).ok).toBe(true)
  expect(parseCrl(list, ['p256'])).toMatchObject({ error: { reason: 'algorithm_unsupported' } })
})
