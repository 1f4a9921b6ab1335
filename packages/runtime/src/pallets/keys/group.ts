import { equalBytes, err, fixedBytes, ok, struct, type Codec, type Result } from '@tacit/base'
import type { DispatchResult } from '../../framework/calls.ts'
import type { CallContext } from '../../framework/context.ts'
import type { ModuleError } from '../../framework/errors.ts'
import { ensureNone } from '../../framework/origin.ts'
import { keyGroup, keyGroupMessage, type KeyGroup } from '../../protocol/keys.ts'
import { genesisHash } from '../genesis-hash.ts'
import { servingInstance } from '../workers/serving.ts'
import type { CheckContext } from './assignment.ts'
import { GROUP_SIZE, keysErrors, keysEvents, keysStorage } from './types.ts'

export type AnnounceGroupArgs = {
  readonly group: KeyGroup
  /** ed25519 by the first member over keyGroupMessage. */
  readonly signature: Uint8Array
}

export const announceGroupArgs: Codec<AnnounceGroupArgs> = struct({
  group: keyGroup,
  signature: fixedBytes(64),
})

/** Everything that must hold for a committee to be announced. */
export function checkGroup(
  ctx: CheckContext,
  { group, signature }: AnnounceGroupArgs,
): Result<void, ModuleError> {
  if (keysStorage.Group.has(ctx.state)) return err(keysErrors.GroupExists)
  if (!equalBytes(group.genesis, genesisHash(ctx))) return err(keysErrors.WrongGenesis)
  const [member] = group.members
  if (member === undefined || group.members.length !== GROUP_SIZE) {
    return err(keysErrors.GroupSizeUnsupported)
  }
  // The only share of a committee of one is the master key itself.
  const isConsistent = group.threshold === 1 && equalBytes(member.verificationKey, group.groupKey)
  if (!isConsistent) return err(keysErrors.GroupMalformed)
  const { instance: publicKey } = member
  if (
    servingInstance(ctx.state, publicKey, 'Gatekeeper', ctx.block.nowMs, 'keyRelease') === undefined
  ) {
    return err(keysErrors.GatekeeperNotServing)
  }
  const message = keyGroupMessage(group)
  const isSigned = ctx.host.verify({ scheme: 'ed25519', publicKey, message, signature })
  return isSigned ? ok() : err(keysErrors.SignatureInvalid)
}

export function announceGroup(ctx: CallContext, args: AnnounceGroupArgs): DispatchResult {
  const unsigned = ensureNone(ctx.origin)
  if (!unsigned.ok) return unsigned
  const checked = checkGroup(ctx, args)
  if (!checked.ok) return checked
  keysStorage.Group.set(ctx.state, args.group)
  ctx.deposit(keysEvents.GroupAnnounced({ group: args.group }))
  return ok()
}
