import type { AccountId } from '@tacit/base'
import type { Keypair } from '@tacit/crypto'
import { balancesCalls, balancesPallet, encodeCall, idAddress, systemStorage } from '@tacit/runtime'
import type { Chain, JustifiedBlock } from './chain.ts'
import { submitSigned, type Included } from './submit.ts'

/** Planck of an account, proved. */
export type AccountBalance = {
  readonly free: bigint
  /** Held by pallets for deposits and prepaid gas. */
  readonly reserved: bigint
  readonly nonce: number
}

/** An account's balance at the newest justified head or the given block. */
export async function readBalance(
  chain: Chain,
  account: AccountId,
  at?: Pick<JustifiedBlock, 'header' | 'hash'>,
): Promise<AccountBalance> {
  const info = await chain.read(systemStorage.Account, [account], at)
  return {
    free: info?.data.free ?? 0n,
    reserved: info?.data.reserved ?? 0n,
    nonce: info?.nonce ?? 0,
  }
}

/** Pays planck to an account; the payer's own account stays alive. */
export function transfer(
  chain: Chain,
  from: Keypair,
  to: AccountId,
  amount: bigint,
): Promise<Included> {
  const args = { dest: idAddress(to), value: amount }
  const call = encodeCall(balancesPallet.index, balancesCalls.transfer_keep_alive, args)
  return submitSigned(chain, call, from)
}
