import { err, ok, type AccountId, type Result } from '@tacit/base'

/** Who calls: an account, the chain itself, or nobody (inherents and proved messages). */
export type Origin =
  | { readonly type: 'Signed'; readonly who: AccountId }
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
