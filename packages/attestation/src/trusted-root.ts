/** Whose evidence formats a root vouches for. */
export type Vendor = 'intel' | 'amd' | 'nvidia'

/** A certificate authority that a verifier was told to trust. */
export interface TrustedRoot {
  /** Who it is, for people. */
  readonly name: string
  readonly vendor: Vendor
  /** DER, compared byte for byte. */
  readonly certificate: Uint8Array
  /** SHA-256 of the certificate, 32 bytes; what policies name. */
  readonly fingerprint: Uint8Array
}
