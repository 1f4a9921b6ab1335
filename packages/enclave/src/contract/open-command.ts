import { decode, err, ok, type Result } from '@tacit/base'
import { hpkeOpen } from '@tacit/crypto'
import {
  commandAad,
  commandInfo,
  commandPlaintext,
  sealedCommand,
  unpad,
  type CommandPlaintext,
  type CommandScope,
  type InboxEntry,
} from '@tacit/runtime'

/** Why a sealed command never reached the contract; becomes the command's outcome. */
export type OpenError =
  /** Sealed for another key, contract, code, epoch, sender or nonce, or damaged. */
  | { readonly code: 'sealed_open_failed' }
  /** It opened, but what is inside is not a padded command. */
  | { readonly code: 'command_malformed' }

/** Opens a sealed command for exactly the sender and extrinsic that brought it to the chain. */
export function openCommand(
  sealed: Uint8Array,
  entry: InboxEntry,
  scope: CommandScope,
  privateKey: Uint8Array,
): Result<CommandPlaintext, OpenError> {
  const parts = decode(sealedCommand, sealed)
  if (!parts.ok) return err({ code: 'command_malformed' })
  const opened = hpkeOpen({
    recipientPrivateKey: privateKey,
    enc: parts.value.enc,
    info: commandInfo(scope),
    aad: commandAad(entry.sender, entry.nonce),
    ciphertext: parts.value.ciphertext,
  })
  if (!opened.ok) return err({ code: 'sealed_open_failed' })
  const content = unpad(opened.value)
  if (!content.ok) return err({ code: 'command_malformed' })
  const command = decode(commandPlaintext, content.value)
  return command.ok ? ok(command.value) : err({ code: 'command_malformed' })
}
