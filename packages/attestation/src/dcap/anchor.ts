import { equalBytes, err, ok, type Result } from '@tacit/base'
import { parseCertificate, type Certificate } from '@tacit/crypto/x509'
import type { CertificateChain } from './collateral.ts'
import type { DcapError } from './errors.ts'
import type { TrustedRoot } from '../trusted-root.ts'

/** The pinned root that all chains end in, as pinned and as parsed. */
export interface Anchor {
  readonly trusted: TrustedRoot
  readonly root: Certificate
}

/** Finds the one root that every chain ends in, byte for byte. */
export function findAnchor(
  chains: readonly CertificateChain[],
  roots: readonly TrustedRoot[],
): Result<Anchor, DcapError> {
  let trusted: TrustedRoot | undefined
  for (const { name, root } of chains) {
    trusted ??= roots.find(({ certificate }) => equalBytes(certificate, root))
    if (trusted === undefined || !equalBytes(trusted.certificate, root)) {
      return err({ code: 'root_untrusted', chain: name })
    }
  }
  if (trusted === undefined) return err({ code: 'root_untrusted', chain: 'pck' })
  const root = parseCertificate(trusted.certificate)
  return root.ok ? ok({ trusted, root: root.value }) : err({ ...root.error, certificate: 'root' })
}
