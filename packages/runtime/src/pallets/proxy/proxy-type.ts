import { names, type Codec } from '@tacit/base'
import type { RuntimeCall } from '../../framework/runtime-call.ts'

/**
 * What a proxy may do: every call; none that pays anybody; rejecting announcements; contracts and
 * their keys, with what they cost; instances and the collateral that they need. Indices of FRAME's
 * names are those of Polkadot; 2 (Governance) and 3 (Staking) wait for their pallets.
 */
export type ProxyType = 'Any' | 'NonTransfer' | 'CancelProxy' | 'Contracts' | 'Workers'

const INDICES = { Any: 0, NonTransfer: 1, CancelProxy: 6, Contracts: 16, Workers: 17 } as const

export const proxyType: Codec<ProxyType> = names(INDICES, { path: ['tacit_runtime', 'ProxyType'] })

/** The order of types, as in the enum. */
export function compareProxyTypes(a: ProxyType, b: ProxyType): number {
  return INDICES[a] - INDICES[b]
}

type Allowed = { readonly [pallet: string]: 'all' | readonly string[] }

/** Calls that hand a proxy's filter on to the calls within them. */
const FILTERED: Allowed = {
  Utility: ['batch', 'batch_all', 'force_batch', 'as_derivative', 'if_else'],
}
const ATTESTATION = ['submit_collateral', 'submit_amd_collateral', 'submit_rim']

/**
 * Multisig and Proxy act for other accounts and hold deposits; what they dispatch is under the
 * rules of those. A call of a pallet that is not named here needs Any.
 */
const ALLOWED: { readonly [T in Exclude<ProxyType, 'Any'>]: Allowed } = {
  NonTransfer: {
    ...FILTERED,
    System: 'all',
    Attestation: ATTESTATION,
    Workers: 'all',
    Keys: 'all',
    Contracts: ['upload_code'],
    Multisig: 'all',
    Proxy: 'all',
    Vesting: ['vest', 'vest_other'],
    Preimage: ['note_preimage', 'unnote_preimage'],
  },
  CancelProxy: { ...FILTERED, Proxy: ['reject_announcement'] },
  Contracts: { ...FILTERED, Contracts: 'all', Keys: 'all' },
  Workers: { ...FILTERED, Workers: 'all', Attestation: ATTESTATION },
}

/** Whether a proxy of a type may dispatch a call; what the call nests is asked about by itself. */
export function proxyAllows(type: ProxyType, { type: pallet, value }: RuntimeCall): boolean {
  if (type === 'Any') return true
  const calls = ALLOWED[type][pallet]
  return calls === 'all' || (calls?.includes(value.type) ?? false)
}

const NARROWER: { readonly [T in ProxyType]: readonly ProxyType[] } = {
  Any: ['NonTransfer', 'CancelProxy', 'Contracts', 'Workers'],
  NonTransfer: ['CancelProxy', 'Workers'],
  CancelProxy: [],
  Contracts: [],
  Workers: [],
}

/** Whether one type may do all that another may. */
export function isSuperset(type: ProxyType, other: ProxyType): boolean {
  return type === other || NARROWER[type].includes(other)
}
