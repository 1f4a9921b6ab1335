import { err, ok, type AccountId, type Result } from '@tacit/base'
import type { CallFilter, RuntimeCall } from './runtime-call.ts'

/** Who calls: an account, the chain itself, or nobody (inherents and proved messages). */
export type Origin =
  | { readonly type: 'Signed'; readonly who: AccountId; readonly filter?: CallFilter }
  | { readonly type: 'Root' }
  | { readonly type: 'None' }

export type BadOrigin = { readonly code: 'bad_origin' }

const BAD_ORIGIN: BadOrigin = { code: 'bad_origin' }

export function ensureSigned(origin: Origin): Result<AccountId, BadOrigin> {
  return origin.type === 'Signed' ? ok(origin.who) : err(BAD_ORIGIN)
}

export function ensureNone(origin: Origin): Result<void, BadOrigin> {
  return origin.type === 'None' ? ok() : err(BAD_ORIGIN)
}

/** The chain itself: what governance decided. */
export function ensureRoot(origin: Origin): Result<void, BadOrigin> {
  return origin.type === 'Root' ? ok() : err(BAD_ORIGIN)
}

/**
 * The origin with one more filter, which all calls under it must pass from now on, however deep.
 * Source: polkadot-sdk, OriginTrait::add_filter.
 */
export function addFilter(origin: Origin, added: CallFilter): Origin {
  if (origin.type !== 'Signed') return origin
  const { filter } = origin
  return { ...origin, filter: filter ? (call) => filter(call) && added(call) : added }
}

/** Whether the filters that an origin carries let a call pass. */
export function passesFilter(origin: Origin, call: RuntimeCall): boolean {
  return origin.type !== 'Signed' || (origin.filter?.(call) ?? true)
}
