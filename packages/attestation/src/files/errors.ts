import type { FileContent } from './file-content.ts'

/** Files do not come to evidence that can be verified; nothing was decided about their truth. */
export type EvidenceFileError =
  /** Nothing that is verified here, by its first bytes or fields. */
  | { readonly code: 'file_unknown'; readonly file: string }
  /** What it is can be told, but it is not well formed; `cause` is the parser's own error. */
  | {
      readonly code: 'file_malformed'
      readonly file: string
      readonly type: FileContent['type']
      readonly cause: { readonly code: string }
    }
  /** Well formed, and of a kind that nobody here verifies. */
  | { readonly code: 'file_unsupported'; readonly file: string; readonly what: string }
  /** Two files that cannot both be meant. */
  | {
      readonly code: 'files_conflicting'
      readonly file: string
      readonly type: FileContent['type']
    }
  /** Nothing of the evidence reads the file. */
  | {
      readonly code: 'file_unread'
      readonly file: string
      readonly type: FileContent['type']
    }
  /** The files vouch for evidence that is not among them. */
  | { readonly code: 'evidence_missing' }
  /** A bundle names its quote by a path, and no file is a quote. */
  | { readonly code: 'quote_missing'; readonly path: string }
  /** A quote without the collateral that Intel publishes about its platform. */
  | { readonly code: 'collateral_missing' }
  /** An SNP report without the certificate of the key that signed it. */
  | { readonly code: 'endorsement_missing' }
  /** A GPU's report without the certificate chain of its device. */
  | { readonly code: 'device_chain_missing' }
  /** NVIDIA's tokens without NVIDIA's key set. */
  | { readonly code: 'key_set_missing' }
