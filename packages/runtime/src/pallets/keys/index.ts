import { concatBytes, encode, err, u32, u8 } from '@tacit/base'
import { defineCalls, type Calls } from '../../framework/calls.ts'
import { constant, definePallet, type Pallet } from '../../framework/pallet.ts'
import { weigh } from '../../framework/weights.ts'
import { judge, validOnce } from '../unsigned.ts'
import { rotateEpoch, rotateEpochArgs, type RotateEpochArgs } from './epochs.ts'
import { checkGrant, grantArgs, noteGrant, type GrantArgs } from './grants.ts'
import { announceGroup, announceGroupArgs, checkGroup, type AnnounceGroupArgs } from './group.ts'
import {
  checkInboxKey,
  publishInboxKey,
  publishInboxKeyArgs,
  type PublishInboxKeyArgs,
} from './inbox-keys.ts'
import { GROUP_SIZE, grantId, KEYS_INDEX, keysErrors, keysEvents, keysStorage } from './types.ts'

export type KeysCalls = {
  readonly announce_group: AnnounceGroupArgs
  readonly rotate_epoch: RotateEpochArgs
  readonly grant: GrantArgs
  readonly publish_inbox_key: PublishInboxKeyArgs
}

/** Above commits: without keys there is nothing to commit. */
const PRIORITY = 1n << 60n
/** Once validated and once dispatched; the host remembers the signature. */
const UNSIGNED_EFFORT = { reads: 16, writes: 4, bytes: 2_048, crypto: { ed25519: 1 } } as const

export const keysCalls: Calls<KeysCalls> = defineCalls<KeysCalls>({
  announce_group: {
    index: 0,
    args: announceGroupArgs,
    docs: [
      'Announce the gatekeeper committee and the public side of its master key.',
      '',
      'Unsigned; the first member signs the message. Accepted once, from registered gatekeepers.',
    ],
    weight: () => weigh(UNSIGNED_EFFORT),
    paysFee: () => false,
    dispatch: announceGroup,
  },
  rotate_epoch: {
    index: 1,
    args: rotateEpochArgs,
    docs: [
      'Begin the next epoch of a contract; only its owner may.',
      '',
      'Grants and the inbox key of the old epoch are removed; new ones must be released.',
    ],
    weight: () => weigh({ reads: 5, writes: 4 }),
    dispatch: rotateEpoch,
  },
  grant: {
    index: 2,
    args: grantArgs,
    docs: [
      "Note a gatekeeper's grant of a contract's keys to the instance that serves it.",
      '',
      'Unsigned; the gatekeeper signs the message.',
    ],
    weight: () => weigh(UNSIGNED_EFFORT),
    paysFee: () => false,
    dispatch: noteGrant,
  },
  publish_inbox_key: {
    index: 3,
    args: publishInboxKeyArgs,
    docs: [
      "Publish the key to which a contract's input is sealed in its current epoch.",
      '',
      'Unsigned; the serving instance, which was granted the keys, signs the message.',
    ],
    weight: () => weigh(UNSIGNED_EFFORT),
    paysFee: () => false,
    dispatch: publishInboxKey,
  },
})

/** Who may hold the keys of contracts: committee, epochs, grants and inbox keys. */
export const keysPallet: Pallet = definePallet({
  name: 'Keys',
  index: KEYS_INDEX,
  docs: ['Who may hold the keys of contracts: committee, epochs, grants and inbox keys.'],
  storage: keysStorage,
  calls: keysCalls,
  events: keysEvents,
  errors: keysErrors,
  constants: {
    GroupSize: constant(u8, GROUP_SIZE, 'Members that a committee has for now.'),
  },
  validateUnsigned: (ctx, callName, args) => {
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
  },
})
