import { equalBytes, err, ok, parseUtf8, utf8, type Result } from '@tacit/base'
import type { Hashes, SignatureCheck } from '@tacit/crypto'
import { decide, type Assessment } from '../../assessment.ts'
import { readJson } from '../../json-document.ts'
import { commonWindow, datedDocument, findInvalid } from '../../validity.ts'
import {
  pairOf,
  readDeviceClaims,
  readDeviceNames,
  readOverallClaims,
  type DeviceClaims,
  type NrasDevice,
  type OverallClaims,
} from './claims.ts'
import type { NrasError, NrasFormError, NrasSignatureError, NrasTrustError } from './errors.ts'
import { parseKeySet, type KeySet } from './key-set.ts'
import { malformed, MAX_TOKEN_BYTES, parseToken, type NrasToken } from './token.ts'

/** NVIDIA's verdict on evidence that it was sent, as far as its tokens verify. */
export interface NrasVerdict {
  readonly issuer: string
  /** Of the claims, such as `3.0`. */
  readonly claimsVersion: string
  /** The caller's 32 bytes, which the devices signed. */
  readonly nonce: Uint8Array
  /** In the order of the result; empty where only the overall token was given. */
  readonly devices: readonly NrasDevice[]
  /** Devices that the overall token speaks of and whose own token was not given. */
  readonly undisclosed: readonly string[]
  /** The time that the verdict is for. Unix seconds. */
  readonly verifiedAt: number
  /** The last of all beginnings of validity. Unix seconds. */
  readonly latestIssue: number
  /** The first of all ends of validity; the verdict holds until then. Unix seconds. */
  readonly earliestExpiry: number
  /** How many signatures it rests on. */
  readonly signatureChecks: number
}

/** What verifying NVIDIA's verdict is decided from; no clock is read, nothing is fetched. */
export interface NrasInput {
  /** NVIDIA's answer, `[["JWT", overall], {"GPU-0": device}]` in JSON, or the overall token alone. */
  readonly result: Uint8Array
  /** NVIDIA's key set as the caller got it from NVIDIA, in JSON; it is what is trusted. */
  readonly jwks: Uint8Array
  /** The 32 bytes that the devices were asked to sign. */
  readonly nonce: Uint8Array
  /** Unix seconds. */
  readonly now: number
  readonly hashes: Pick<Hashes, 'sha256'>
  /** NRAS_ISSUER where not given. */
  readonly issuer?: string
}

export type NrasAssessment = Assessment<NrasVerdict, NrasSignatureError['code'], NrasTrustError>

/** Who signs in production. */
export const NRAS_ISSUER = 'https://nras.attestation.nvidia.com'

const OPENING_BRACKET = 0x5b

/**
 * Verifies the answer of NVIDIA's Remote Attestation Service: another's verdict in place of
 * verifying reports and manifests oneself.
 * @returns what NVIDIA found out about each device. Errors: form first, then the first signature
 *   that does not verify, then what the signed content says.
 */
export function decideNras(
  input: NrasInput,
  verify: (check: SignatureCheck) => boolean,
): Result<NrasVerdict, NrasError> {
  const assessment = assessNras(input)
  return assessment.ok ? decide(assessment.value, verify) : assessment
}

/** Parses tokens and keys and lists a check for each token; errors are about form. */
export function assessNras(input: NrasInput): Result<NrasAssessment, NrasFormError> {
  const keys = parseKeySet(input.jwks)
  if (!keys.ok) return err({ code: 'jwks_malformed', ...keys.error })
  const tokens = parseTokens(input.result, keys.value)
  if (!tokens.ok) return tokens
  const { overall, devices } = tokens.value
  const checks = [overall, ...devices].map(
    ({ message, signature, publicKey }) =>
      ({
        failure: 'nras_signature_invalid',
        scheme: 'p384',
        publicKey,
        message,
        signature,
      }) as const,
  )
  return ok({ checks, outcome: judge(input, tokens.value, checks.length) })
}

interface Tokens {
  readonly overall: NrasToken<OverallClaims>
  readonly devices: readonly NrasToken<DeviceClaims>[]
  /** The device tokens were given along with the overall one. */
  readonly isDetached: boolean
}

