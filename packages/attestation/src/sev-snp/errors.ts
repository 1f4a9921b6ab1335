import type { DerReason } from '@tacit/crypto/x509'
import type { ChainFormError } from '../chain.ts'
import type { ChainRuleError, RevocationError } from '../chain-rules.ts'
import type { ValidityError } from '../validity.ts'
import type { SnpFamily } from './family.ts'
import type { TcbComponent } from './tcb.ts'
import type { SnpSigningKey } from './verdict.ts'

/** A certificate by its role: AMD's root key, its two kinds of signing keys, what they sign. */
export type SnpRole = 'root' | 'ask' | 'asvk' | 'vcek' | 'vlek'

/** A certificate that another one vouches for. */
export type SnpIssuedRole = Exclude<SnpRole, 'root'>

/** One of the four TCBs of a report. */
export type SnpTcbName = 'reported' | 'committed' | 'current' | 'launch'

/** Bytes do not have the form they must have; nothing was decided about their truth. */
export type SnpFormError =
  /** A report has 1184 bytes, neither more nor less. */
  | { readonly code: 'report_length_wrong'; readonly length: number }
  /** Report versions 2 to 5 are known. */
  | { readonly code: 'report_version_unsupported'; readonly version: number }
  /** Only ECDSA P-384 with SHA-384 (algorithm 1) is known. */
  | { readonly code: 'report_algorithm_unsupported'; readonly algorithm: number }
  /** Signed by neither a VCEK (0) nor a VLEK (1); 7 is not signed at all. */
  | { readonly code: 'report_signing_key_unsupported'; readonly signingKey: number }
  /** Levels 0 to 3 are the guest's; the host asks as FFFFFFFFh, which proves nothing of a guest. */
  | { readonly code: 'report_vmpl_unsupported'; readonly vmpl: number }
  /** A byte or bit that this version reserves has the wrong value; `at` is the byte's offset. */
  | { readonly code: 'report_reserved_nonzero'; readonly at: number }
  /** Bit 17 of the guest's policy is not one. */
  | { readonly code: 'report_policy_invalid' }
  /** Upper bytes of r or s, or what follows s, are not zero; `at` is the byte's offset. */
  | { readonly code: 'report_signature_malformed'; readonly at: number }
  /** CPUID names a processor whose TCB nobody here can read. */
  | {
      readonly code: 'report_processor_unsupported'
      readonly family: number
      readonly model: number
    }
  /** A chain is the ASK or ASVK, then the ARK, and is named by the key that it vouches for. */
  | ChainFormError<SnpSigningKey, SnpRole>
  /** An extension of AMD's is missing or not as specified; `extension` is its identifier. */
  | { readonly code: 'endorsement_extension_malformed'; readonly extension: string }
  /** A product name of no family that is known here. */
  | { readonly code: 'endorsement_product_unsupported'; readonly productName: string }
  | {
      readonly code: 'crl_malformed'
      readonly crl: 'crl'
      readonly reason: DerReason
      readonly at: number
    }

/** A signature does not verify; each names what was signed. */
export type SnpSignatureError = {
  readonly code:
    /** The ASK's certificate, by the ARK. */
    | 'ask_signature_invalid'
    /** The ASVK's certificate, by the ARK. */
    | 'asvk_signature_invalid'
    /** The revocation list, by the ARK. */
    | 'crl_signature_invalid'
    /** The VCEK's certificate, by the ASK. */
    | 'vcek_signature_invalid'
    /** The VLEK's certificate, by the ASVK. */
    | 'vlek_signature_invalid'
    /** Bytes 0 to 29Fh of the report, by the VCEK or VLEK. */
    | 'report_signature_invalid'
}

/** Everything is well formed and signed, but does not amount to genuine evidence at this time. */
export type SnpTrustError =
  /** The chain does not end in one of the given roots, byte for byte. */
  | { readonly code: 'root_untrusted'; readonly chain: SnpSigningKey }
  | ChainRuleError<SnpRole>
  | RevocationError<'ask' | 'asvk', 'crl'>
  | ValidityError<'crl', SnpRole>
  /** Product name, CPUID and chain do not speak of the same family. */
  | {
      readonly code: 'product_mismatch'
      readonly certificate: SnpFamily
      readonly found: SnpFamily
    }
  /** The certificate is for another patch level than the report's reported TCB. */
  | { readonly code: 'tcb_mismatch'; readonly component: TcbComponent }
  /** A TCB is above one that it cannot be above. */
  | {
      readonly code: 'tcb_order_wrong'
      readonly lower: SnpTcbName
      readonly higher: SnpTcbName
      readonly component: TcbComponent
    }
  /** A VCEK's certificate names no chip. */
  | { readonly code: 'hwid_missing' }
  /** A VLEK's certificate names a chip. */
  | { readonly code: 'hwid_unexpected' }
  /** A VLEK's certificate names no cloud. */
  | { readonly code: 'csp_id_missing' }
  /** The certificate is for another chip than the report's. */
  | { readonly code: 'chip_id_mismatch' }

/** Every way in which verifying SEV-SNP evidence fails. */
export type SnpError = SnpFormError | SnpSignatureError | SnpTrustError
