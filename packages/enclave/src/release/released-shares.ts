import {
  encode,
  fixedBytes,
  inDomain,
  struct,
  type AccountId,
  type Codec,
  type Hash,
} from '@tacit/base'
import { contractKeyInput, releaseBinding, type ReleaseBinding } from '@tacit/runtime'

/** A gatekeeper's partial evaluations for one contract: compressed G1 points. */
export type ReleasedShares = {
  readonly inbox: Uint8Array
  readonly state: Uint8Array
}

export const releasedShares: Codec<ReleasedShares> = struct({
  inbox: fixedBytes(48),
  state: fixedBytes(48),
})

/** Released shares, sealed to the key that was made for the request: HPKE. */
export type SealedShares = { readonly enc: Uint8Array; readonly ciphertext: Uint8Array }

/** The shares and the tag of AES-256-GCM. */
const SEALED_BYTES = 2 * 48 + 16

export const sealedShares: Codec<SealedShares> = struct({
  enc: fixedBytes(32),
  ciphertext: fixedBytes(SEALED_BYTES),
})

export function releaseInfo(): Uint8Array {
  return inDomain('releaseSeal')
}

export function releaseAad(binding: ReleaseBinding): Uint8Array {
  return encode(releaseBinding, binding)
}

/**
 * What the committee evaluates for a contract: the epoch's inbox key, and the state key, which
 * stays the same in all epochs so that a state outlives them.
 */
export function releaseInputs(
  genesis: Hash,
  contract: AccountId,
  epoch: number,
): { readonly inbox: Uint8Array; readonly state: Uint8Array } {
  const of = (name: 'Inbox' | 'State', at: number): Uint8Array =>
    contractKeyInput({ genesis, contract, class: { type: name, value: undefined }, epoch: at })
  return { inbox: of('Inbox', epoch), state: of('State', 0) }
}
