import {
  accountId,
  encode,
  hash256,
  inDomain,
  struct,
  u32,
  type AccountId,
  type Codec,
  type Hash,
} from '@tacit/base'
import { hkdfSha256, hmacSha256, hpkePublicKey } from '@tacit/crypto'

/** Names a contract on one chain. */
export type ContractScope = { readonly genesis: Hash; readonly contract: AccountId }

const contractScope: Codec<ContractScope> = struct({ genesis: hash256, contract: accountId })
const epochScope: Codec<ContractScope & { readonly epoch: number }> = struct({
  genesis: hash256,
  contract: accountId,
  epoch: u32,
})

const NO_SALT = new Uint8Array()

/** Opens a contract's inbox in one epoch; X25519. */
export interface InboxKey {
  readonly publicKey: Uint8Array
  readonly privateKey: Uint8Array
}

/** Seals a contract's state and makes its randomness; each key is 32 bytes. */
export interface StateKeys {
  /** Blinds the leaves of the state root. */
  readonly commitment: Uint8Array
  /** Seals the state on the worker's disk. */
  readonly encryption: Uint8Array
  /** Gives commands their secret randomness. */
  readonly seed: Uint8Array
  /** Makes the nonces under which states are sealed. */
  readonly nonce: Uint8Array
}

/** The gatekeepers' combined evaluation (a compressed G1 point) becomes the epoch's inbox key. */
export function deriveInboxKey(point: Uint8Array, scope: ContractScope, epoch: number): InboxKey {
  const info = inDomain('inboxKey', encode(epochScope, { ...scope, epoch }))
  const privateKey = hkdfSha256(point, NO_SALT, info, 32)
  return { privateKey, publicKey: hpkePublicKey(privateKey) }
}

/** The gatekeepers' combined evaluation for the state class becomes the keys of the state. */
export function deriveStateKeys(point: Uint8Array, scope: ContractScope): StateKeys {
  const info = inDomain('stateKey', encode(contractScope, scope))
  const keys = hkdfSha256(point, NO_SALT, info, 128)
  return {
    commitment: keys.subarray(0, 32),
    encryption: keys.subarray(32, 64),
    seed: keys.subarray(64, 96),
    nonce: keys.subarray(96),
  }
}

/**
 * Secret randomness of one command. The inbox head behind it stands for everything that the chain
 * ordered up to it, so a fork that orders anything else gives other randomness.
 */
export function commandSeed(keys: StateKeys, contract: AccountId, inboxHead: Hash): Uint8Array {
  return hkdfSha256(keys.seed, inboxHead, inDomain('commandSeed', contract), 32)
}

/** Randomness of one query; `fresh` is drawn for it, so queries repeat nothing. */
export function querySeed(keys: StateKeys, contract: AccountId, fresh: Uint8Array): Uint8Array {
  return hkdfSha256(keys.seed, fresh, inDomain('querySeed', contract), 32)
}

/** HMAC-SHA256 in a domain. */
export function domainMac(
  key: Uint8Array,
  name: 'stateLeafKey' | 'stateLeafValue',
  content: Uint8Array,
): Uint8Array {
  return hmacSha256(key, inDomain(name, content))
}
