import { equalBytes, toHex, type Hash } from '@tacit/base'
import { headerHash, type Header } from '@tacit/light'
import { headerFromJson, TacitError, type Chain, type JsonHeader } from '@tacit/sdk'

/** A block whose hash follows from a justified one. */
export type KnownBlock = { readonly header: Header; readonly hash: Hash }

/**
 * Walks from a proven block to its ancestors, newest first and the block itself first of all, as
 * long as they are above a height. A header counts only if it hashes to the parent hash of the
 * one before it, so a justification of the first covers them all.
 * @throws TacitError `node_misbehaves`, and the codes of the connection.
 */
export async function* walkAncestry(
  chain: Pick<Chain, 'rpc' | 'crypto'>,
  from: KnownBlock,
  above: number,
): AsyncGenerator<KnownBlock, void, void> {
  let block = from
  while (block.header.number > above) {
    yield block
    if (block.header.number - 1 <= above) return
    block = await fetchParent(chain, block.header)
  }
}

async function fetchParent(
  { rpc, crypto }: Pick<Chain, 'rpc' | 'crypto'>,
  { parentHash }: Header,
): Promise<KnownBlock> {
  const json = await rpc.request<JsonHeader | null>('chain_getHeader', [toHex(parentHash)])
  const header = json && headerFromJson(json)
  if (!header || !equalBytes(headerHash(crypto.hashes, header), parentHash)) {
    throw new TacitError({
      code: 'node_misbehaves',
      shortMessage: `The node has no header for the ancestor ${toHex(parentHash)}`,
      fix: 'Connect to another node; nothing of this answer was used.',
    })
  }
  return { header, hash: parentHash }
}
