import { equalBytes, err, ok, type AccountId, type Hash, type Result } from '@tacit/base'
import type { PalletContext } from '../../framework/context.ts'
import type { DispatchError } from '../../framework/dispatch-error.ts'
import type { HoldReason } from '../../framework/hold-reason.ts'
import type { State } from '../../framework/state.ts'
import { hold, release } from '../balances/ops.ts'
import {
  MAX_PREIMAGE_BYTES,
  preimageDeposit,
  preimageErrors,
  preimageEvents,
  preimageStorage,
  type RequestStatus,
  type Ticket,
} from './types.ts'

type Outcome = Result<void, DispatchError>

const REASON: HoldReason = { type: 'Preimage', value: { type: 'Preimage' } }
const MAX_COUNT = 2 ** 32 - 1

/**
 * Stores a preimage. Without an account the chain itself keeps it, under one request.
 * @returns whether the chain had asked for it or keeps it: then it costs nothing.
 */
export function noteBytes(
  context: PalletContext,
  bytes: Uint8Array,
  account: AccountId | undefined,
): Result<{ readonly hash: Hash; readonly requested: boolean }, DispatchError> {
  if (bytes.length > MAX_PREIMAGE_BYTES) return err(preimageErrors.TooBig)
  const hash = context.state.hashes.blake2b256(bytes) as Hash
  const status = notedStatus(context, hash, bytes.length, account)
  if (!status.ok) return status
  preimageStorage.RequestStatusFor.set(context.state, hash, status.value)
  preimageStorage.PreimageFor.set(context.state, [hash, bytes.length], bytes)
  context.deposit(preimageEvents.Noted({ hash }))
  return ok({ hash, requested: status.value.type === 'Requested' })
}

function notedStatus(
  context: PalletContext,
  hash: Hash,
  len: number,
  account: AccountId | undefined,
): Result<RequestStatus, DispatchError> {
  const before = preimageStorage.RequestStatusFor.get(context.state, hash)
  if (before?.type === 'Requested')
    // FRAME takes it again, and for nothing: anybody could fill blocks with it.
    return before.value.maybe_len === undefined
      ? ok(requested({ ...before.value, maybe_len: len }))
      : err(preimageErrors.AlreadyNoted)
  if (account === undefined)
    return ok(requested({ maybe_ticket: before?.value.ticket, count: 1, maybe_len: len }))
  if (before) return err(preimageErrors.AlreadyNoted)
  const amount = preimageDeposit(len)
  const paid = hold(context, REASON, account, amount)
  return paid.ok ? ok({ type: 'Unrequested', value: { ticket: [account, amount], len } }) : paid
}

/**
 * Takes a preimage away and gives its deposit back; one that the chain asks for stays. Without an
 * account to check, the chain itself does it.
 */
export function unnotePreimage(
  context: PalletContext,
  hash: Hash,
  account: AccountId | undefined,
): Outcome {
  const status = preimageStorage.RequestStatusFor.get(context.state, hash)
  if (!status) return err(preimageErrors.NotNoted)
  const ticket = status.type === 'Requested' ? status.value.maybe_ticket : status.value.ticket
  if (account && !(ticket && equalBytes(ticket[0], account)))
    return err(preimageErrors.NotAuthorized)
  if (!ticket) return unrequestPreimage(context, hash)
  const given = release(context, REASON, ...ticket)
  if (!given.ok) return given
  if (status.type === 'Unrequested') clear(context, hash, status.value.len)
  else store(context, hash, { ...status.value, maybe_ticket: undefined })
  return ok()
}

/** Asks for a preimage once more: it may be noted for nothing, and stays while it is asked for. */
export function requestPreimage(context: PalletContext, hash: Hash): void {
  const before = preimageStorage.RequestStatusFor.get(context.state, hash)
  if (before?.type === 'Requested') {
    const count = Math.min(before.value.count + 1, MAX_COUNT)
    return store(context, hash, { ...before.value, count })
  }
  const maybe_ticket = before?.value.ticket
  store(context, hash, { maybe_ticket, count: 1, maybe_len: before?.value.len })
  context.deposit(preimageEvents.Requested({ hash }))
}

/** Asks once less. With the last request goes the preimage, or back to the account that pays. */
export function unrequestPreimage(context: PalletContext, hash: Hash): Outcome {
  const status = preimageStorage.RequestStatusFor.get(context.state, hash)
  if (status?.type !== 'Requested') return err(preimageErrors.NotRequested)
  const { count, maybe_ticket: ticket, maybe_len: len } = status.value
  if (count > 1) store(context, hash, { ...status.value, count: count - 1 })
  else if (len === undefined) preimageStorage.RequestStatusFor.delete(context.state, hash)
  else if (ticket) giveBack(context, hash, ticket, len)
  else clear(context, hash, len)
  return ok()
}

/** Bytes of the preimage of a hash, if it is there. */
export function preimageLength(state: State, hash: Hash): number | undefined {
  const status = preimageStorage.RequestStatusFor.get(state, hash)
  return status?.type === 'Requested' ? status.value.maybe_len : status?.value.len
}

/** The preimage of a hash, of that length if it is given. */
export function fetchPreimage(
  state: State,
  hash: Hash,
  length: number | undefined = preimageLength(state, hash),
): Uint8Array | undefined {
  return length === undefined ? undefined : preimageStorage.PreimageFor.get(state, [hash, length])
}

type Requested = Extract<RequestStatus, { type: 'Requested' }>['value']

function requested(value: Requested): RequestStatus {
  return { type: 'Requested', value }
}

function store({ state }: PalletContext, hash: Hash, value: Requested): void {
  preimageStorage.RequestStatusFor.set(state, hash, requested(value))
}

function giveBack({ state }: PalletContext, hash: Hash, ticket: Ticket, len: number): void {
  preimageStorage.RequestStatusFor.set(state, hash, { type: 'Unrequested', value: { ticket, len } })
}

function clear(context: PalletContext, hash: Hash, length: number): void {
  preimageStorage.RequestStatusFor.delete(context.state, hash)
  preimageStorage.PreimageFor.delete(context.state, [hash, length])
  context.deposit(preimageEvents.Cleared({ hash }))
}
