import { encode, equalBytes } from '@tacit/base'
import { grandpaJustification, precommitMessage } from '@tacit/light'
import type { Head } from '@tacit/runtime'
import { NodeError } from '../errors.ts'
import type { LastSigned } from '../storage/records.ts'

/** The key of the chain's only authority. */
export type AuthorityKey = {
  /** ed25519, 32 bytes. */
  readonly publicKey: Uint8Array
  sign(message: Uint8Array): Uint8Array
}

/** Throws `sign_conflict` if a header other than this one was promised at its height or above. */
export function checkConflict(lastSigned: LastSigned | undefined, head: Head): void {
  if (!lastSigned || head.number > lastSigned.number) return
  if (head.number === lastSigned.number && equalBytes(head.hash, lastSigned.hash)) return
  throw new NodeError({
    code: 'sign_conflict',
    height: head.number,
    lastSigned: lastSigned.number,
  })
}

/**
 * Justifies a block as the only authority of a set; the block and the promise to sign it must be
 * durable. ed25519 is deterministic: signing again gives the same bytes.
 * @param setId of the authority set.
 * @returns SCALE of a GrandpaJustification whose round is the height.
 */
export function signJustification(
  key: AuthorityKey,
  lastSigned: LastSigned | undefined,
  head: Head,
  setId: bigint,
): Uint8Array {
  checkConflict(lastSigned, head)
  const round = BigInt(head.number)
  const target = { targetHash: head.hash, targetNumber: head.number }
  const signature = key.sign(precommitMessage(target, round, setId))
  return encode(grandpaJustification, {
    round,
    commit: { ...target, precommits: [{ precommit: target, signature, id: key.publicKey }] },
    votesAncestries: [],
  })
}
