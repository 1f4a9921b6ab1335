import { concatBytes, utf8 } from '@tacit/base'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { be, hex } from '../testing/bytes.ts'
import {
  certificate,
  crl,
  entry,
  extension,
  NAME,
  oid,
  PARTS,
  sequence,
  tlv,
  UTC,
  withExtensions,
} from '../testing/certificate-parts.ts'
import { bounded } from '../../../../tools/bounded.ts'
import { parseCertificate } from './certificate.ts'
import { isRevoked, parseCrl } from './crl.ts'
import { readDer, type DerReason } from './der.ts'
import { parseEcdsaSignature } from './ecdsa-signature.ts'
import { parseOcspResponse } from './ocsp.ts'
import { parsePemCertificates } from './pem.ts'

const MIB = 1024 * 1024

interface Outcome {
  readonly ok: boolean
  readonly error?: { readonly reason: string }
}

const reasonOf = ({ error }: Outcome): string | undefined => error?.reason

const many = (count: number, part: (at: number) => Uint8Array): Uint8Array =>
  concatBytes(...Array.from({ length: count }, (_, at) => part(at)))

const rdn = (type: Uint8Array, text: string): Uint8Array =>
  tlv(0x31, sequence(type, tlv(0x0c, utf8(text))))

const ORGANISATION = oid('55040a')

function nested(tag: number, depth: number): Uint8Array {
  let inner: Uint8Array = new Uint8Array()
  for (let level = 0; level < depth; level++) inner = tlv(tag, inner)
  return inner
}

describe('64 MiB', () => {
  const starting = (header: string, fill = 0): Uint8Array => {
    const bytes = new Uint8Array(64 * MIB).fill(fill)
    bytes.set(hex(header))
    return bytes
  }
  const sequenceOfAll = starting('308403fffffa')

  test.each<[string, () => Outcome]>([
    ['as a certificate', () => parseCertificate(sequenceOfAll)],
    ['as a revocation list', () => parseCrl(sequenceOfAll)],
    ['as an OCSP response', () => parseOcspResponse(sequenceOfAll)],
    ['as PEM', () => parsePemCertificates(sequenceOfAll, 8)],
  ])('%s', (_, read) => {
    expect(reasonOf(bounded(read))).toBe('too_long')
  })

  test.each<[string, Uint8Array, DerReason]>([
    ['of nothing', sequenceOfAll, 'tag_unexpected'],
    ['of one number', starting('308403fffffa028403fffff4', 1), 'integer_invalid'],
    ['and zeros behind it', starting('3006020101020101'), 'trailing_bytes'],
  ])('as a signature %s', (_, der, reason) => {
    expect(reasonOf(bounded(() => parseEcdsaSignature(der, 32)))).toBe(reason)
  })
})

