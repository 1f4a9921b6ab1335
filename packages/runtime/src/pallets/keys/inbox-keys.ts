import { equalBytes, err, fixedBytes, ok, struct, type Codec, type Result } from '@tacit/base'
import type { DispatchResult } from '../../framework/calls.ts'
import type { CallContext } from '../../framework/context.ts'
import type { ModuleError } from '../../framework/errors.ts'
import { ensureNone } from '../../framework/origin.ts'
import { inboxKeyNote, inboxKeyNoteMessage, type InboxKeyNote } from '../../protocol/keys.ts'
import { genesisHash } from '../genesis-hash.ts'
import { checkAssigned, type CheckContext } from './assignment.ts'
import { keysErrors, keysEvents, keysStorage } from './types.ts'

export type PublishInboxKeyArgs = {
  readonly note: InboxKeyNote
  /** ed25519 by the instance over inboxKeyNoteMessage. */
  readonly signature: Uint8Array
}

export const publishInboxKeyArgs: Codec<PublishInboxKeyArgs> = struct({
  note: inboxKeyNote,
  signature: fixedBytes(64),
})

/** Everything that must hold for an inbox key to be published. */
export function checkInboxKey(
  ctx: CheckContext,
  { note, signature }: PublishInboxKeyArgs,
): Result<void, ModuleError> {
  if (!equalBytes(note.genesis, genesisHash(ctx))) return err(keysErrors.WrongGenesis)
  const { contract, epoch, instance } = note
  const assigned = checkAssigned(ctx, contract, epoch, instance)
  if (!assigned.ok) return assigned
  if (keysStorage.InboxKeys.has(ctx.state, contract, epoch)) return err(keysErrors.InboxKeyExists)
  if (!keysStorage.Grants.has(ctx.state, contract, { epoch, instance })) {
    return err(keysErrors.GrantMissing)
  }
  const message = inboxKeyNoteMessage(note)
  const isSigned = ctx.host.verify({ scheme: 'ed25519', publicKey: instance, message, signature })
  return isSigned ? ok() : err(keysErrors.SignatureInvalid)
}

export function publishInboxKey(ctx: CallContext, args: PublishInboxKeyArgs): DispatchResult {
  const unsigned = ensureNone(ctx.origin)
  if (!unsigned.ok) return unsigned
  const checked = checkInboxKey(ctx, args)
  if (!checked.ok) return checked
  const { contract, epoch, publicKey, instance } = args.note
  keysStorage.InboxKeys.set(ctx.state, contract, epoch, { publicKey, instance })
  ctx.deposit(keysEvents.InboxKeyPublished({ note: args.note }))
  return ok()
}
