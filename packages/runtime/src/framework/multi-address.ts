import {
  accountId,
  boundedBytes,
  err,
  fixedBytes,
  ok,
  parseAccountId,
  variant,
  codec,
  unit,
  type AccountId,
  type CaseOf,
  type Codec,
  type Result,
} from '@tacit/base'

/** sp_runtime::MultiAddress. Only Id and Address32 name an account on this chain. */
export type MultiAddress =
  | CaseOf<'Id', AccountId>
  | CaseOf<'Index'>
  | CaseOf<'Raw', Uint8Array>
  | CaseOf<'Address32', Uint8Array>
  | CaseOf<'Address20', Uint8Array>

/** Compact<()>: no bytes. */
const compactUnit = codec<undefined>(
  { kind: 'compact', item: unit.type },
  () => {},
  () => undefined,
)

export const multiAddress: Codec<MultiAddress> = variant(
  {
    Id: [0, accountId],
    Index: [1, compactUnit],
    Raw: [2, boundedBytes(64)],
    Address32: [3, fixedBytes(32)],
    Address20: [4, fixedBytes(20)],
  },
  {
    path: ['sp_runtime', 'multiaddress', 'MultiAddress'],
    params: [
      { name: 'AccountId', type: accountId.type },
      { name: 'AccountIndex', type: unit.type },
    ],
  },
)

export type LookupError = { readonly code: 'cannot_lookup' }

/** The account that an address names. */
export function lookup(address: MultiAddress): Result<AccountId, LookupError> {
  if (address.type === 'Id') return ok(address.value)
  const id = address.type === 'Address32' ? parseAccountId(address.value) : undefined
  return id?.ok ? ok(id.value) : err({ code: 'cannot_lookup' })
}

/** The usual address of an account. */
export function idAddress(who: AccountId): MultiAddress {
  return { type: 'Id', value: who }
}
