import { equalBytes, err, ok, type Result } from '@tacit/base'
import { parseCertificate, type Certificate } from '@tacit/crypto/x509'
import type { CertificateChain, ChainFormError } from './chain.ts'
import type { TrustedRoot, Vendor } from './trusted-root.ts'

/** The pinned root that all chains end in, as pinned and as parsed. */
export interface Anchor {
  readonly trusted: TrustedRoot
  readonly root: Certificate
}

export type AnchorError<Name extends string> =
  /** The chain does not end in one of the given roots, byte for byte, or not in the same one. */
  | { readonly code: 'root_untrusted'; readonly chain: Name }
  | Extract<ChainFormError<Name, 'root'>, { readonly code: 'certificate_malformed' }>

/**
 * Finds the one root of a vendor that every chain ends in, byte for byte: what the chains bring
 * along as their root is never believed.
 */
export function findAnchor<Name extends string>(
  chains: readonly [CertificateChain<Name, string>, ...(readonly CertificateChain<Name, string>[])],
  roots: readonly TrustedRoot[],
  vendor: Vendor,
): Result<Anchor, AnchorError<Name>> {
  const [first, ...others] = chains
  const trusted = roots.find(
    (root) => root.vendor === vendor && equalBytes(root.certificate, first.root),
  )
  if (trusted === undefined) return err({ code: 'root_untrusted', chain: first.name })
  const stray = others.find(({ root }) => !equalBytes(first.root, root))
  if (stray !== undefined) return err({ code: 'root_untrusted', chain: stray.name })
  const root = parseRoot(trusted.certificate)
  return root.ok ? ok({ trusted, root: root.value }) : err({ ...root.error, certificate: 'root' })
}

const parsedRoots = new WeakMap<Uint8Array, Certificate>()

/** Pinned roots come back all the time; one whose bytes changed since is read again. */
function parseRoot(der: Uint8Array): ReturnType<typeof parseCertificate> {
  const known = parsedRoots.get(der)
  if (known !== undefined && equalBytes(known.der, der)) return ok(known)
  const parsed = parseCertificate(der.slice())
  if (parsed.ok) parsedRoots.set(der, parsed.value)
  return parsed
}
