import { concatBytes, parseHex, unwrap, type Result } from '@tacit/base'
import { describe, expect, test } from 'vitest'
import { native } from '../native/index.ts'
import { portable } from '../portable/index.ts'
import {
  OCSP_CA,
  OCSP_GOOD,
  OCSP_ON_HOLD,
  OCSP_REVOKED,
  OCSP_SUBJECT,
  OCSP_UNKNOWN,
} from '../testing/ocsp-cases.ts'
import { parseCertificate } from './certificate.ts'
import { parseOcspResponse, type OcspError, type OcspResponse } from './ocsp.ts'

const ca = unwrap(parseCertificate(OCSP_CA))
const subject = unwrap(parseCertificate(OCSP_SUBJECT))
const point = concatBytes(Uint8Array.of(4), ca.publicKey.bytes)
const AT = Date.UTC(2026, 10, 25, 13, 58, 9) / 1000

function reason(response: Result<OcspResponse, OcspError>): string {
  return response.ok ? 'ok' : response.error.reason
}

describe('responses of another implementation', () => {
  test.each([
    ['good', OCSP_GOOD, 'sha1', { status: 'good', revokedAt: undefined, reason: undefined }],
    [
      'on hold',
      OCSP_ON_HOLD,
      'sha256',
      { status: 'revoked', revokedAt: Date.UTC(2026, 0) / 1000, reason: 'certificateHold' },
    ],
    [
      'revoked',
      OCSP_REVOKED,
      'sha384',
      { status: 'revoked', revokedAt: Date.UTC(2026, 0) / 1000, reason: 'keyCompromise' },
    ],
    ['unknown', OCSP_UNKNOWN, 'sha1', { status: 'unknown' }],
  ] as const)('%s', (_, der, hash, expected) => {
    const response = unwrap(parseOcspResponse(der))
    expect(response.statuses).toHaveLength(1)
    const [status] = response.statuses
    const thisUpdate = status?.thisUpdate ?? 0
    expect(thisUpdate - AT).toBeLessThan(2)
    expect(status).toMatchObject({ nextUpdate: thisUpdate + 7 * 86_400, ...expected })
    for (const { hashes } of [native, portable]) {
      expect(status?.certificate).toEqual({
        hash,
        issuerName: hashes[hash](ca.subject.der),
        issuerKey: hashes[hash](point),
        serial: subject.serial,
      })
    }
  })

  test('a delegate is named by its name, brings its certificate and has signed', () => {
    const { responder, certificates, nonce, tbs, signature, producedAt } = unwrap(
      parseOcspResponse(OCSP_GOOD),
    )
    expect(certificates).toHaveLength(1)
    const delegate = unwrap(parseCertificate(certificates[0] ?? new Uint8Array()))
    expect(responder).toEqual({ by: 'name', der: delegate.subject.der })
    expect(nonce).toHaveLength(16)
    expect(producedAt).toBe(AT)
    const check = { message: tbs, signature: signature.bytes, scheme: signature.scheme }
    expect(native.verify({ ...check, publicKey: delegate.publicKey.bytes })).toBe(true)
    expect(native.verify({ ...check, publicKey: ca.publicKey.bytes })).toBe(false)
  })

  test('an issuer is named by its key and has signed', () => {
    const { responder, certificates, nonce, tbs, signature } = unwrap(
      parseOcspResponse(OCSP_ON_HOLD),
    )
    expect(certificates).toEqual([])
    expect(nonce).toBeUndefined()
    expect(responder).toEqual({ by: 'key', sha1: native.hashes.sha1(point) })
    const { scheme, bytes } = signature
    const check = { scheme, publicKey: ca.publicKey.bytes, message: tbs, signature: bytes }
    expect(native.verify(check)).toBe(true)
  })
})

describe('form', () => {
  test('a response cut off anywhere is refused', () => {
    for (const der of [OCSP_GOOD, OCSP_ON_HOLD]) {
      for (let length = 0; length < der.length; length++) {
        expect(reason(parseOcspResponse(der.subarray(0, length))), `at ${length}`).toBe('truncated')
      }
    }
  })

  test('bytes behind a response, and more than 64 KiB, are refused', () => {
    const padded = concatBytes(OCSP_GOOD, new Uint8Array(1))
    expect(reason(parseOcspResponse(padded))).toBe('trailing_bytes')
    expect(reason(parseOcspResponse(new Uint8Array(65 * 1024)))).toBe('too_long')
  })

  test('a changed byte of what is signed is refused, or changes what verifies', () => {
    const whole = unwrap(parseOcspResponse(OCSP_ON_HOLD))
    for (let at = 0; at < OCSP_ON_HOLD.length; at++) {
      const der = OCSP_ON_HOLD.slice()
      der[at] = (der[at] ?? 0) ^ 1
      const response = parseOcspResponse(der)
      if (!response.ok) continue
      const { tbs, signature } = response.value
      expect([tbs, signature.bytes]).not.toEqual([whole.tbs, whole.signature.bytes])
    }
  })

  test.each([
    ['an unsuccessful response', '0a0100', '0a0106', 'value_invalid'],
    [
      'another type of response',
      '06092b0601050507300101',
      '06092b0601050507300109',
      'version_unsupported',
    ],
    [
      'an identifier by SHA-512',
      '0609608648016503040201',
      '0609608648016503040203',
      'algorithm_unsupported',
    ],
    ['reason 7', '0a0106', '0a0107', 'value_invalid'],
    ['reason 11', '0a0106', '0a010b', 'value_invalid'],
    ['a month 13', '323032363131', '323032363133', 'time_invalid'],
    ['UTCTime', '180f3230', '170f3230', 'tag_unexpected'],
    [
      'another signature algorithm',
      '06082a8648ce3d040303',
      '06082a8648ce3d040304',
      'algorithm_unsupported',
    ],
  ])('%s', (name, from, to, expected) => {
    const text = Buffer.from(OCSP_ON_HOLD).toString('hex')
    expect(text).toContain(from)
    const at = name.startsWith('reason') ? text.lastIndexOf(from) : text.indexOf(from)
    const changed = text.slice(0, at) + to + text.slice(at + from.length)
    expect(reason(parseOcspResponse(unwrap(parseHex(changed))))).toBe(expected)
  })

  test('only the wanted schemes are read', () => {
    expect(reason(parseOcspResponse(OCSP_GOOD, ['p256']))).toBe('algorithm_unsupported')
    expect(reason(parseOcspResponse(OCSP_GOOD, ['p384']))).toBe('ok')
  })
})
