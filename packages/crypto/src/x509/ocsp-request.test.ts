import { bytesToHex, parseHex, unwrap } from '@tacit/base'
import { describe, expect, test } from 'vitest'
import { native } from '../native/index.ts'
import { portable } from '../portable/index.ts'
import { OCSP_CA, OCSP_SUBJECT } from '../testing/ocsp-cases.ts'
import { parseCertificate } from './certificate.ts'
import { writeOcspRequest } from './ocsp-request.ts'

const issuer = unwrap(parseCertificate(OCSP_CA))
const certificate = unwrap(parseCertificate(OCSP_SUBJECT))

/** Written by OpenSSL 3.0's `openssl ocsp -no_nonce -reqout` for the same two certificates. */
const BY_OPENSSL = {
  sha1: `
    304a3048304630443042300906052b0e03021a050004142d9a800ce21f6bbe6f70eee6c44c4fc98db22efb041494d8
    14f6aa28f05c1fdc8d1b4166d1d8e8223283020941e23d711e1c4fbfac`,
  sha256: `
    3066306430623060305e300d060960864801650304020105000420c9f832cfbdf6b6c2a95cb9acca4fdd988226ec2d
    4f94894d306a9f3842ec8b990420faee53d2ae6a7c2cb40e466794d7e0e65230bda8217795901297e61a37173efb02
    0941e23d711e1c4fbfac`,
  sha384: `
    308189308186308183308180307e300d060960864801650304020205000430b49fa6c19fb42f488d6701b8d2e8de07
    fd59e7123ac5dcf5949543acb1f7623c55badc4975660725bc74a03302d0033204304f3b0b7505333a21e9ea02b69e
    323bc3b631da9e867f6ab2390383fb2ca8acc7b5d1ba5bd6164d464e39af42ad4d6ab1020941e23d711e1c4fbfac`,
}
/** The same with `-sha256` and a nonce of OpenSSL's. */
const WITH_NONCE = `
  30818c30818930623060305e300d060960864801650304020105000420c9f832cfbdf6b6c2a95cb9acca4fdd988226ec
  2d4f94894d306a9f3842ec8b990420faee53d2ae6a7c2cb40e466794d7e0e65230bda8217795901297e61a37173efb02
  0941e23d711e1c4fbfaca2233021301f06092b06010505073001020412041058aee861e6d477126c095859eb4871a7`

const packed = (hex: string): string => hex.replaceAll(/\s/g, '')

describe('a request', () => {
  test.each(['sha1', 'sha256', 'sha384'] as const)('by %s is as OpenSSL writes it', (hash) => {
    for (const { hashes } of [native, portable]) {
      const request = writeOcspRequest({ certificate, issuer, hash }, hashes)
      expect(bytesToHex(request)).toBe(packed(BY_OPENSSL[hash]))
    }
  })

  test('with a nonce is as OpenSSL writes it', () => {
    const nonce = unwrap(parseHex('58aee861e6d477126c095859eb4871a7'))
    const request = writeOcspRequest({ certificate, issuer, hash: 'sha256', nonce }, native.hashes)
    expect(bytesToHex(request)).toBe(packed(WITH_NONCE))
  })

  test('names a serial number whose first bit is set as positive', () => {
    const serial = Uint8Array.of(0x80, 1)
    const request = writeOcspRequest(
      { certificate: { serial }, issuer, hash: 'sha1' },
      native.hashes,
    )
    expect(bytesToHex(request).endsWith('0203008001')).toBe(true)
  })
})
