import { toHex, type Hash } from '@tacit/base'
import type { Hashes } from '@tacit/crypto'
import { checkpointKeys, type Checkpoint } from '@tacit/light'
import { headerFromJson, nodeBytes, type JsonHeader } from './json-block.ts'
import type { Rpc } from './rpc.ts'

/** Fetches what a light client starts from; startFromCheckpoint() judges it. */
export async function fetchCheckpoint(
  rpc: Rpc,
  genesisHash: Hash,
  hashes: Hashes,
): Promise<Checkpoint> {
  const at = toHex(genesisHash)
  const keys = checkpointKeys(hashes).map(toHex)
  const [header, read] = await Promise.all([
    rpc.request<JsonHeader>('chain_getHeader', [at]),
    rpc.request<{ proof: readonly string[] }>('state_getReadProof', [keys, at]),
  ])
  return { header: headerFromJson(header), proof: read.proof.map(nodeBytes) }
}
