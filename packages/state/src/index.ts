export { buildTrie, type TrieBuilder } from './build-trie.ts'
export {
  compareChanges,
  keepKeyString,
  keyToString,
  type Change,
  type KeyValue,
  type ValueForm,
} from './key-value.ts'
export { keysInTrie } from './keys-in-trie.ts'
export { createMemoryStore, type MemoryStore } from './memory-store.ts'
export type { HashFunction, TrieLayout, TrieScheme } from './node.ts'
export { createOverlay, type Overlay } from './overlay.ts'
export { closestMerkleValue, proveKeys, type StoredTrie } from './prove-keys.ts'
export { trieHolds } from './trie-holds.ts'
export { orderedTrieRoot, trieRoot } from './trie-root.ts'
export { updateTrie, type NodeReader, type TrieUpdate } from './update-trie.ts'
export {
  MAX_PROOF_BYTES,
  MAX_PROOF_NODES,
  verifyProof,
  type ProofError,
  type ProofInput,
} from './verify-proof.ts'
