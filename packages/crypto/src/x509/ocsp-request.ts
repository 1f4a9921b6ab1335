import { concatBytes } from '@tacit/base'
import type { Hashes } from '../types.ts'
import type { Certificate } from './certificate.ts'
import { element, integer, octets, oid, sequence } from './der-writer.ts'
import type { OcspHash } from './ocsp.ts'

export interface OcspRequest {
  /** The certificate that is asked about. */
  readonly certificate: Pick<Certificate, 'serial'>
  /** Its issuer, with a key on a curve. */
  readonly issuer: Pick<Certificate, 'subject' | 'publicKey'>
  /** How the certificate is named; responders of old know SHA-1 alone. */
  readonly hash: OcspHash
  /** At most 32 bytes, which the responder repeats; none where left out. */
  readonly nonce?: Uint8Array
}

const NULL = element(0x05)
const NONCE = '1.3.6.1.5.5.7.48.1.2'
const HASH_IDS: Readonly<Record<OcspHash, string>> = {
  sha1: '1.3.14.3.2.26',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
}

/**
 * Writes an unsigned request about one certificate, DER.
 * Source: RFC 6960, section 4.1.1; RFC 8954 for the nonce.
 */
export function writeOcspRequest(
  { certificate, issuer, hash, nonce }: OcspRequest,
  hashes: Pick<Hashes, OcspHash>,
): Uint8Array {
  const digest = hashes[hash]
  const point = concatBytes(Uint8Array.of(4), issuer.publicKey.bytes)
  const certificateId = sequence(
    sequence(oid(HASH_IDS[hash]), NULL),
    octets(digest(issuer.subject.der)),
    octets(digest(point)),
    integer(certificate.serial),
  )
  const requests = sequence(sequence(certificateId))
  if (nonce === undefined) return sequence(sequence(requests))
  const extension = sequence(oid(NONCE), octets(octets(nonce)))
  return sequence(sequence(requests, element(0xa2, sequence(extension))))
}
