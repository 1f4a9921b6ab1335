import { createHash } from 'node:crypto'
import { boundedBytes, err, ok, vec, type Codec, type Result } from '@tacit/base'
import { decideNvidia, parseRim, type NvidiaError, type NvidiaVerdict } from '@tacit/attestation'
import {
  parseCertificate,
  parseOcspResponse,
  parsePemCertificates,
  writeOcspRequest,
  type Certificate,
  type DerReason,
} from '@tacit/crypto/x509'
import type { HttpError } from '../http/http-error.ts'
import type { Published } from '../obtain.ts'
import type { NvidiaDevice, NvidiaOptions } from './nvidia-options.ts'

export type OcspServiceError =
  /** A response is not one: an error of the responder's, for one. */
  | { readonly code: 'ocsp_unreadable'; readonly reason: DerReason }
  /** No response is about these of the device's or manifest's certificates, by their role. */
  | {
      readonly code: 'ocsp_unanswered'
      readonly certificates: NvidiaVerdict['revocation']['unknown']
    }
  /** The verifier's error: a response is not signed or valid, or a certificate is revoked. */
  | { readonly code: 'collateral_refused'; readonly error: NvidiaError }

/** Responses under which the device's report verified. */
export interface Ocsp {
  readonly responses: readonly Uint8Array[]
  readonly verdict: NvidiaVerdict
}

const MAX_RESPONSE_BYTES = 65_536
const MAX_CERTIFICATES = 8
/** Device and its two CAs, or a manifest's signer and its two CAs. */
const ASKED = 3
const ocspCodec: Codec<readonly Uint8Array[]> = vec(boundedBytes(MAX_RESPONSE_BYTES), ASKED)

type Evidence = NvidiaDevice & { readonly nonce: Uint8Array }

/** OCSP responses about all certificates of a device that NVIDIA can revoke. */
export function publishedOcsp(
  options: NvidiaOptions,
  device: Evidence,
): Published<readonly Uint8Array[], Ocsp, OcspServiceError> {
  // The attestation key's certificate is issued by the device itself.
  return published(options, device, [], readChain(device.chain).slice(1))
}

/** The same about the certificates that a manifest for the device is signed under. */
export function publishedRimOcsp(
  options: NvidiaOptions,
  device: Evidence,
  rim: Uint8Array,
): Published<readonly Uint8Array[], Ocsp, OcspServiceError> {
  return published(options, device, [rim], readRimChain(rim, options))
}

/** @param chain from the first certificate that is asked about to the root. */
function published(
  options: NvidiaOptions,
  device: Evidence,
  rims: readonly Uint8Array[],
  chain: readonly Certificate[],
): Published<readonly Uint8Array[], Ocsp, OcspServiceError> {
  const hash = createHash('sha256')
  for (const { der } of chain) hash.update(der)
  return {
    key: ['nvidia', options.ocspUrl, 'ocsp', hash.digest('hex')].join(' '),
    codec: ocspCodec,
    fetch: () => fetchOcsp(options, chain),
    check: (responses) => {
      const { roots, verify, hashes, now } = options
      const context = { roots, hashes, now: now(), allowCertificateHold: true }
      const verdict = decideNvidia({ ...device, ...context, rims, ocsp: responses }, verify)
      if (!verdict.ok) return err({ code: 'collateral_refused', error: verdict.error })
      const certificates = verdict.value.revocation.unknown.filter(
        (role) => role.startsWith('rim_') === rims.length > 0,
      )
      if (certificates.length > 0) return err({ code: 'ocsp_unanswered', certificates })
      return ok({ responses, verdict: verdict.value })
    },
    isOlder: (fresh, kept) => endOf(fresh) < endOf(kept),
  }
}

function endOf({ verdict }: Ocsp): number {
  return verdict.revocation.until ?? 0
}

async function fetchOcsp(
  options: NvidiaOptions,
  chain: readonly Certificate[],
): Promise<Result<readonly Uint8Array[], OcspServiceError | HttpError>> {
  const responses: Uint8Array[] = []
  for (const [at, issuer] of chain.slice(1, ASKED + 1).entries()) {
    const certificate = chain[at]
    if (certificate === undefined) break
    const response = await askFor(options, certificate, issuer)
    if (!response.ok) return response
    responses.push(response.value)
  }
  return ok(responses)
}

/** The chain has verified before; what does not read is left out. */
function readChain(pem: Uint8Array): readonly Certificate[] {
  const ders = parsePemCertificates(pem, MAX_CERTIFICATES)
  return ders.ok ? ders.value.flatMap(readCertificate) : []
}

function readRimChain(
  bytes: Uint8Array,
  { hashes }: Pick<NvidiaOptions, 'hashes'>,
): readonly Certificate[] {
  const rim = parseRim(bytes, hashes)
  if (!rim.ok) return []
  const { certificates, root } = rim.value.chain
  return [...certificates.map(({ certificate }) => certificate), ...readCertificate(root)]
}

function readCertificate(der: Uint8Array): readonly Certificate[] {
  const parsed = parseCertificate(der, ['p384'])
  return parsed.ok ? [parsed.value] : []
}

/** Without a nonce: a response is meant to be kept and handed on until it ends. */
async function askFor(
  { http, ocspUrl, hashes }: NvidiaOptions,
  certificate: Certificate,
  issuer: Certificate,
): Promise<Result<Uint8Array, OcspServiceError | HttpError>> {
  const answer = await http({
    url: ocspUrl,
    body: writeOcspRequest({ certificate, issuer, hash: 'sha256' }, hashes),
    headers: { 'content-type': 'application/ocsp-request' },
    contentTypes: ['application/ocsp-response'],
    maxBytes: MAX_RESPONSE_BYTES,
  })
  if (!answer.ok) return answer
  const { body } = answer.value
  const response = parseOcspResponse(body)
  return response.ok ? ok(body) : err({ code: 'ocsp_unreadable', reason: response.error.reason })
}
