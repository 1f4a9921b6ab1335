import { err, ok, utf8, type Result } from '@tacit/base'

/** A header with an issuer's certificates is not there, or is not percent-encoded PEM. */
export type ChainHeaderError = {
  readonly code: 'header_missing' | 'header_malformed'
  readonly header: string
}

const MAX_CHARACTERS = 16_384
const BEGIN = '-----BEGIN CERTIFICATE-----'

/**
 * The PEM text of an issuer chain out of an answer's header: percent-encoded by Intel's service
 * and by PCCS, which calls some headers differently. What it says is for the verifier to judge.
 * @param names the header's name and its variants, in order of preference.
 */
export function readIssuerChain(
  headers: Headers,
  names: readonly [string, ...string[]],
): Result<Uint8Array, ChainHeaderError> {
  const [header] = names
  const text = names.map((name) => headers.get(name)).find((value) => value !== null)
  if (text === undefined || text === null) return err({ code: 'header_missing', header })
  const pem = text.length > MAX_CHARACTERS ? undefined : percentDecoded(text)
  if (pem === undefined || !pem.startsWith(BEGIN)) return err({ code: 'header_malformed', header })
  return ok(utf8(pem))
}

function percentDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
