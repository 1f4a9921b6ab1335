import { equalBytes, err, ok, type AccountId, type Hash, type Result } from '@tacit/base'
import type { DispatchResult } from '../../framework/calls.ts'
import type { CallContext } from '../../framework/context.ts'
import type { DispatchError } from '../../framework/dispatch-error.ts'
import { lookup, type MultiAddress } from '../../framework/multi-address.ts'
import { ensureSigned } from '../../framework/origin.ts'
import { depositOf, moveDeposit } from './deposits.ts'
import { MAX_PENDING, proxyErrors, proxyEvents, proxyStorage, type Announcement } from './types.ts'

export type AnnounceArgs = { readonly real: MultiAddress; readonly call_hash: Hash }
export type RejectArgs = { readonly delegate: MultiAddress; readonly call_hash: Hash }

export function announce(context: CallContext, args: AnnounceArgs): DispatchResult {
  const parties = parse(context, args.real)
  if (!parties.ok) return parties
  const { who, other: real } = parties.value
  const { state, block } = context
  const [proxies] = proxyStorage.Proxies.get(state, real)
  if (!proxies.some(({ delegate }) => equalBytes(delegate, who))) return err(proxyErrors.NotProxy)
  const [pending] = proxyStorage.Announcements.get(state, who)
  if (pending.length >= MAX_PENDING) return err(proxyErrors.TooMany)
  const { call_hash } = args
  const stored = store(context, who, [...pending, { real, call_hash, height: block.number }])
  if (!stored.ok) return stored
  context.deposit(proxyEvents.Announced({ real, proxy: who, call_hash }))
  return ok()
}

/** A proxy takes back what it announced. */
export function removeAnnouncement(context: CallContext, args: AnnounceArgs): DispatchResult {
  const parties = parse(context, args.real)
  if (!parties.ok) return parties
  const { who, other: real } = parties.value
  return drop(context, who, (one) => isOf(one, real, args.call_hash))
}

/** The account for which a proxy announced something forbids it. */
export function rejectAnnouncement(context: CallContext, args: RejectArgs): DispatchResult {
  const parties = parse(context, args.delegate)
  if (!parties.ok) return parties
  const { who: real, other: delegate } = parties.value
  return drop(context, delegate, (one) => isOf(one, real, args.call_hash))
}

/** Removes a delegate's announcements that are meant, of which there must be one. */
export function drop(
  context: CallContext,
  delegate: AccountId,
  isMeant: (announcement: Announcement) => boolean,
): Result<void, DispatchError> {
  const [pending] = proxyStorage.Announcements.get(context.state, delegate)
  const rest = pending.filter((one) => !isMeant(one))
  if (rest.length === pending.length) return err(proxyErrors.NotFound)
  return store(context, delegate, rest)
}

export function isOf(announcement: Announcement, real: AccountId, hash: Uint8Array): boolean {
  return equalBytes(announcement.real, real) && equalBytes(announcement.call_hash, hash)
}

function store(
  context: CallContext,
  delegate: AccountId,
  list: readonly Announcement[],
): Result<void, DispatchError> {
  const [, before] = proxyStorage.Announcements.get(context.state, delegate)
  const deposit = depositOf('Announcements', list.length)
  const moved = moveDeposit(context, 'Announcements', delegate, [before, deposit])
  if (!moved.ok) return moved
  if (list.length > 0) proxyStorage.Announcements.set(context.state, delegate, [list, deposit])
  else proxyStorage.Announcements.delete(context.state, delegate)
  return ok()
}

type Parties = { readonly who: AccountId; readonly other: AccountId }

function parse(context: CallContext, address: MultiAddress): Result<Parties, DispatchError> {
  const signed = ensureSigned(context.origin)
  if (!signed.ok) return signed
  const other = lookup(address)
  return other.ok ? ok({ who: signed.value, other: other.value }) : other
}
