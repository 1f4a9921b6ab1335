import type { ChainLinkError } from '../../chain.ts'
import type { ChainRuleError } from '../../chain-rules.ts'
import type { ValidityError } from '../../validity.ts'
import type { XmlProblem } from './xml-input.ts'

/** A certificate by its role in a manifest's chain, with NVIDIA's own level. */
export type RimRole = 'root' | RimIssuedRole

/** A certificate that another one vouches for. */
export type RimIssuedRole =
  /** Level 2, such as `NVIDIA Reference Value GH100 CA`. */
  | 'rim_product_ca'
  /** Level 3, such as `NVIDIA Reference Value L3 GH100 002`. */
  | 'rim_issuing_ca'
  /** Level 4, the key that signs manifests. */
  | 'rim_signer'

/** Why a signature is not the one form that manifests have. */
export interface SignatureProblem {
  readonly reason:
    | 'signature_missing'
    /** More than one signature, or a part of one elsewhere. */
    | 'signature_repeated'
    /** The signature is not the root's last child. */
    | 'signature_misplaced'
    /** Elements are missing, repeated, in another order or of another kind. */
    | 'elements_unexpected'
    /** An attribute that the form does not have, or none where it has one. */
    | 'attributes_unexpected'
    /** Text or a comment between elements, or elements or comments in text. */
    | 'content_unexpected'
    /** Other methods than Canonical XML 1.1, ECDSA and SHA-384. */
    | 'algorithm_unsupported'
    /** A reference to another thing than the whole document. */
    | 'reference_unsupported'
    /** Other transforms than the enveloped signature and Canonical XML 1.1, in this order. */
    | 'transform_unsupported'
    /** xml:base at the root, whose inheritance is not implemented; no manifest has it. */
    | 'base_unsupported'
    | 'base64_invalid'
    /** A digest of another length than 48 bytes, a signature of another than 96. */
    | 'length_invalid'
  /** The local name of the element. */
  readonly element: string
}

/** Why the content is not a manifest's. */
export interface SwidProblem {
  readonly reason:
    | 'element_unexpected'
    | 'element_missing'
    | 'element_repeated'
    | 'attribute_missing'
    | 'value_invalid'
    | 'index_repeated'
  /** Such as `Payload/Resource[7]/index`, counted from 0. */
  readonly path: string
}

/** Bytes do not have the form they must have; nothing was decided about their truth. */
export type RimFormError =
  | ({ readonly code: 'rim_xml_malformed' } & XmlProblem)
  | ({ readonly code: 'rim_signature_malformed' } & SignatureProblem)
  | ({ readonly code: 'rim_malformed' } & SwidProblem)
  | ChainLinkError<'rim', RimRole>

/** A signature does not verify; each names what was signed. */
export type RimSignatureError = {
  readonly code:
    /** The product's CA certificate, by the root. */
    | 'rim_product_ca_signature_invalid'
    /** The issuing CA's certificate, by the product's CA. */
    | 'rim_issuing_ca_signature_invalid'
    /** The signer's certificate, by the issuing CA. */
    | 'rim_signer_signature_invalid'
    /** The signed digest, by the signer. */
    | 'rim_signature_invalid'
}

/** Everything is well formed and signed, but does not amount to a manifest that holds now. */
export type RimTrustError =
  /** The chain does not end in one of the given roots, byte for byte. */
  | { readonly code: 'root_untrusted'; readonly chain: 'rim' }
  /** The signer signed other content than the document's. */
  | { readonly code: 'rim_digest_mismatch' }
  | ChainRuleError<RimRole>
  | ValidityError<never, RimRole>

/** Every way in which verifying a manifest fails. */
export type RimError = RimFormError | RimSignatureError | RimTrustError
