import { bytesToHex, err, ok, type Result } from '@tacit/base'
import type { CollateralScope, DcapCollateral } from '@tacit/attestation'
import type { Http, HttpAnswer } from '../http/http-client.ts'
import type { HttpError } from '../http/http-error.ts'
import { readCrlBody } from './crl-body.ts'
import { readIssuerChain, type ChainHeaderError } from './issuer-chain.ts'
import { cutSignedMember, type SignedMember, type SignedMemberError } from './signed-member.ts'

/** Where and how to ask. */
export interface IntelService {
  readonly http: Http
  /** INTEL_PCS, or a PCCS such as `https://pccs.example:8081`; without a slash at the end. */
  readonly baseUrl: string
  /** Sent as Ocp-Apim-Subscription-Key, to the base address alone; these documents need none. */
  readonly subscriptionKey?: string
  /** `early` gives a TCB recovery's numbers before Intel enforces them; standard where not given. */
  readonly update?: 'standard' | 'early'
}

/** An answer does not have the form that the service's interface gives it. */
export type IntelAnswerError =
  | ChainHeaderError
  | SignedMemberError
  /** A revocation list is neither DER nor hex: an error page, for one. */
  | { readonly code: 'crl_unreadable'; readonly crl: 'root_crl' | 'pck_crl' }

export const INTEL_PCS = 'https://api.trustedservices.intel.com'
/** The distribution point that Intel's root certificate names; PCS itself has no other. */
const INTEL_ROOT_CRL = 'https://certificates.trustedservices.intel.com/IntelSGXRootCA.der'

const JSON_TYPES = ['application/json']
/** PCCS sends its hex as whatever its framework calls text. */
const CRL_TYPES = [
  'application/pkix-crl',
  'application/octet-stream',
  'application/x-x509-ca-cert',
  'application/pkix-cert',
  'text/plain',
  'text/html',
]
/** PCCS kept the name that version 3 of Intel's interface had. */
const TCB_INFO_CHAIN = ['TCB-Info-Issuer-Chain', 'SGX-TCB-Info-Issuer-Chain'] as const
const QE_IDENTITY_CHAIN = ['SGX-Enclave-Identity-Issuer-Chain'] as const
const PCK_CRL_CHAIN = ['SGX-PCK-CRL-Issuer-Chain'] as const
/** Of the list itself; in hex it has twice as many. */
const MAX_CRL_BYTES = 524_288
const MAX_JSON_BYTES = 262_144

/** Asks for the four documents at once; nothing in them is verified yet. */
export async function fetchCollateral(
  service: IntelService,
  scope: CollateralScope,
): Promise<Result<DcapCollateral, IntelAnswerError | HttpError>> {
  const [pckCrl, rootCrl, tcbInfo, qeIdentity] = await Promise.all([
    fetchPckCrl(service, scope.ca),
    fetchRootCrl(service),
    fetchDocument(service, 'tcb_info', tcbInfoUrl(service, scope)),
    fetchDocument(service, 'qe_identity', qeIdentityUrl(service, scope)),
  ])
  if (!pckCrl.ok) return pckCrl
  if (!rootCrl.ok) return rootCrl
  if (!tcbInfo.ok) return tcbInfo
  if (!qeIdentity.ok) return qeIdentity
  return ok({
    pckCrlIssuerChain: pckCrl.value.chain,
    rootCaCrl: rootCrl.value,
    pckCrl: pckCrl.value.crl,
    tcbInfoIssuerChain: tcbInfo.value.chain,
    tcbInfo: tcbInfo.value.bytes,
    tcbInfoSignature: tcbInfo.value.signature,
    qeIdentityIssuerChain: qeIdentity.value.chain,
    qeIdentity: qeIdentity.value.bytes,
    qeIdentitySignature: qeIdentity.value.signature,
  })
}

function tcbInfoUrl({ baseUrl, update }: IntelService, scope: CollateralScope): string {
  const fmspc = bytesToHex(scope.fmspc).toUpperCase()
  const early = update === undefined ? '' : `&update=${update}`
  return `${baseUrl}/${scope.tee}/certification/v4/tcb?fmspc=${fmspc}${early}`
}

function qeIdentityUrl({ baseUrl, update }: IntelService, { tee }: CollateralScope): string {
  const early = update === undefined ? '' : `?update=${update}`
  return `${baseUrl}/${tee}/certification/v4/qe/identity${early}`
}

async function fetchDocument(
  service: IntelService,
  document: SignedMemberError['document'],
  url: string,
): Promise<Result<SignedMember & { readonly chain: Uint8Array }, IntelAnswerError | HttpError>> {
  const answer = await get(service, url, JSON_TYPES, MAX_JSON_BYTES)
  if (!answer.ok) return answer
  const { body, headers } = answer.value
  const names = document === 'tcb_info' ? TCB_INFO_CHAIN : QE_IDENTITY_CHAIN
  const chain = readIssuerChain(headers, names)
  if (!chain.ok) return chain
  const member = cutSignedMember(body, document)
  return member.ok ? ok({ ...member.value, chain: chain.value }) : member
}

async function fetchPckCrl(
  service: IntelService,
  ca: CollateralScope['ca'],
): Promise<
  Result<{ readonly crl: Uint8Array; readonly chain: Uint8Array }, IntelAnswerError | HttpError>
> {
  const url = `${service.baseUrl}/sgx/certification/v4/pckcrl?ca=${ca}&encoding=der`
  const answer = await get(service, url, CRL_TYPES, 2 * MAX_CRL_BYTES)
  if (!answer.ok) return answer
  const crl = readCrlBody(answer.value.body)
  if (crl === undefined) return err({ code: 'crl_unreadable', crl: 'pck_crl' })
  const chain = readIssuerChain(answer.value.headers, PCK_CRL_CHAIN)
  return chain.ok ? ok({ crl, chain: chain.value }) : chain
}

async function fetchRootCrl(
  service: IntelService,
): Promise<Result<Uint8Array, IntelAnswerError | HttpError>> {
  const { baseUrl } = service
  const isIntel = baseUrl === INTEL_PCS
  const url = isIntel ? INTEL_ROOT_CRL : `${baseUrl}/sgx/certification/v4/rootcacrl`
  const answer = await get(service, url, CRL_TYPES, 2 * MAX_CRL_BYTES)
  if (!answer.ok) return answer
  const crl = readCrlBody(answer.value.body)
  return crl === undefined ? err({ code: 'crl_unreadable', crl: 'root_crl' }) : ok(crl)
}

function get(
  { http, subscriptionKey, baseUrl }: IntelService,
  url: string,
  contentTypes: readonly string[],
  maxBytes: number,
): Promise<Result<HttpAnswer, HttpError>> {
  const isOwn = subscriptionKey !== undefined && url.startsWith(`${baseUrl}/`)
  const headers = isOwn ? { 'ocp-apim-subscription-key': subscriptionKey } : {}
  return http({ url, headers, contentTypes, maxBytes })
}