describe('certificates', () => {
  const name = (content: Uint8Array): Uint8Array => certificate({ issuer: sequence(content) })

  test.each<[string, Uint8Array, DerReason]>([
    ['a length of 4 GiB', hex('3084ffffffff'), 'truncated'],
    ['an inner length of 4 GiB', sequence(hex('3084ffffffff')), 'truncated'],
    [
      'an inner length beyond its parent but within the input',
      concatBytes(sequence(hex('3010')), new Uint8Array(64)),
      'truncated',
    ],
    [
      'a length of 127 bytes',
      concatBytes(hex('30ff'), new Uint8Array(127).fill(0xff)),
      'length_invalid',
    ],
    [
      'an indefinite length',
      concatBytes(hex('3080'), PARTS.version, hex('0000')),
      'length_invalid',
    ],
    ['sequences within sequences', nested(0x30, 2_000), 'tag_unexpected'],
    ['a name of sets within sets', name(nested(0x31, 4_000)), 'tag_unexpected'],
    [
      'a key of sequences within sequences',
      certificate({ key: nested(0x30, 4_000) }),
      'tag_unexpected',
    ],
    [
      'extensions of sequences within sequences',
      certificate({ extensions: tlv(0xa3, nested(0x30, 4_000)) }),
      'tag_unexpected',
    ],
    [
      'an identifier of 8 KiB',
      name(rdn(tlv(0x06, new Uint8Array(8192).fill(0x2a)), 'x')),
      'oid_invalid',
    ],
    [
      'an identifier with an arc of 8 KiB',
      name(rdn(tlv(0x06, new Uint8Array(8192).fill(0xff)), 'x')),
      'oid_invalid',
    ],
    ['an identifier that never ends', name(rdn(oid('2affff'), 'x')), 'oid_invalid'],
    ['an identifier with a leading zero digit', name(rdn(oid('2a8001'), 'x')), 'oid_invalid'],
    ['33 parts of a name', name(many(33, () => rdn(ORGANISATION, 'x'))), 'too_many'],
    [
      '33 attributes in one part of a name',
      name(
        tlv(
          0x31,
          many(33, () => sequence(ORGANISATION, tlv(0x0c, utf8('x')))),
        ),
      ),
      'too_many',
    ],
    ['a name of 8 KiB', name(rdn(ORGANISATION, 'x'.repeat(8192))), 'text_invalid'],
    [
      'a name with half a character',
      name(rdn(ORGANISATION, 'x').with(-1 + rdn(ORGANISATION, 'x').length, 0xc3)),
      'text_invalid',
    ],
    [
      'the same extension 32 times',
      withExtensions(...Array.from({ length: 32 }, () => extension('551d0e', hex('0400'), false))),
      'extension_duplicate',
    ],
    [
      'a serial of 8 KiB',
      certificate({ serial: tlv(0x02, new Uint8Array(8192).fill(1)) }),
      'integer_invalid',
    ],
    [
      'a validity of three dates',
      certificate({ validity: sequence(UTC, UTC, UTC) }),
      'trailing_bytes',
    ],
    [
      'a date of 8 KiB',
      certificate({ validity: sequence(UTC, tlv(0x17, new Uint8Array(8192).fill(0x30))) }),
      'time_invalid',
    ],
    [
      'a key usage of 8 KiB',
      withExtensions(extension('551d0f', tlv(0x03, new Uint8Array(8192)), true)),
      'bit_string_invalid',
    ],
    [
      'a path length of 2^32',
      withExtensions(extension('551d13', sequence(hex('0101ff'), hex('02050100000000')), true)),
      'integer_invalid',
    ],
    [
      'constraints of 8 KiB',
      withExtensions(extension('551d13', tlv(0x30, new Uint8Array(8192)), true)),
      'trailing_bytes',
    ],
  ])('%s', (_, der, reason) => {
    expect(bounded(() => parseCertificate(der))).toMatchObject({
      error: { code: 'certificate_malformed', reason },
    })
  })

  test('the largest that are read are read within bounds', () => {
    const content = tlv(0x04, new Uint8Array(4_000))
    const large = withExtensions(
      extension('2a01', content, false),
      extension('2a02', content, false),
    )
    const names = many(32, () => rdn(ORGANISATION, 'x'.repeat(200)))
    for (const der of [large, certificate({ issuer: sequence(names) })]) {
      expect(bounded(() => parseCertificate(der)).ok).toBe(true)
    }
  })
})

describe('revocation lists', () => {
  const serial = (at: number): string => (0x1000_0000 + at).toString(16)
  const reason = (at: number): Uint8Array =>
    extension('551d15', be(3, 0x0a_01_00n + BigInt(at % 11)), false)
  const list = (
    count: number,
    ...extensions: readonly ((at: number) => Uint8Array)[]
  ): Uint8Array =>
    crl({
      entries: sequence(
        many(count, (at) => entry(serial(at), ...extensions.map((one) => one(at)))),
      ),
    })

  test('the largest are read, and searched, within bounds', () => {
    for (const der of [list(16_384), list(12_000, reason)]) {
      const parsed = bounded(() => parseCrl(der))
      if (!parsed.ok) throw new Error(parsed.error.reason)
      expect(bounded(() => isRevoked(parsed.value, hex(serial(11_999))))).toBe(true)
      expect(bounded(() => isRevoked(parsed.value, hex(serial(16_384))))).toBe(false)
    }
  })

  test('an entry is read whatever the entry before it had', () => {
    const critical = (at: number): Uint8Array =>
      at < 100 ? reason(0) : extension('551d15', hex('0a0100'), true)
    const odd = (at: number): Uint8Array =>
      at < 100 ? reason(0) : sequence(oid('551d15'), hex('0500'))
    expect(list(100, critical)).toEqual(list(100, odd))
    expect(parseCrl(list(100, critical)).ok).toBe(true)
    expect(reasonOf(parseCrl(list(101, critical)))).toBe('extension_unknown')
    expect(reasonOf(parseCrl(list(101, odd)))).toBe('tag_unexpected')
  })

  test.each<[string, Uint8Array, DerReason]>([
    ['16385 entries', list(16_385), 'too_many'],
    [
      'entries without a date',
      crl({ entries: sequence(many(16_000, (at) => sequence(tlv(0x02, hex(serial(at)))))) }),
      'truncated',
    ],
    [
      'a last entry that is cut off',
      crl({
        entries: sequence(
          many(16_000, (at) => entry(serial(at))),
          hex('3010'),
        ),
      }),
      'truncated',
    ],
    [
      'an entry with 33 extensions',
      list(
        1,
        ...Array.from(
          { length: 33 },
          (_, at) => () =>
            extension(`2a${(at + 1).toString(16).padStart(2, '0')}`, hex('0500'), false),
        ),
      ),
      'too_many',
    ],
    [
      'entries of sequences within sequences',
      crl({ entries: nested(0x30, 10_000) }),
      'tag_unexpected',
    ],
    [
      'a number of 8 KiB',
      crl({
        extensions: tlv(
          0xa0,
          sequence(extension('551d14', tlv(0x02, new Uint8Array(8192).fill(1)), false)),
        ),
      }),
      'integer_invalid',
    ],
  ])('%s', (_, der, expected) => {
    expect(bounded(() => parseCrl(der))).toMatchObject({
      error: { code: 'crl_malformed', reason: expected },
    })
  })
})

