import type { JsonProblem } from '../../json-document.ts'
import type { ValidityError } from '../../validity.ts'

/** Why text is not a token: three parts of base64url, the first two of them JSON. */
export type TokenReason =
  | JsonProblem['reason']
  /** Not three parts, or above 64 KiB. */
  | 'parts_invalid'
  | 'base64_invalid'
  /** A signature of another length than 96 bytes. */
  | 'signature_invalid'
  /** A header field beside `alg`, `kid` and `typ`: nothing else is understood, `crit` included. */
  | 'header_unsupported'

/** Bytes do not have the form they must have; nothing was decided about their truth. */
export type NrasFormError =
  /** `token` is `result` for what holds the tokens, `overall`, or a device's name. */
  | {
      readonly code: 'nras_malformed'
      readonly token: string
      readonly reason: TokenReason
      /** Such as `submods.GPU-0[1]`. */
      readonly path: string
    }
  | ({ readonly code: 'jwks_malformed' } & JsonProblem)
  /** NVIDIA signs with ES384. */
  | {
      readonly code: 'nras_algorithm_unsupported'
      readonly token: string
      readonly algorithm: string
    }
  /** The key set has no P-384 key of that name. */
  | { readonly code: 'nras_key_unknown'; readonly token: string; readonly keyId: string }

/** A signature does not verify. */
export type NrasSignatureError = {
  readonly code: /** A token's, by the key that it names. */ 'nras_signature_invalid'
}

/** Everything is well formed and signed, but does not amount to NVIDIA's word on these devices. */
export type NrasTrustError =
  /** A token is by another issuer. */
  | { readonly code: 'nras_issuer_mismatch'; readonly token: string; readonly issuer: string }
  /** A token is for another nonce than the caller's. */
  | { readonly code: 'nonce_mismatch' }
  /** The overall token does not name exactly the given device tokens by their digests. */
  | { readonly code: 'nras_submodule_mismatch'; readonly token: string }
  /** NVIDIA's verifier refused the evidence. */
  | { readonly code: 'nras_result_negative' }
  | ValidityError<'nras_token', never>

/** Every way in which verifying NVIDIA's verdict fails. */
export type NrasError = NrasFormError | NrasSignatureError | NrasTrustError
