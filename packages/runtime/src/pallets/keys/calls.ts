import { defineCalls, type Calls } from '../../framework/calls.ts'
import { weigh } from '../../framework/weights.ts'
import { STANDING_EFFORT } from '../workers/standing.ts'
import { rotateEpoch, rotateEpochArgs, type RotateEpochArgs } from './epochs.ts'
import { grantArgs, noteGrant, type GrantArgs } from './grants.ts'
import { announceGroup, announceGroupArgs, type AnnounceGroupArgs } from './group.ts'
import { publishInboxKey, publishInboxKeyArgs, type PublishInboxKeyArgs } from './inbox-keys.ts'

export type KeysCalls = {
  readonly announce_group: AnnounceGroupArgs
  readonly rotate_epoch: RotateEpochArgs
  readonly grant: GrantArgs
  readonly publish_inbox_key: PublishInboxKeyArgs
}

/**
 * Once validated and once dispatched, judging the gatekeeper's instance and the other one each time;
 * the host remembers the signature.
 */
const UNSIGNED_EFFORT = {
  reads: 16 + 4 * STANDING_EFFORT.reads,
  writes: 4,
  bytes: 2_048 + 4 * STANDING_EFFORT.bytes,
  crypto: { ed25519: 1 },
} as const

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
