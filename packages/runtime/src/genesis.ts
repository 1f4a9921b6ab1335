import type { Hash } from '@tacit/base'
import type { Hashes } from '@tacit/crypto'
import type { Header } from '@tacit/light'
import { orderedTrieRoot } from '@tacit/state'
import { createEnvironment, NO_EVENTS, palletContext } from './execution/environment.ts'
import { writeVersions } from './execution/upgrade.ts'
import type { Composition } from './framework/composition.ts'
import type { GenesisSpec } from './framework/genesis-spec.ts'
import type { Host } from './host.ts'
import { systemStorage } from './pallets/system/types.ts'

const ZERO_HASH = new Uint8Array(32) as Hash

/** Writes the first state. Throws InvariantError if the specification breaks its own terms. */
export function writeGenesis(composition: Composition, host: Host, spec: GenesisSpec): void {
  const parent = { number: -1, hash: ZERO_HASH }
  const environment = createEnvironment(composition, host, parent, NO_EVENTS)
  const { state } = environment
  writeVersions(state, composition)
  systemStorage.Number.set(state, 0)
  for (const pallet of composition.pallets) pallet.genesis?.(palletContext(environment), spec)
}

/** The header of block 0; its hash names the chain. */
export function genesisHeader(stateRoot: Hash, hashes: Hashes): Header {
  const extrinsicsRoot = orderedTrieRoot([], hashes.blake2b256)
  return { parentHash: ZERO_HASH, number: 0, stateRoot, extrinsicsRoot, digest: { logs: [] } }
}
