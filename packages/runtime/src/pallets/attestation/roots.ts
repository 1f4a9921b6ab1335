import { equalBytes, InvariantError, utf8 } from '@tacit/base'
import { INTEL_SGX_ROOT_CA, type TrustedRoot } from '@tacit/attestation'
import type { ChainClass } from '../../framework/genesis-spec.ts'
import type { State } from '../../framework/state.ts'
import { MAX_ROOT_BYTES, MAX_ROOT_NAME_BYTES } from './records.ts'
import { attestationStorage, MAX_ROOTS } from './types.ts'

/** The roots of vendors; every other root is one of development. */
const VENDOR_ROOTS: readonly TrustedRoot[] = [INTEL_SGX_ROOT_CA]

/** Pins the roots of a genesis. A production chain has no other roots than the vendors' own. */
export function pinRoots(
  state: State,
  chainClass: ChainClass,
  roots: readonly TrustedRoot[],
): void {
  if (roots.length > MAX_ROOTS) throw new InvariantError('genesis: too many roots')
  for (const root of roots) {
    const { name, certificate, fingerprint } = root
    if (utf8(name).length > MAX_ROOT_NAME_BYTES || certificate.length > MAX_ROOT_BYTES) {
      throw new InvariantError(`genesis: root ${name} is too large`)
    }
    if (!equalBytes(state.hashes.sha256(certificate), fingerprint)) {
      throw new InvariantError(`genesis: root ${name} has another fingerprint`)
    }
    if (chainClass === 'production' && !isVendorRoot(root)) {
      throw new InvariantError(`genesis: a production chain refuses the development root ${name}`)
    }
    attestationStorage.Roots.set(state, fingerprint, {
      name,
      vendor: { type: 'Intel' },
      certificate,
    })
  }
}

export function readRoots(state: State): readonly TrustedRoot[] {
  return attestationStorage.Roots.entries(state).map(({ keys: [fingerprint], value }) => ({
    name: value.name,
    vendor: 'intel',
    certificate: value.certificate,
    fingerprint,
  }))
}

function isVendorRoot({ certificate }: TrustedRoot): boolean {
  return VENDOR_ROOTS.some((root) => equalBytes(root.certificate, certificate))
}
