import { mapped, struct, u128, u32, type Codec } from '@tacit/base'

/** Planck of one account. free + reserved is its total; frozen overlaps with both. */
export type AccountData = {
  readonly free: bigint
  readonly reserved: bigint
  readonly frozen: bigint
  readonly flags: bigint
}

/** An account lives while it has a provider or is sufficient by itself. */
export type AccountInfo = {
  /** Signed extrinsics so far. */
  readonly nonce: number
  /** Things that need the account to stay. */
  readonly consumers: number
  /** Things that let the account exist, such as a balance of the existential deposit. */
  readonly providers: number
  readonly sufficients: number
  readonly data: AccountData
}

/** Things that may rely on an account's staying alive at a time. */
export const MAX_CONSUMERS = 64

/** pallet_balances marks accounts that follow its present logic with the highest bit. */
const NEW_LOGIC = 1n << 127n

export const EMPTY_DATA: AccountData = { free: 0n, reserved: 0n, frozen: 0n, flags: NEW_LOGIC }
export const EMPTY_ACCOUNT: AccountInfo = {
  nonce: 0,
  consumers: 0,
  providers: 0,
  sufficients: 0,
  data: EMPTY_DATA,
}

const extraFlags: Codec<bigint> = mapped(
  u128,
  (flags) => flags,
  (flags) => flags,
  {
    kind: 'composite',
    path: ['pallet_balances', 'types', 'ExtraFlags'],
    params: [],
    fields: [{ type: u128.type, typeName: 'u128' }],
  },
)

const accountData: Codec<AccountData> = struct(
  { free: u128, reserved: u128, frozen: u128, flags: extraFlags },
  {
    path: ['pallet_balances', 'types', 'AccountData'],
    params: [{ name: 'Balance', type: u128.type }],
  },
)

export const accountInfo: Codec<AccountInfo> = struct(
  { nonce: u32, consumers: u32, providers: u32, sufficients: u32, data: accountData },
  {
    path: ['frame_system', 'AccountInfo'],
    params: [
      { name: 'Nonce', type: u32.type },
      { name: 'AccountData', type: accountData.type },
    ],
  },
)

/** Whether the account may lose one provider. */
export function canLoseProvider(account: AccountInfo): boolean {
  return account.consumers === 0 || account.providers > 1
}
