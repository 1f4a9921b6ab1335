import type { TrustedRoot } from '@tacit/attestation'
import type { AccountId, Hash } from '@tacit/base'
import type { Role } from '../protocol/registration.ts'

/** Fixed for ever: production chains, enclaves and policies refuse development roots. */
export type ChainClass = 'development' | 'production'

/** From what a chain starts; pallets that need more add a field of their own. */
export interface GenesisSpec {
  readonly chainClass: ChainClass
  /** Unix milliseconds; the first block's time must be later. */
  readonly timeMs: bigint
  /** ed25519 keys and weights of the first authority set, 1 to 256, ascending by key. */
  readonly authorities: readonly { readonly id: Uint8Array; readonly weight: bigint }[]
  /** Planck; each at least the existential deposit, no account twice. */
  readonly balances: readonly { readonly who: AccountId; readonly free: bigint }[]
  /**
   * Balances that become free over `length` blocks behind block `begin`, but for `liquid` planck
   * of them; at most once for an account.
   */
  readonly vesting?: readonly {
    readonly who: AccountId
    readonly begin: number
    readonly length: number
    readonly liquid: bigint
  }[]
  /** Absent: no evidence is accepted. */
  readonly attestation?: {
    /** At most 16; on a production chain the vendors' own alone. */
    readonly roots: readonly TrustedRoot[]
    /** Programs by measurementId that may serve in a role. */
    /** JSON; absent, the preset of the chain's class. It may not let a debugger in. */
    readonly policy?: Uint8Array
    readonly measurements: readonly { readonly role: Role; readonly measurement: Hash }[]
  }
}
