import { X509Certificate } from 'node:crypto'
import { bytesToHex, concatBytes, parseHex, unwrap, utf8 } from '@tacit/base'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { native } from '../native/index.ts'
import { hex } from '../testing/bytes.ts'
import {
  certificate,
  CONSTRAINTS,
  crl,
  ECDSA,
  ECDSA_SHA384,
  entry,
  extension,
  KEY,
  oid,
  sequence,
  SIGNATURE,
  tlv,
  withExtensions,
} from '../testing/certificate-parts.ts'
import { KEY_USAGE, parseCertificate } from './certificate.ts'
import { isRevoked, parseCrl } from './crl.ts'
import type { DerReason } from './der.ts'

/**
 * Intel SGX Root CA. Source: https://certificates.trustedservices.intel.com/IntelSGXRootCA.der,
 * SHA-256 44a0196b2b99f889b8e149e95b807a350e7424964399e885a7cbb8ccfab674d3.
 */
const ROOT = unwrap(
  parseHex(
    [
      '3082028f30820234a003020102021422650cd65a9d3489f383b49552bf501b392706ac300a06082a8648ce3d04',
      '03023068311a301806035504030c11496e74656c2053475820526f6f74204341311a3018060355040a0c11496e',
      '74656c20436f72706f726174696f6e3114301206035504070c0b53616e746120436c617261310b300906035504',
      '080c024341310b3009060355040613025553301e170d3138303532313130343531305a170d3439313233313233',
      '353935395a3068311a301806035504030c11496e74656c2053475820526f6f74204341311a3018060355040a0c',
      '11496e74656c20436f72706f726174696f6e3114301206035504070c0b53616e746120436c617261310b300906',
      '035504080c024341310b30090603550406130255533059301306072a8648ce3d020106082a8648ce3d03010703',
      '4200040ba9c4c0c0c86193a3fe23d6b02cda10a8bbd4e88e48b4458561a36e705525f567918e2edc88e40d860b',
      'd0cc4ee26aacc988e505a953558c453f6b0904ae7394a381bb3081b8301f0603551d2304183016801422650cd6',
      '5a9d3489f383b49552bf501b392706ac30520603551d1f044b30493047a045a043864168747470733a2f2f6365',
      '727469666963617465732e7472757374656473657276696365732e696e74656c2e636f6d2f496e74656c534758',
      '526f6f7443412e646572301d0603551d0e0416041422650cd65a9d3489f383b49552bf501b392706ac300e0603',
      '551d0f0101ff04040302010630120603551d130101ff040830060101ff020101300a06082a8648ce3d04030203',
      '49003046022100e5bfe50911f92f428920dc368a302ee3d12ec5867ff622ec6497f78060c13c20022100e09d25',
      'ac7a0cb3e5e8e68fec5fa3bd416c47440bd950639d450edcbea4576aa2',
    ].join(''),
  ),
)

/**
 * Revocation list of that root of 2025-03-20. Source:
 * automata-network/automata-dcap-attestation at 2df31aa,
 * solana/automata-dcap-framework/tests/data/intel_root_ca_crl.der.
 */
const ROOT_CRL = unwrap(
  parseHex(
    [
      '308201203081c8020101300a06082a8648ce3d0403023068311a301806035504030c11496e74656c2053475820',
      '526f6f74204341311a3018060355040a0c11496e74656c20436f72706f726174696f6e3114301206035504070c',
      '0b53616e746120436c617261310b300906035504080c024341310b3009060355040613025553170d3235303332',
      '303131323135375a170d3236303430333131323135375aa02f302d300a0603551d140403020101301f0603551d',
      '2304183016801422650cd65a9d3489f383b49552bf501b392706ac300a06082a8648ce3d040302034700304402',
      '2030c9fce1438da0a94e4fffdd46c9650e393be6e5a7862d4e4e73527932d04af302206539efe3f734c3d7df20',
      'd9dfc4630e1c7ff0439a0f8ece101f15b5eaff9b4f33',
    ].join(''),
  ),
)