function parseTokens(result: Uint8Array, keys: KeySet): Result<Tokens, NrasFormError> {
  const isDetached = result[0] === OPENING_BRACKET
  const texts = isDetached ? splitResult(result) : readBare(result)
  if (!texts.ok) return texts
  const overall = parseToken('overall', texts.value.overall, keys, readOverallClaims)
  if (!overall.ok) return overall
  const devices: NrasToken<DeviceClaims>[] = []
  for (const [name, text] of texts.value.devices) {
    const token = parseToken(name, text, keys, (payload) => readDeviceClaims(name, payload))
    if (!token.ok) return token
    devices.push(token.value)
  }
  return ok({ overall: overall.value, devices, isDetached })
}

interface TokenTexts {
  readonly overall: string
  readonly devices: readonly (readonly [name: string, text: string])[]
}

/** A token alone, as a file may hold it: white space may follow. */
function readBare(result: Uint8Array): Result<TokenTexts, NrasFormError> {
  if (result.length > MAX_TOKEN_BYTES) return malformed('result', 'too_long')
  const text = parseUtf8(result)
  return text === undefined
    ? malformed('result', 'not_utf8')
    : ok({ overall: text.trimEnd(), devices: [] })
}

function splitResult(result: Uint8Array): Result<TokenTexts, NrasFormError> {
  const split = readJson(result, (root) => {
    const [overall, devices] = pairOf(root)
    const [kind, token] = pairOf(overall)
    kind.oneOf(['JWT'])
    const text = (name: string): string => devices.get(name).text(Number.MAX_SAFE_INTEGER)
    return {
      overall: token.text(Number.MAX_SAFE_INTEGER),
      devices: readDeviceNames(devices).map((name) => [name, text(name)] as const),
    }
  })
  return split.ok ? split : malformed('result', split.error.reason, split.error.path)
}

/** What the tokens say, taking every signature for granted. */
function judge(
  input: NrasInput,
  { overall, devices, isDetached }: Tokens,
  signatureChecks: number,
): Result<NrasVerdict, NrasTrustError> {
  const { nonce, now, issuer = NRAS_ISSUER } = input
  const all = [overall, ...devices]
  const stranger = all.find(({ claims }) => claims.issuer !== issuer)
  if (stranger !== undefined) {
    return err({
      code: 'nras_issuer_mismatch',
      token: stranger.name,
      issuer: stranger.claims.issuer,
    })
  }
  const windows = all.map(({ claims: { window } }) =>
    datedDocument('nras_token', window.from, window.until),
  )
  const invalid = findInvalid(windows, now)
  if (invalid !== undefined) return err(invalid)
  if (all.some(({ claims }) => !equalBytes(claims.nonce, nonce)))
    return err({ code: 'nonce_mismatch' })
  const stray = isDetached ? findStray(overall.claims, devices, input.hashes) : undefined
  if (stray !== undefined) return err({ code: 'nras_submodule_mismatch', token: stray })
  if (!overall.claims.result) return err({ code: 'nras_result_negative' })
  const { from, until } = commonWindow(windows)
  return ok({
    issuer,
    claimsVersion: overall.claims.version,
    nonce: overall.claims.nonce,
    devices: devices.map(({ claims }) => claims.device),
    undisclosed: isDetached ? [] : [...overall.claims.digests.keys()],
    verifiedAt: now,
    latestIssue: from,
    earliestExpiry: until,
    signatureChecks,
  })
}

/** The first name that the overall token and the device tokens do not agree on. */
function findStray(
  { digests }: OverallClaims,
  devices: readonly NrasToken<DeviceClaims>[],
  { sha256 }: Pick<Hashes, 'sha256'>,
): string | undefined {
  const missing = [...digests.keys()].find(
    (name) => !devices.some((device) => device.name === name),
  )
  const wrong = devices.find(({ name, text }) => {
    const digest = digests.get(name)
    return digest === undefined || !equalBytes(digest, sha256(utf8(text)))
  })
  return missing ?? wrong?.name
}
