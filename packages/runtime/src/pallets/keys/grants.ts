import { equalBytes, err, fixedBytes, ok, struct, type Codec, type Result } from '@tacit/base'
import type { DispatchResult } from '../../framework/calls.ts'
import type { CallContext } from '../../framework/context.ts'
import type { ModuleError } from '../../framework/errors.ts'
import { ensureNone } from '../../framework/origin.ts'
import { grant, grantMessage, type Grant } from '../../protocol/keys.ts'
import { genesisHash } from '../genesis-hash.ts'
import { servingInstance } from '../workers/serving.ts'
import { checkAssigned, type CheckContext } from './assignment.ts'
import { keysErrors, keysEvents, keysStorage } from './types.ts'

export type GrantArgs = {
  readonly grant: Grant
  /** ed25519 by the gatekeeper over grantMessage. */
  readonly signature: Uint8Array
}

export const grantArgs: Codec<GrantArgs> = struct({ grant, signature: fixedBytes(64) })

/** Everything that must hold for a gatekeeper's grant to be noted. */
export function checkGrant(
  ctx: CheckContext,
  { grant: given, signature }: GrantArgs,
): Result<void, ModuleError> {
  if (!equalBytes(given.genesis, genesisHash(ctx))) return err(keysErrors.WrongGenesis)
  const group = keysStorage.Group.get(ctx.state)
  if (group === undefined) return err(keysErrors.GroupMissing)
  const isMember = group.members.some(({ instance }) => equalBytes(instance, given.gatekeeper))
  if (!isMember) return err(keysErrors.NotMember)
  const { gatekeeper: publicKey } = given
  if (
    servingInstance(ctx.state, publicKey, 'Gatekeeper', ctx.block.nowMs, 'keyRelease') === undefined
  ) {
    return err(keysErrors.GatekeeperNotServing)
  }
  const { contract, epoch, instance } = given
  const assigned = checkAssigned(ctx, contract, epoch, instance)
  if (!assigned.ok) return assigned
  const known = keysStorage.Grants.get(ctx.state, contract, { epoch, instance })
  // Without an order anyone could replay published grants in turn, free and without end.
  const isOld = known !== undefined && given.recentNumber <= known.recentNumber
  if (isOld) return err(keysErrors.AlreadyGranted)
  const message = grantMessage(given)
  const isSigned = ctx.host.verify({ scheme: 'ed25519', publicKey, message, signature })
  return isSigned ? ok() : err(keysErrors.SignatureInvalid)
}

/** A newer grant replaces those of older instances and epochs; the events keep them all. */
export function noteGrant(ctx: CallContext, args: GrantArgs): DispatchResult {
  const unsigned = ensureNone(ctx.origin)
  if (!unsigned.ok) return unsigned
  const checked = checkGrant(ctx, args)
  if (!checked.ok) return checked
  const { contract, epoch, instance, gatekeeper, ephemeralKey, recentNumber } = args.grant
  for (const { keys } of keysStorage.Grants.entries(ctx.state, { under: [contract] })) {
    keysStorage.Grants.delete(ctx.state, ...keys)
  }
  const record = { gatekeeper, ephemeralKey, recentNumber, grantedAt: ctx.block.number }
  keysStorage.Grants.set(ctx.state, contract, { epoch, instance }, record)
  ctx.deposit(keysEvents.Granted({ grant: args.grant }))
  return ok()
}
