import {
  boundedBytes,
  boundedStr,
  equalBytes,
  err,
  fixedBytes,
  InvariantError,
  ok,
  struct,
  utf8,
  type Codec,
} from '@tacit/base'
import { VENDOR_ROOTS, type TrustedRoot, type Vendor } from '@tacit/attestation'
import { parseCertificate } from '@tacit/crypto/x509'
import type { DispatchResult } from '../../framework/calls.ts'
import type { CallContext } from '../../framework/context.ts'
import type { ChainClass } from '../../framework/genesis-spec.ts'
import { ensureRoot } from '../../framework/origin.ts'
import type { State } from '../../framework/state.ts'
import { consensusStorage } from '../consensus/types.ts'
import {
  MAX_ROOT_BYTES,
  MAX_ROOT_NAME_BYTES,
  storedVendor,
  type PinnedRoot,
  type StoredVendor,
} from './records.ts'
import { attestationErrors, attestationEvents, attestationStorage, MAX_ROOTS } from './types.ts'

const VENDORS: { readonly [V in Vendor]: StoredVendor } = {
  intel: { type: 'Intel' },
  amd: { type: 'Amd' },
  nvidia: { type: 'Nvidia' },
}
const VENDOR_NAMES: { readonly [V in StoredVendor['type']]: Vendor } = {
  Intel: 'intel',
  Amd: 'amd',
  Nvidia: 'nvidia',
}

export type AddRootArgs = PinnedRoot
export type RemoveRootArgs = { readonly fingerprint: Uint8Array }

export const addRootArgs: Codec<AddRootArgs> = struct({
  name: boundedStr(MAX_ROOT_NAME_BYTES),
  vendor: storedVendor,
  certificate: boundedBytes(MAX_ROOT_BYTES),
})

export const removeRootArgs: Codec<RemoveRootArgs> = struct({ fingerprint: fixedBytes(32) })

/** Trusts one more root. A production chain has no other roots than the vendors' own. */
export function addRoot(ctx: CallContext, root: AddRootArgs): DispatchResult {
  const allowed = ensureRoot(ctx.origin)
  if (!allowed.ok) return allowed
  const { state } = ctx
  const { name, vendor, certificate } = root
  const fingerprint = state.hashes.sha256(certificate)
  if (attestationStorage.Roots.has(state, fingerprint)) return err(attestationErrors.RootKnown)
  if (!parseCertificate(certificate).ok) return err(attestationErrors.RootMalformed)
  const isProduction = consensusStorage.ChainClass.get(state) === 'production'
  const isVendors = isVendorRoot(VENDOR_NAMES[vendor.type], certificate)
  if (isProduction && !isVendors) return err(attestationErrors.RootRefused)
  if (readRoots(state).length >= MAX_ROOTS) return err(attestationErrors.TooManyRoots)
  attestationStorage.Roots.set(state, fingerprint, root)
  ctx.deposit(attestationEvents.RootAdded({ fingerprint, name, vendor }))
  return ok()
}

/** Trusts a root no more: what rests on it stops at once. */
export function removeRoot(ctx: CallContext, { fingerprint }: RemoveRootArgs): DispatchResult {
  const allowed = ensureRoot(ctx.origin)
  if (!allowed.ok) return allowed
  const root = attestationStorage.Roots.get(ctx.state, fingerprint)
  if (root === undefined) return err(attestationErrors.RootUnknown)
  attestationStorage.Roots.delete(ctx.state, fingerprint)
  ctx.deposit(attestationEvents.RootRemoved({ fingerprint, name: root.name }))
  return ok()
}

/** Pins the roots of a genesis. */
export function pinRoots(
  state: State,
  chainClass: ChainClass,
  roots: readonly TrustedRoot[],
): void {
  if (roots.length > MAX_ROOTS) throw new InvariantError('genesis: too many roots')
  for (const { name, vendor, certificate, fingerprint } of roots) {
    if (utf8(name).length > MAX_ROOT_NAME_BYTES || certificate.length > MAX_ROOT_BYTES) {
      throw new InvariantError(`genesis: root ${name} is too large`)
    }
    if (!equalBytes(state.hashes.sha256(certificate), fingerprint)) {
      throw new InvariantError(`genesis: root ${name} has another fingerprint`)
    }
    if (chainClass === 'production' && !isVendorRoot(vendor, certificate)) {
      throw new InvariantError(`genesis: a production chain refuses the development root ${name}`)
    }
    const stored = { name, vendor: VENDORS[vendor], certificate }
    attestationStorage.Roots.set(state, fingerprint, stored)
  }
}

export function readRoots(state: State): readonly TrustedRoot[] {
  return attestationStorage.Roots.entries(state).map(({ keys: [fingerprint], value }) =>
    trustedRoot(value, fingerprint),
  )
}

/** A stored root as verifiers take it. */
export function trustedRoot(
  { name, vendor, certificate }: PinnedRoot,
  fingerprint: Uint8Array,
): TrustedRoot {
  return { name, vendor: VENDOR_NAMES[vendor.type], certificate, fingerprint }
}

function isVendorRoot(vendor: Vendor, certificate: Uint8Array): boolean {
  return VENDOR_ROOTS.some(
    (root) => root.vendor === vendor && equalBytes(root.certificate, certificate),
  )
}
