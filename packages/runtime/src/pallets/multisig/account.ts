import {
  accountId,
  compareBytes,
  encode,
  err,
  fixedBytes,
  ok,
  tuple,
  u16,
  utf8,
  vec,
  type AccountId,
  type Result,
} from '@tacit/base'
import type { Hashes } from '@tacit/crypto'
import type { ModuleError } from '../../framework/errors.ts'
import { MAX_SIGNATORIES, multisigErrors } from './types.ts'

const entropy = tuple(fixedBytes(16), vec(accountId), u16)
const PREFIX = utf8('modlpy/utilisuba')

/**
 * The account of a set of signatories with a threshold: pallet_multisig's multi_account_id.
 * @param signatories ascending.
 */
export function multisigAccount(
  hashes: Pick<Hashes, 'blake2b256'>,
  signatories: readonly AccountId[],
  threshold: number,
): AccountId {
  return hashes.blake2b256(encode(entropy, [PREFIX, signatories, threshold])) as AccountId
}

/** The sender among the others, who must ascend without it. */
export function allSignatories(
  others: readonly AccountId[],
  who: AccountId,
): Result<readonly AccountId[], ModuleError> {
  if (others.length === 0) return err(multisigErrors.TooFewSignatories)
  if (others.length >= MAX_SIGNATORIES) return err(multisigErrors.TooManySignatories)
  let place = 0
  for (const [index, other] of others.entries()) {
    const before = others[index - 1]
    if (before && compareBytes(before, other) >= 0) return err(multisigErrors.SignatoriesOutOfOrder)
    const order = compareBytes(other, who)
    if (order === 0) return err(multisigErrors.SenderInSignatories)
    if (order < 0) place++
  }
  return ok([...others.slice(0, place), who, ...others.slice(place)])
}