describe('certificates', () => {
  test("Intel's root is read as node reads it", () => {
    const parsed = unwrap(parseCertificate(ROOT))
    const oracle = new X509Certificate(ROOT)
    expect(bytesToHex(parsed.serial)).toBe(oracle.serialNumber.toLowerCase())
    expect(parsed.notBefore).toBe(Date.parse(oracle.validFrom) / 1000)
    expect(parsed.notAfter).toBe(Date.parse(oracle.validTo) / 1000)
    expect(parsed.isCa).toBe(oracle.ca)
    expect(parsed.pathLength).toBe(1)
    expect(parsed.subject.commonName).toBe('Intel SGX Root CA')
    expect(parsed.keyUsage).toBe(KEY_USAGE.certificateSign | KEY_USAGE.crlSign)
    const { x, y } = oracle.publicKey.export({ format: 'jwk' })
    expect(Buffer.from(parsed.publicKey.bytes).toString('base64url')).toBe(
      Buffer.concat([
        Buffer.from(x ?? '', 'base64url'),
        Buffer.from(y ?? '', 'base64url'),
      ]).toString('base64url'),
    )
  })

  test('its signature verifies under its own key, and no longer once a byte differs', () => {
    const { tbs, publicKey, signature } = unwrap(parseCertificate(ROOT))
    const check = {
      scheme: 'p256',
      publicKey: publicKey.bytes,
      signature: signature.bytes,
    } as const
    expect(native.verify({ ...check, message: tbs })).toBe(true)
    expect(native.verify({ ...check, message: tbs.with(40, 0) })).toBe(false)
  })

  test('the parts of these tests make a certificate', () => {
    expect(unwrap(parseCertificate(certificate({})))).toMatchObject({
      isCa: true,
      pathLength: 0,
      keyUsage: KEY_USAGE.certificateSign | KEY_USAGE.crlSign,
      subject: { commonName: 'x' },
    })
  })

  test('a view with an offset is read like its copy', () => {
    const shifted = concatBytes(new Uint8Array(5), ROOT).subarray(5)
    expect(parseCertificate(shifted)).toEqual(parseCertificate(ROOT))
  })

  const MALFORMED: readonly [string, Uint8Array, DerReason][] = [
    ['nothing', new Uint8Array(), 'truncated'],
    ['bytes behind', concatBytes(ROOT, Uint8Array.of(0)), 'trailing_bytes'],
    ['more than 16 KiB', new Uint8Array(16 * 1024 + 1), 'too_long'],
    ['version 1', certificate({ version: new Uint8Array() }), 'tag_unexpected'],
    ['version 2', certificate({ version: tlv(0xa0, hex('020101')) }), 'version_unsupported'],
    ['serial 0 of two bytes', certificate({ serial: hex('02020000') }), 'integer_invalid'],
    ['an empty serial', certificate({ serial: hex('0200') }), 'integer_invalid'],
    ['a negative serial', certificate({ serial: hex('0201ff') }), 'integer_invalid'],
    [
      'a serial of 21 bytes',
      certificate({ serial: tlv(2, new Uint8Array(21).fill(1)) }),
      'integer_invalid',
    ],
    [
      'another algorithm inside',
      certificate({ algorithm: ECDSA_SHA384 }, SIGNATURE, ECDSA),
      'algorithm_mismatch',
    ],
    [
      'algorithm parameters',
      certificate({ algorithm: sequence(oid('2a8648ce3d040302'), hex('0500')) }),
      'trailing_bytes',
    ],
    ['another algorithm outside', certificate({}, SIGNATURE, ECDSA_SHA384), 'algorithm_mismatch'],
    [
      'another curve',
      certificate({
        key: sequence(
          sequence(oid('2a8648ce3d0201'), oid('2b81040022')),
          tlv(0x03, new Uint8Array(66)),
        ),
      }),
      'algorithm_unsupported',
    ],
    [
      'an RSA key that is none',
      certificate({
        key: sequence(sequence(oid('2a864886f70d010101'), hex('0500')), hex('03020001')),
      }),
      'truncated',
    ],
    [
      'an Ed25519 key',
      certificate({ key: sequence(sequence(oid('2b6570')), tlv(0x03, new Uint8Array(33))) }),
      'algorithm_unsupported',
    ],
    [
      'a compressed key',
      certificate({ key: sequence(KEY, tlv(0x03, Uint8Array.of(0, 2), new Uint8Array(32))) }),
      'algorithm_unsupported',
    ],
    ['no extensions', certificate({ extensions: new Uint8Array() }), 'truncated'],
    ['an empty list of extensions', withExtensions(), 'value_invalid'],
    [
      'an unknown critical extension',
      withExtensions(CONSTRAINTS, extension('551d24', hex('3000'), true)),
      'extension_unknown',
    ],
    ['an extension twice', withExtensions(CONSTRAINTS, CONSTRAINTS), 'extension_duplicate'],
    [
      '33 extensions',
      withExtensions(
        ...Array.from({ length: 33 }, (_, at) =>
          extension(`2a${(at + 1).toString(16).padStart(2, '0')}`, hex('0500'), false),
        ),
      ),
      'too_many',
    ],
    [
      'a path length without CA',
      withExtensions(extension('551d13', sequence(hex('020100')), true)),
      'trailing_bytes',
    ],
    [
      'CA spelled FALSE',
      withExtensions(extension('551d13', sequence(hex('010100')), true)),
      'boolean_invalid',
    ],
    [
      'critical spelled FALSE',
      withExtensions(sequence(oid('551d24'), hex('010100'), hex('04023000'))),
      'boolean_invalid',
    ],
    [
      'an empty key usage',
      withExtensions(extension('551d0f', hex('03020700'), true)),
      'bit_string_invalid',
    ],
    [
      'a signature with unused bits',
      certificate({}, tlv(0x03, Uint8Array.of(1), sequence(hex('020101'), hex('020101')))),
      'bit_string_invalid',
    ],
    [
      'a signature that is no pair',
      certificate({}, tlv(0x03, Uint8Array.of(0), hex('020101'))),
      'tag_unexpected',
    ],
    [
      'a name that is no UTF-8',
      certificate({ subject: sequence(tlv(0x31, sequence(oid('550403'), tlv(0x0c, hex('ff'))))) }),
      'text_invalid',
    ],
    [
      'a universal string in a name',
      certificate({
        subject: sequence(tlv(0x31, sequence(oid('550403'), tlv(0x1c, hex('00000041'))))),
      }),
      'tag_unexpected',
    ],
  ]

  test.each(MALFORMED)('%s', (_, der, reason) => {
    const parsed = parseCertificate(der)
    expect(parsed).toMatchObject({ error: { code: 'certificate_malformed', reason } })
  })

  test('two common names count as none', () => {
    const part = tlv(0x31, sequence(oid('550403'), tlv(0x0c, utf8('x'))))
    const { subject } = unwrap(parseCertificate(certificate({ subject: sequence(part, part) })))
    expect(subject.commonName).toBeUndefined()
  })

  test('without constraints and usage a certificate is no CA and may do nothing', () => {
    const plain = withExtensions(extension('551d0e', hex('040100'), false))
    expect(unwrap(parseCertificate(plain))).toMatchObject({ isCa: false, keyUsage: undefined })
  })

  test('cut off anywhere', () => {
    for (let length = 0; length < ROOT.length; length++) {
      expect(parseCertificate(ROOT.subarray(0, length)).ok, `${length}`).toBe(false)
    }
  })
})

