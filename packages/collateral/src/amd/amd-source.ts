import { createHash } from 'node:crypto'
import { boundedBytes, err, ok, struct, type Codec, type Result } from '@tacit/base'
import {
  decideSnp,
  parseSnpReport,
  type SnpCollateral,
  type SnpError,
  type SnpFamily,
  type SnpFormError,
  type SnpSigningKey,
  type SnpVerdict,
  type TrustedRoot,
} from '@tacit/attestation'
import type { SignatureCheck } from '@tacit/crypto'
import type { Http } from '../http/http-client.ts'
import type { HttpError } from '../http/http-error.ts'
import type { Obtain, Obtained, Published, StaleError } from '../obtain.ts'
import { familyOfReport, requestVcek, vcekPath, type VcekRequestError } from './vcek-request.ts'

export interface AmdOptions {
  readonly http: Http
  readonly obtain: Obtain
  /** AMD_KDS, or a mirror of it. */
  readonly baseUrl: string
  readonly roots: readonly TrustedRoot[]
  readonly verify: (check: SignatureCheck) => boolean
  /** Unix seconds. */
  readonly now: () => number
}

export interface SnpRequest {
  /** 1184 bytes. */
  readonly report: Uint8Array
  /** For reports of version 2, which do not name their processor. */
  readonly family?: SnpFamily
  /** VCEK or VLEK, DER, where the host gave it; else AMD is asked for the VCEK. */
  readonly endorsement?: Uint8Array
}

export type AmdError =
  | VcekRequestError
  /** The verifier's error: what came, or the report, is not well formed, signed, valid or fitting. */
  | { readonly code: 'collateral_refused'; readonly error: SnpError }

/** Collateral under which the report verified, with what it says. */
export interface AmdCollateral {
  readonly collateral: SnpCollateral
  readonly verdict: SnpVerdict
}

export interface AmdSource {
  /** What a report needs; `from` and `fetchedAt` speak of the revocation list. */
  forReport(
    request: SnpRequest,
  ): Promise<Result<Obtained<AmdCollateral>, AmdError | SnpFormError | HttpError | StaleError>>
}

export const AMD_KDS = 'https://kdsintf.amd.com'

/** A chip's certificate never changes, and AMD answers only few questions an hour. */
const ENDORSEMENT_AGE_SECONDS = 30 * 86_400
const MAX_CERTIFICATE_BYTES = 16_384
const MAX_CHAIN_BYTES = 65_536
const MAX_CRL_BYTES = 524_288
const CONTENT_TYPES = [
  'application/octet-stream',
  'application/pkix-cert',
  'application/pkix-crl',
  'application/x-x509-ca-cert',
  'application/x-pem-file',
  'application/pem-certificate-chain',
  'text/plain',
]

interface Endorsed {
  readonly endorsement: Uint8Array
  /** PEM text: ASK or ASVK, ARK. */
  readonly chain: Uint8Array
}

const endorsedCodec: Codec<Endorsed> = struct({
  endorsement: boundedBytes(MAX_CERTIFICATE_BYTES),
  chain: boundedBytes(MAX_CHAIN_BYTES),
})
const crlCodec: Codec<Uint8Array> = boundedBytes(MAX_CRL_BYTES)

/** What a request comes to. */
interface Wanted {
  readonly report: Uint8Array
  readonly family: SnpFamily
  readonly signingKey: SnpSigningKey
  /** Where AMD has the certificate, or the certificate as the host gave it. */
  readonly endorsement: { readonly path: string } | { readonly given: Uint8Array }
}

/**
 * Gets SEV-SNP collateral from AMD's key distribution service: the chip's certificate at the
 * report's patch level, the certificates above it, and the revocation list. All of it is verified
 * together with the report that needs it.
 * Source: VCEK Certificate and KDS Interface Specification (AMD 57230), chapter 4.
 */
