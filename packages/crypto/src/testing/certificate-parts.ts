import { concatBytes, utf8 } from '@tacit/base'
import { be, hex } from './bytes.ts'

/** One DER element: a header for the parts together. */
export function tlv(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = concatBytes(...parts)
  const { length } = content
  const size = length < 0x80 ? 0 : Math.ceil(length.toString(16).length / 2)
  const header =
    size === 0
      ? Uint8Array.of(length)
      : concatBytes(Uint8Array.of(0x80 | size), be(size, BigInt(length)))
  return concatBytes(Uint8Array.of(tag), header, content)
}

export const sequence = (...parts: readonly Uint8Array[]): Uint8Array => tlv(0x30, ...parts)
export const oid = (content: string): Uint8Array => tlv(0x06, hex(content))

/** ecdsa-with-SHA256 and ecdsa-with-SHA384. */
export const ECDSA: Uint8Array = sequence(oid('2a8648ce3d040302'))
export const ECDSA_SHA384: Uint8Array = sequence(oid('2a8648ce3d040303'))
/** A P-256 key. */
export const KEY: Uint8Array = sequence(oid('2a8648ce3d0201'), oid('2a8648ce3d030107'))
export const SIGNATURE: Uint8Array = tlv(
  0x03,
  Uint8Array.of(0),
  sequence(hex('020101'), hex('020101')),
)
export const NAME: Uint8Array = sequence(tlv(0x31, sequence(oid('550403'), tlv(0x0c, utf8('x')))))
export const UTC: Uint8Array = tlv(0x17, utf8('250101000000Z'))
export const CONSTRAINTS: Uint8Array = extension(
  '551d13',
  sequence(hex('0101ff'), hex('020100')),
  true,
)
export const USAGE: Uint8Array = extension('551d0f', hex('03020106'), true)

/** What stands inside of a certificate's signed part, in order. */
export type CertificateParts = Readonly<
  Record<
    'version' | 'serial' | 'algorithm' | 'issuer' | 'validity' | 'subject' | 'key' | 'extensions',
    Uint8Array
  >
>

export const PARTS: CertificateParts = {
  version: tlv(0xa0, hex('020102')),
  serial: hex('020101'),
  algorithm: ECDSA,
  issuer: NAME,
  validity: sequence(UTC, UTC),
  subject: NAME,
  key: sequence(KEY, tlv(0x03, Uint8Array.of(0, 4), new Uint8Array(64).fill(1))),
  extensions: tlv(0xa3, sequence(CONSTRAINTS, USAGE)),
}

export function extension(id: string, content: Uint8Array, isCritical: boolean): Uint8Array {
  const critical = isCritical ? hex('0101ff') : new Uint8Array()
  return sequence(oid(id), critical, tlv(0x04, content))
}

/** A certificate of the usual parts but for some; nobody signed it. */
export function certificate(
  change: Partial<CertificateParts>,
  signature: Uint8Array = SIGNATURE,
  outside: Uint8Array = change.algorithm ?? ECDSA,
): Uint8Array {
  return sequence(sequence(...Object.values({ ...PARTS, ...change })), outside, signature)
}

export function withExtensions(...extensions: readonly Uint8Array[]): Uint8Array {
  return certificate({ extensions: tlv(0xa3, sequence(...extensions)) })
}

/** A revocation list of the usual parts but for some; nobody signed it. */
export function crl(
  change: {
    readonly version?: Uint8Array
    readonly algorithm?: Uint8Array
    readonly next?: Uint8Array
    readonly entries?: Uint8Array
    readonly extensions?: Uint8Array
  },
  signature: Uint8Array = SIGNATURE,
  outside: Uint8Array = change.algorithm ?? ECDSA,
): Uint8Array {
  const none = new Uint8Array()
  const { version = hex('020101'), algorithm = ECDSA, next = UTC } = change
  const { entries = none, extensions = none } = change
  const tbs = sequence(version, algorithm, NAME, UTC, next, entries, extensions)
  return sequence(tbs, outside, signature)
}

export function entry(serial: string, ...extensions: readonly Uint8Array[]): Uint8Array {
  const list = extensions.length === 0 ? [] : [sequence(...extensions)]
  return sequence(tlv(0x02, hex(serial)), UTC, ...list)
}