describe('revocation lists', () => {
  const reason = extension('551d15', hex('0a0101'), false)

  test("Intel's root list is read and verifies", () => {
    const list = unwrap(parseCrl(ROOT_CRL))
    const root = unwrap(parseCertificate(ROOT))
    expect(list.revoked).toEqual([])
    expect(list.thisUpdate).toBe(Date.UTC(2025, 2, 20, 11, 21, 57) / 1000)
    expect(list.nextUpdate).toBe(Date.UTC(2026, 3, 3, 11, 21, 57) / 1000)
    expect(list.crlNumber).toEqual(Uint8Array.of(1))
    expect(list.issuer.der).toEqual(root.subject.der)
    const signature = list.signature.bytes
    const check = { scheme: 'p256', publicKey: root.publicKey.bytes, signature } as const
    expect(native.verify({ ...check, message: list.tbs })).toBe(true)
  })

  test('entries are found by serial number', () => {
    const entries = sequence(entry('05', reason), entry('00ff'), entry('0100'))
    const list = unwrap(parseCrl(crl({ entries })))
    expect(list.revoked.map(bytesToHex)).toEqual(['05', 'ff', '0100'])
    expect(isRevoked(list, hex('ff'))).toBe(true)
    expect(isRevoked(list, hex('00ff'))).toBe(false)
    expect(isRevoked(list, hex('06'))).toBe(false)
  })

  const MALFORMED: readonly [string, Uint8Array, DerReason][] = [
    ['version 1', crl({ version: new Uint8Array() }), 'tag_unexpected'],
    ['version 3', crl({ version: hex('020102') }), 'version_unsupported'],
    ['no next update', crl({ next: new Uint8Array() }), 'truncated'],
    ['an empty list of entries', crl({ entries: sequence() }), 'value_invalid'],
    [
      'a delta list',
      crl({ extensions: tlv(0xa0, sequence(extension('551d1b', hex('020101'), true))) }),
      'extension_unknown',
    ],
    [
      'an indirect list',
      crl({ extensions: tlv(0xa0, sequence(extension('551d1c', hex('3000'), true))) }),
      'extension_unknown',
    ],
    [
      'an entry of another issuer',
      crl({ entries: sequence(entry('05', extension('551d1d', hex('3000'), true))) }),
      'extension_unknown',
    ],
    ['a negative serial', crl({ entries: sequence(entry('ff')) }), 'integer_invalid'],
    [
      'a negative number',
      crl({ extensions: tlv(0xa0, sequence(extension('551d14', hex('0201ff'), false))) }),
      'integer_invalid',
    ],
    ['more than 512 KiB', new Uint8Array(512 * 1024 + 1), 'too_long'],
    ['bytes behind', concatBytes(ROOT_CRL, Uint8Array.of(0)), 'trailing_bytes'],
  ]

  test.each(MALFORMED)('%s', (_, der, expected) => {
    expect(parseCrl(der)).toMatchObject({ error: { code: 'crl_malformed', reason: expected } })
  })

  test('cut off anywhere', () => {
    for (let length = 0; length < ROOT_CRL.length; length++) {
      expect(parseCrl(ROOT_CRL.subarray(0, length)).ok, `${length}`).toBe(false)
    }
  })
})

test('random edits give results, never exceptions', () => {
  const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 5 })
  const property = fc.property(fc.constantFrom(ROOT, ROOT_CRL), edits, (whole, changes) => {
    const bytes = whole.slice()
    for (const [at, byte] of changes) bytes[at % bytes.length] = byte
    parseCertificate(bytes)
    parseCrl(bytes)
  })
  fc.assert(property, { numRuns: 500 })
})
