import { decode, equalBytes, parseHash, parseHex, toHex, type Hash } from '@tacit/base'
import { digestItem, headerHash, type DigestItem, type Header } from '@tacit/light'
import { TacitError, type Chain } from '@tacit/sdk'

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
  const header = json && parseHeader(json)
  if (!header || !equalBytes(headerHash(crypto.hashes, header), parentHash)) {
    throw new TacitError({
      code: 'node_misbehaves',
      shortMessage: `The node has no header for the ancestor ${toHex(parentHash)}`,
      fix: 'Connect to another node; nothing of this answer was used.',
    })
  }
  return { header, hash: parentHash }
}

type JsonHeader = {
  readonly parentHash: string
  readonly number: string
  readonly stateRoot: string
  readonly extrinsicsRoot: string
  readonly digest: { readonly logs: readonly string[] }
}

/** Undefined where a part is malformed; what is merely wrong has another hash. */
function parseHeader(json: JsonHeader): Header | undefined {
  const [parentHash, stateRoot, extrinsicsRoot] = [
    json.parentHash,
    json.stateRoot,
    json.extrinsicsRoot,
  ].map(hashOf)
  const number = Number(json.number)
  const logs = json.digest.logs.map(digestOf).filter((item) => item !== undefined)
  if (!parentHash || !stateRoot || !extrinsicsRoot || !Number.isInteger(number)) return undefined
  if (number < 0 || number > 0xffff_ffff || logs.length !== json.digest.logs.length)
    return undefined
  return { parentHash, number, stateRoot, extrinsicsRoot, digest: { logs } }
}

function hashOf(text: string): Hash | undefined {
  const bytes = parseHex(text)
  const hash = bytes.ok ? parseHash(bytes.value) : bytes
  return hash.ok ? hash.value : undefined
}

function digestOf(text: string): DigestItem | undefined {
  const bytes = parseHex(text)
  const item = bytes.ok ? decode(digestItem, bytes.value) : bytes
  return item.ok ? item.value : undefined
}