export function createAmdSource(given: AmdOptions): AmdSource {
  const options = { ...given, baseUrl: given.baseUrl.replace(/\/$/, '') }
  return {
    async forReport(request) {
      const wanted = readRequest(request)
      if (!wanted.ok) return wanted
      const endorsed = await options.obtain(publishedEndorsement(options, wanted.value))
      if (!endorsed.ok) return endorsed
      return options.obtain(publishedCrl(options, wanted.value, endorsed.value.value))
    },
  }
}

function readRequest({
  report,
  family: named,
  endorsement: given,
}: SnpRequest): Result<Wanted, VcekRequestError | SnpFormError> {
  const parsed = parseSnpReport(report)
  if (!parsed.ok) return parsed
  const { fields } = parsed.value
  const family = familyOfReport(fields, named)
  if (!family.ok) return family
  const known = { report, family: family.value, signingKey: fields.signingKey }
  if (given !== undefined) return ok({ ...known, endorsement: { given } })
  const vcek = requestVcek(fields, family.value)
  return vcek.ok ? ok({ ...known, endorsement: { path: vcekPath(vcek.value) } }) : vcek
}

function publishedEndorsement(
  options: AmdOptions,
  wanted: Wanted,
): Published<Endorsed, Endorsed, AmdError> {
  const { signingKey, family, endorsement } = wanted
  const name =
    'path' in endorsement
      ? endorsement.path
      : createHash('sha256').update(endorsement.given).digest('hex')
  return {
    key: ['amd', options.baseUrl, signingKey, family, name].join(' '),
    codec: endorsedCodec,
    maxAgeSeconds: ENDORSEMENT_AGE_SECONDS,
    fetch: () => fetchEndorsed(options, wanted),
    check: (endorsed) => {
      const decided = decide(options, wanted, { ...endorsed, crl: undefined })
      return decided.ok ? ok(endorsed) : decided
    },
    isOlder: () => false,
  }
}

async function fetchEndorsed(
  options: AmdOptions,
  { signingKey, family, endorsement }: Wanted,
): Promise<Result<Endorsed, HttpError>> {
  const chain = await get(options, `/${signingKey}/v1/${family}/cert_chain`, MAX_CHAIN_BYTES)
  if (!chain.ok) return chain
  const leaf =
    'path' in endorsement
      ? await get(options, endorsement.path, MAX_CERTIFICATE_BYTES)
      : ok(endorsement.given)
  return leaf.ok ? ok({ chain: chain.value, endorsement: leaf.value }) : leaf
}

function publishedCrl(
  options: AmdOptions,
  wanted: Wanted,
  endorsed: Endorsed,
): Published<Uint8Array, AmdCollateral, AmdError> {
  const { signingKey, family } = wanted
  return {
    key: ['amd', options.baseUrl, signingKey, family, 'crl'].join(' '),
    codec: crlCodec,
    fetch: () => get(options, `/${signingKey}/v1/${family}/crl`, MAX_CRL_BYTES),
    check: (crl) => decide(options, wanted, { ...endorsed, crl }),
    // Not the verdict's window, which begins with the chip's certificate: AMD issues that on demand.
    isOlder: (fresh, kept) => issueOf(fresh) < issueOf(kept),
  }
}

/** Unix seconds. */
function issueOf({ verdict }: AmdCollateral): number {
  return verdict.issued.crl ?? 0
}

function decide(
  { roots, verify, now }: AmdOptions,
  { report }: Wanted,
  collateral: SnpCollateral,
): Result<AmdCollateral, AmdError> {
  const verdict = decideSnp({ report, collateral, roots, now: now() }, verify)
  if (!verdict.ok) return err({ code: 'collateral_refused', error: verdict.error })
  return ok({ collateral, verdict: verdict.value })
}

async function get(
  { http, baseUrl }: AmdOptions,
  path: string,
  maxBytes: number,
): Promise<Result<Uint8Array, HttpError>> {
  const answer = await http({ url: baseUrl + path, contentTypes: CONTENT_TYPES, maxBytes })
  return answer.ok ? ok(answer.value.body) : answer
}