describe('PEM', () => {
  const block = (body: string): string =>
    `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`

  test.each<[string, string, string]>([
    ['a thousand certificates', block('AAAA').repeat(1_000), 'too_many'],
    ['nothing but line breaks', '\n'.repeat(65_536), 'empty'],
    ['a body of line breaks', block('\n'.repeat(60_000)), 'base64_invalid'],
    ['a body of padding', block('='.repeat(60_000)), 'base64_invalid'],
    ['a certificate within a certificate', block(block('AAAA')), 'boundary_invalid'],
    [
      'a beginning without an end',
      `-----BEGIN CERTIFICATE-----\n${'A'.repeat(60_000)}`,
      'boundary_invalid',
    ],
    [
      'beginnings without an end',
      '-----BEGIN CERTIFICATE-----\n'.repeat(2_000),
      'boundary_invalid',
    ],
    ['the longest that is too long', ' '.repeat(65_537), 'too_long'],
  ])('%s', (_, text, reason) => {
    const bytes = utf8(text)
    expect(bounded(() => parsePemCertificates(bytes, 8))).toEqual({
      ok: false,
      error: { code: 'pem_malformed', reason },
    })
  })
})

test('any byte of a certificate may turn into any that DER gives a meaning to', () => {
  const der = certificate({
    issuer: sequence(
      many(2, () => rdn(ORGANISATION, 'x')),
      NAME.subarray(2),
    ),
  })
  const telling = [
    0x00, 0x01, 0x02, 0x04, 0x06, 0x1f, 0x30, 0x31, 0x7f, 0x80, 0x81, 0x84, 0xa0, 0xa3, 0xff,
  ]
  for (let at = 0; at < der.length; at++) {
    for (const byte of telling) {
      const parsed = parseCertificate(der.with(at, byte))
      if (!parsed.ok) expect(parsed.error.code).toBe('certificate_malformed')
    }
  }
})

test('elements of any shape are read or refused, never followed out of their parent', () => {
  const element: fc.Arbitrary<Uint8Array> = fc.letrec<{ tree: Uint8Array }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 6 },
      fc
        .tuple(fc.constantFrom(2, 4, 5, 6), fc.uint8Array({ maxLength: 8 }))
        .map(([tag, content]) => tlv(tag, content)),
      fc
        .tuple(
          fc.constantFrom(0x30, 0x31, 0xa0),
          fc.array(tie('tree'), { maxLength: 3 }),
          fc.integer({ min: -2, max: 3 }),
        )
        .map(([tag, parts, lie]) => {
          const whole = tlv(tag, ...parts)
          const length = whole[1] ?? 0
          return length < 0x7c ? whole.with(1, Math.max(0, length + lie)) : whole
        }),
    ),
  })).tree
  const property = fc.property(element, (der) => {
    const read = readDer(der, (input) => {
      input.sequence((outer) => {
        while (outer.remaining > 0) {
          expect(outer.element().length).toBeLessThanOrEqual(der.length - 2)
        }
      })
    })
    if (!read.ok) expect(read.error.at).toBeLessThanOrEqual(der.length)
  })
  fc.assert(property, { numRuns: 300 })
})
