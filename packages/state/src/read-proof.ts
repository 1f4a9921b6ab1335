import { bytesToHex, err, InvariantError, ok, unwrap, type Result } from '@tacit/base'
import { decodeNode } from './decode-node.ts'
import type { KeyValue } from './key-value.ts'
import { extendPath, NIBBLE_DIGITS, sharedLength, toNibbles, type Nibbles } from './nibbles.ts'
import { EMPTY_NODE, type HashFunction, type TrieNode } from './node.ts'
import type { NodeReader } from './update-trie.ts'

/** Why a proof shows nothing. */
export type ProofError =
  /** More nodes or bytes than a proof may have. */
  | { readonly code: 'proof_too_large' }
  /** A node or value on the way to a key is not in the proof; or it is of another root. */
  | { readonly code: 'proof_incomplete' }
  | { readonly code: 'proof_malformed' }
  /** The same node twice. */
  | { readonly code: 'proof_duplicate' }
  /** A node that no key needed. */
  | { readonly code: 'proof_unused' }

/** Nodes of one proof, and bytes of all of them. */
export const MAX_PROOF_NODES = 16_384
export const MAX_PROOF_BYTES: number = 16 * 1024 * 1024

/** A trie as it is stored: nodes by path, values by key. */
export interface StoredTrie {
  readonly nodes: NodeReader
  readonly values: Pick<KeyValue, 'get'>
  readonly hash: HashFunction
}

/**
 * The nodes and hashed values that prove what stands under keys, present or absent, each once, in
 * the order in which a reader comes across them.
 */
export function proveKeys(trie: StoredTrie, keys: readonly Uint8Array[]): Uint8Array[] {
  const proof = new Map<string, Uint8Array>()
  const add = (bytes: Uint8Array): void => void proof.set(bytesToHex(trie.hash(bytes)), bytes)
  for (const key of keys) collect(trie, key, add)
  return [...proof.values()]
}

function collect(trie: StoredTrie, key: Uint8Array, add: (bytes: Uint8Array) => void): void {
  const nibbles = toNibbles(key)
  let encoded = trie.nodes.get('') ?? EMPTY_NODE
  add(encoded)
  let path = ''
  for (let at = 0; ;) {
    const node = unwrap(decodeNode(encoded), 'stored node')
    const step = node && enter(node, nibbles, at)
    if (!step) return
    if (step.value) {
      const bytes = step.value.kind === 'hashed' ? trie.values.get(key) : undefined
      if (step.value.kind === 'hashed' && !bytes) throw new InvariantError('a value is not stored')
      if (bytes) add(bytes)
      return
    }
    if (!step.reference) return
    path = extendPath(path, node.partial) + NIBBLE_DIGITS[nibbles[step.at - 1] ?? 0]
    at = step.at
    encoded = step.reference
    if (encoded.length < 32) continue
    const stored = trie.nodes.get(path)
    if (!stored) throw new InvariantError(`the trie has no node at '${path}'`)
    encoded = stored
    add(encoded)
  }
}

type Step = {
  readonly value?: TrieNode['value']
  /** What the node holds of the next one on the way, after `at` nibbles of the key. */
  readonly reference?: Uint8Array | undefined
  readonly at: number
}

/** Goes through a node that is reached after `depth` nibbles; undefined where the key leaves it. */
function enter(node: TrieNode, key: Nibbles, depth: number): Step | undefined {
  if (sharedLength(node.partial, key, depth) < node.partial.length) return undefined
  const at = depth + node.partial.length
  const index = key[at]
  if (index === undefined) return node.value ? { value: node.value, at } : undefined
  return { reference: node.children[index]?.reference, at: at + 1 }
}

export type ProofInput = {
  /** State root, 32 bytes. */
  readonly root: Uint8Array
  readonly proof: readonly Uint8Array[]
  readonly keys: readonly Uint8Array[]
  readonly hash: HashFunction
}

/**
 * What a proof shows of keys under a root: values by the key's lower-case hex; undefined for a key
 * that is proved to be absent. A proof must hold what these keys need and nothing else.
 */
export function verifyProof(
  input: ProofInput,
): Result<ReadonlyMap<string, Uint8Array | undefined>, ProofError> {
  const { proof, keys, root, hash } = input
  const bytes = proof.reduce((sum, { length }) => sum + length, 0)
  if (proof.length > MAX_PROOF_NODES || bytes > MAX_PROOF_BYTES)
    return err({ code: 'proof_too_large' })
  const nodes = new Map(proof.map((node) => [bytesToHex(hash(node)), node]))
  if (nodes.size < proof.length) return err({ code: 'proof_duplicate' })
  const used = new Set<string>()
  const take = (name: Uint8Array): Uint8Array | undefined => {
    const hex = bytesToHex(name)
    used.add(hex)
    return nodes.get(hex)
  }
  const values = new Map<string, Uint8Array | undefined>()
  for (const key of keys) {
    const value = lookUp(root, toNibbles(key), take)
    if (!value.ok) return value
    values.set(bytesToHex(key), value.value)
  }
  return used.size < nodes.size ? err({ code: 'proof_unused' }) : ok(values)
}

function lookUp(
  root: Uint8Array,
  key: Nibbles,
  take: (hash: Uint8Array) => Uint8Array | undefined,
): Result<Uint8Array | undefined, ProofError> {
  let reference = root
  for (let at = 0; ;) {
    const encoded = reference.length === 32 ? take(reference) : reference
    if (!encoded) return err({ code: 'proof_incomplete' })
    const node = decodeNode(encoded)
    if (!node.ok) return err({ code: 'proof_malformed' })
    const step = node.value && enter(node.value, key, at)
    if (!step) return ok(undefined)
    if (step.value) return readValue(step.value, take)
    if (!step.reference) return ok(undefined)
    reference = step.reference
    at = step.at
  }
}

function readValue(
  value: NonNullable<TrieNode['value']>,
  take: (hash: Uint8Array) => Uint8Array | undefined,
): Result<Uint8Array, ProofError> {
  if (value.kind === 'inline') return ok(value.bytes)
  const bytes = take(value.hash)
  return bytes ? ok(bytes) : err({ code: 'proof_incomplete' })
}
