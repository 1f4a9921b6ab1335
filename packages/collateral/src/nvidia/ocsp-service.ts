import { createHash } from 'node:crypto'
import { boundedBytes, err, ok, vec, type Codec, type Result } from '@tacit/base'
import { decideNvidia, type NvidiaError, type NvidiaVerdict } from '@tacit/attestation'
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
  /** No response is about these of the device's certificates, by their role. */
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
/** Between the attestation key's, which the device issues itself, and the root. */
const ASKED = [1, 2, 3]
const ocspCodec: Codec<readonly Uint8Array[]> = vec(boundedBytes(MAX_RESPONSE_BYTES), ASKED.length)

/** OCSP responses about all certificates of a device that NVIDIA can revoke. */
export function publishedOcsp(
  options: NvidiaOptions,
  device: NvidiaDevice & { readonly nonce: Uint8Array },
): Published<readonly Uint8Array[], Ocsp, OcspServiceError> {
  const chainHash = createHash('sha256').update(device.chain).digest('hex')
  return {
    key: ['nvidia', options.ocspUrl, 'ocsp', chainHash].join(' '),
    codec: ocspCodec,
    fetch: () => fetchOcsp(options, device.chain),
    check: (responses) => {
      const { roots, verify, hashes, now } = options
      const context = { roots, hashes, now: now(), allowCertificateHold: true }
      const verdict = decideNvidia({ ...device, ...context, ocsp: responses }, verify)
      if (!verdict.ok) return err({ code: 'collateral_refused', error: verdict.error })
      const { unknown } = verdict.value.revocation
      if (unknown.length > 0) return err({ code: 'ocsp_unanswered', certificates: unknown })
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
  pem: Uint8Array,
): Promise<Result<readonly Uint8Array[], OcspServiceError | HttpError>> {
  const chain = parseChain(pem)
  const responses: Uint8Array[] = []
  for (const at of ASKED) {
    const [certificate, issuer] = [chain[at], chain[at + 1]]
    if (certificate === undefined || issuer === undefined) break
    const response = await askFor(options, certificate, issuer)
    if (!response.ok) return response
    responses.push(response.value)
  }
  return ok(responses)
}

/** The chain has verified before; what does not read is left out. */
function parseChain(pem: Uint8Array): readonly Certificate[] {
  const ders = parsePemCertificates(pem, MAX_CERTIFICATES)
  if (!ders.ok) return []
  return ders.value.flatMap((der) => {
    const parsed = parseCertificate(der, ['p384'])
    return parsed.ok ? [parsed.value] : []
  })
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
