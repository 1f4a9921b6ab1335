import {
  accountId,
  encode,
  equalBytes,
  err,
  fixedBytes,
  ok,
  tuple,
  u16,
  u32,
  utf8,
  type AccountId,
} from '@tacit/base'
import type { Hashes } from '@tacit/crypto'
import type { DispatchResult } from '../../framework/calls.ts'
import type { CallContext } from '../../framework/context.ts'
import { lookup, type MultiAddress } from '../../framework/multi-address.ts'
import { ensureSigned } from '../../framework/origin.ts'
import { payForPure } from './deposits.ts'
import { storeProxies } from './proxies.ts'
import { proxyType, type ProxyType } from './proxy-type.ts'
import { proxyErrors, proxyEvents, proxyStorage } from './types.ts'

export type CreatePureArgs = {
  readonly proxy_type: ProxyType
  readonly delay: number
  readonly index: number
}
export type KillPureArgs = {
  readonly spawner: MultiAddress
  readonly proxy_type: ProxyType
  readonly index: number
  readonly height: number
  readonly ext_index: number
}

/** What a pure account's address is made of. */
export type PureOrigin = {
  readonly who: AccountId
  /** Block and index of the extrinsic that made it. */
  readonly height: number
  readonly extrinsicIndex: number
  readonly proxyType: ProxyType
  readonly index: number
}

const entropy = tuple(fixedBytes(16), accountId, u32, u32, proxyType, u16)
const PREFIX = utf8('modlpy/proxy____')

/** An account that nobody has a key of: pallet_proxy's pure_account. */
export function pureAccount(
  hashes: Pick<Hashes, 'blake2b256'>,
  { who, height, extrinsicIndex, proxyType: type, index }: PureOrigin,
): AccountId {
  const parts = [PREFIX, who, height, extrinsicIndex, type, index] as const
  return hashes.blake2b256(encode(entropy, parts)) as AccountId
}

export function createPure(
  context: CallContext,
  { proxy_type, delay, index }: CreatePureArgs,
): DispatchResult {
  const signed = ensureSigned(context.origin)
  if (!signed.ok) return signed
  const who = signed.value
  const { block, extrinsicIndex, state } = context
  const origin = { who, height: block.number, extrinsicIndex, proxyType: proxy_type, index }
  const pure = pureAccount(state.hashes, origin)
  if (proxyStorage.Proxies.has(state, pure)) return err(proxyErrors.Duplicate)
  const paid = payForPure(context, pure, who)
  if (!paid.ok) return paid
  const first = { delegate: who, proxy_type, delay }
  proxyStorage.Proxies.set(state, pure, [[first], paid.value])
  context.deposit(proxyEvents.PureCreated({ pure, who, proxy_type, disambiguation_index: index }))
  return ok()
}

/** Called by the pure account itself: all access to it is lost. */
export function killPure(context: CallContext, args: KillPureArgs): DispatchResult {
  const signed = ensureSigned(context.origin)
  if (!signed.ok) return signed
  const spawner = lookup(args.spawner)
  if (!spawner.ok) return spawner
  const { proxy_type, index, height, ext_index: extrinsicIndex } = args
  const origin = { who: spawner.value, height, extrinsicIndex, proxyType: proxy_type, index }
  const pure = pureAccount(context.state.hashes, origin)
  if (!equalBytes(pure, signed.value)) return err(proxyErrors.NoPermission)
  const stored = storeProxies(context, pure, [])
  if (!stored.ok) return stored
  const killed = { pure, spawner: spawner.value, proxy_type, disambiguation_index: index }
  context.deposit(proxyEvents.PureKilled(killed))
  return ok()
}
