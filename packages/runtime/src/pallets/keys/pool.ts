import { concatBytes, encode, err, u32, type Result } from '@tacit/base'
import type { ValidateContext } from '../../framework/context.ts'
import type { TransactionValidityError, ValidTransaction } from '../../framework/validity.ts'
import { judge, validOnce } from '../unsigned.ts'
import { checkGrant, type GrantArgs } from './grants.ts'
import { checkGroup, type AnnounceGroupArgs } from './group.ts'
import { checkInboxKey, type PublishInboxKeyArgs } from './inbox-keys.ts'
import { grantId, keysErrors } from './types.ts'

/** Above commits: without keys there is nothing to commit. */
const PRIORITY = 1n << 60n

/** The pool's judgement of what enclaves say; rotate_epoch is signed. */
export function validateKeys(
  ctx: ValidateContext,
  callName: string,
  args: unknown,
): Result<ValidTransaction, TransactionValidityError> {
  if (callName === 'announce_group') {
    const announced = args as AnnounceGroupArgs
    const stale = [keysErrors.GroupExists]
    return judge(checkGroup(ctx, announced), stale, () =>
      validOnce('keys/group', announced.group.genesis, PRIORITY),
    )
  }
  if (callName === 'grant') {
    const given = args as GrantArgs
    const { contract, epoch, instance } = given.grant
    return judge(checkGrant(ctx, given), [keysErrors.AlreadyGranted], () =>
      validOnce(
        'keys/grant',
        concatBytes(contract, encode(grantId, { epoch, instance })),
        PRIORITY,
      ),
    )
  }
  if (callName === 'publish_inbox_key') {
    const published = args as PublishInboxKeyArgs
    const { contract, epoch } = published.note
    return judge(checkInboxKey(ctx, published), [keysErrors.InboxKeyExists], () =>
      validOnce('keys/inbox', concatBytes(contract, encode(u32, epoch)), PRIORITY),
    )
  }
  return err({ code: 'call' })
}
