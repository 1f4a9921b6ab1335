import { concatBytes, utf8 } from '@tacit/base'
import {
  bits,
  boolean,
  ecdsaSignature,
  element,
  integer,
  octets,
  oid,
  sequence,
  smallInteger,
  text,
  time,
} from '@tacit/crypto/der-writer'
import type { KeyScheme, PlatformKey } from './keys.ts'

/** What a certificate says; its issuer's name and key come separately. */
export interface CertificateSpec {
  readonly commonName: string
  /** Not negative, at most 20 bytes; AMD's leaves all have 0. */
  readonly serial: Uint8Array
  /** Unix seconds. */
  readonly notBefore: number
  readonly notAfter: number
  /** x||y: 64 bytes are a P-256 key, 96 a P-384 key; an RSA modulus is longer. */
  readonly publicKey: Uint8Array
  readonly isCa: boolean
  readonly pathLength: number | undefined
  /**
   * The key usage's first byte, bit 0 of the list highest. With 0, a certificate that is no CA has
   * neither key usage nor basic constraints, as AMD's and none of Intel's.
   */
  readonly keyUsage: number
  /** Further extensions, in DER. */
  readonly extensions: readonly Uint8Array[]
}

/** A revocation list's content. */
export interface CrlSpec {
  /** The issuer's common name. */
  readonly issuer: string
  /** Unix seconds. */
  readonly from: number
  readonly until: number
  readonly serials: readonly Uint8Array[]
}

/** Key usage of a CA: certificates and revocation lists. */
export const CA_USAGE = 0x06
/** Key usage of a leaf: digital signature, non-repudiation. */
export const LEAF_USAGE = 0xc0

const EC_PUBLIC_KEY = oid('1.2.840.10045.2.1')
const P256 = oid('1.2.840.10045.3.1.7')
const P384 = oid('1.3.132.0.34')
const SHA384 = sequence(oid('2.16.840.1.101.3.4.2.2'), element(0x05))
/** RSASSA-PSS with SHA-384, MGF1 with SHA-384 and a salt of 48 bytes. Source: RFC 4055, section 3.1. */
const PSS_PARAMETERS = sequence(
  element(0xa0, SHA384),
  element(0xa1, sequence(oid('1.2.840.113549.1.1.8'), SHA384)),
  element(0xa2, smallInteger(48)),
)
/** ECDSA with SHA-256 and with SHA-384, RSASSA-PSS. */
const ALGORITHMS: Readonly<Record<KeyScheme, Uint8Array>> = {
  p256: sequence(oid('1.2.840.10045.4.3.2')),
  p384: sequence(oid('1.2.840.10045.4.3.3')),
  rsaPss: sequence(oid('1.2.840.113549.1.1.10'), PSS_PARAMETERS),
}

/** Issues an X.509 v3 certificate in DER. */
export function issueCertificate(
  spec: CertificateSpec,
  issuerName: string,
  issuer: PlatformKey,
): Uint8Array {
  const tbs = sequence(
    element(0xa0, smallInteger(2)),
    integer(spec.serial),
    ALGORITHMS[issuer.scheme],
    subjectName(issuerName),
    sequence(time(spec.notBefore), time(spec.notAfter)),
    subjectName(spec.commonName),
    keyInfo(spec.publicKey),
    element(0xa3, sequence(...usage(spec), ...spec.extensions)),
  )
  return signed(tbs, issuer)
}

/** Issues an X.509 v2 revocation list in DER; its number is the time of issue, so that it rises. */
export function issueCrl(spec: CrlSpec, issuer: PlatformKey): Uint8Array {
  const entries = spec.serials.map((serial) => sequence(integer(serial), time(spec.from)))
  const number = extension('2.5.29.20', false, smallInteger(spec.from))
  const tbs = sequence(
    smallInteger(1),
    ALGORITHMS[issuer.scheme],
    subjectName(spec.issuer),
    time(spec.from),
    time(spec.until),
    entries.length === 0 ? new Uint8Array() : sequence(...entries),
    element(0xa0, sequence(number)),
  )
  return signed(tbs, issuer)
}

export function extension(id: string, critical: boolean, content: Uint8Array): Uint8Array {
  return critical
    ? sequence(oid(id), boolean(true), octets(content))
    : sequence(oid(id), octets(content))
}

/** PEM text of certificates in order. */
export function toPem(certificates: readonly Uint8Array[]): Uint8Array {
  const blocks = certificates.map((der) => {
    const lines = Buffer.from(der).toString('base64').replaceAll(/.{64}/g, '$&\n').trimEnd()
    return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`
  })
  return utf8(blocks.join(''))
}

function signed(tbs: Uint8Array, key: PlatformKey): Uint8Array {
  const signature = key.sign(tbs)
  const content = key.scheme === 'rsaPss' ? signature : ecdsaSignature(signature)
  return sequence(tbs, ALGORITHMS[key.scheme], bits(content))
}

function keyInfo(key: Uint8Array): Uint8Array {
  const curve = key.length === 64 ? P256 : key.length === 96 ? P384 : undefined
  if (curve !== undefined) {
    return sequence(sequence(EC_PUBLIC_KEY, curve), bits(concatBytes(Uint8Array.of(4), key)))
  }
  const pair = sequence(integer(key), smallInteger(65_537))
  return sequence(sequence(oid('1.2.840.113549.1.1.1'), element(0x05)), bits(pair))
}

/** The distinguished name that a certificate has for a common name. */
export function subjectName(commonName: string): Uint8Array {
  const part = (id: string, value: string) => element(0x31, sequence(oid(id), text(value)))
  return sequence(part('2.5.4.3', commonName), part('2.5.4.10', 'Tacit development platform'))
}

function usage(spec: CertificateSpec): Uint8Array[] {
  if (spec.keyUsage === 0) return spec.isCa ? [basicConstraints(spec)] : []
  return [keyUsage(spec), basicConstraints(spec)]
}

function keyUsage({ keyUsage: usage }: CertificateSpec): Uint8Array {
  const unused = Math.clz32(usage & -usage) < 32 ? 31 - Math.clz32(usage & -usage) : 0
  return extension('2.5.29.15', true, bits(Uint8Array.of(usage), unused))
}

function basicConstraints({ isCa, pathLength }: CertificateSpec): Uint8Array {
  const length = pathLength === undefined ? [] : [smallInteger(pathLength)]
  return extension('2.5.29.19', true, isCa ? sequence(boolean(true), ...length) : sequence())
}
