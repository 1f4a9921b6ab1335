import {
  accountId,
  encode,
  fixedBytes,
  hash256,
  inDomain,
  option,
  struct,
  u32,
  variant,
  type Codec,
  type CaseOf,
  type AccountId,
  type Hash,
} from '@tacit/base'
import type { Hashes } from '@tacit/crypto'

/** Bytes of an instance's HTTP address. */
export const MAX_ENDPOINT_BYTES = 256

/** What an enclave may serve as; one role per TEE, named in its report data. */
export type Role =
  | CaseOf<'Gatekeeper'>
  | CaseOf<'Contracts'>
  | CaseOf<'Inference'>
  | CaseOf<'Compose'>

export const role: Codec<Role> = variant(
  { Gatekeeper: [0], Contracts: [1], Inference: [2], Compose: [3] },
  { path: ['tacit', 'workers', 'Role'] },
)

/** The place of a machine at its operator; the chain honours its newest instance only. */
export type SlotId = {
  readonly operator: AccountId
  readonly index: number
}

export const slotId: Codec<SlotId> = struct(
  { operator: accountId, index: u32 },
  { path: ['tacit', 'workers', 'SlotId'] },
)

/** What the report data of a registration binds together. */
export type RegistrationBinding = {
  readonly genesis: Hash
  readonly role: Role
  readonly slot: SlotId
  /** ed25519. */
  readonly signingKey: Uint8Array
  /** X25519. */
  readonly encryptionKey: Uint8Array
  /** A justified header, so that the evidence cannot be older than it. */
  readonly recentNumber: number
  readonly recentHash: Hash
  /** Hash of the GPU evidence where there is one. */
  readonly gpuEvidence: Hash | undefined
}

export const registrationBinding: Codec<RegistrationBinding> = struct({
  genesis: hash256,
  role,
  slot: slotId,
  signingKey: fixedBytes(32),
  encryptionKey: fixedBytes(32),
  recentNumber: u32,
  recentHash: hash256,
  gpuEvidence: option(hash256),
})

/** The 64 bytes of report data for a registration. */
export function registrationReportData(hashes: Hashes, binding: RegistrationBinding): Uint8Array {
  return digest512(hashes, 'registration', registrationBinding, binding)
}

/** What the report data of a key release request binds together. */
export type ReleaseBinding = {
  readonly genesis: Hash
  readonly contract: AccountId
  readonly epoch: number
  /** The registered instance that asks. */
  readonly instance: Uint8Array
  /** X25519 key made for this request alone. */
  readonly ephemeralKey: Uint8Array
  /** Drawn by the gatekeeper for this request alone. */
  readonly gatekeeperNonce: Uint8Array
  readonly recentNumber: number
  readonly recentHash: Hash
}

export const releaseBinding: Codec<ReleaseBinding> = struct({
  genesis: hash256,
  contract: accountId,
  epoch: u32,
  instance: fixedBytes(32),
  ephemeralKey: fixedBytes(32),
  gatekeeperNonce: fixedBytes(32),
  recentNumber: u32,
  recentHash: hash256,
})

/** The 64 bytes of report data for a key release. */
export function releaseReportData(hashes: Hashes, binding: ReleaseBinding): Uint8Array {
  return digest512(hashes, 'release', releaseBinding, binding)
}

function digest512<T>(
  hashes: Hashes,
  name: 'registration' | 'release',
  codec: Codec<T>,
  value: T,
): Uint8Array {
  return hashes.blake2b512(inDomain(name, encode(codec, value)))
}
