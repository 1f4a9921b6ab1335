import { calculate_state_root, decode_proof } from '@acala-network/chopsticks-executor'
import { toHex } from '../../packages/base/src/index.ts'
import type { TrieLayout } from '../../packages/state/src/index.ts'

/** The root that Parity's trie has with these entries, as 0x-hex. */
export async function parityRoot(
  entries: readonly (readonly [key: Uint8Array, value: Uint8Array])[],
  layout: TrieLayout,
): Promise<string> {
  const pairs = entries.map(([key, value]) => [toHex(key), toHex(value)])
  return (await calculate_state_root(pairs, layout === 'v0' ? 0 : 1)) as string
}

/** What Parity's trie reads in a proof: values by key, all as 0x-hex. */
export async function parityReads(
  root: Uint8Array,
  proof: readonly Uint8Array[],
): Promise<ReadonlyMap<string, string>> {
  return new Map((await decode_proof(toHex(root), proof.map(toHex))) as [string, string][])
}
