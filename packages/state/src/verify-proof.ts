import { bytesToHex, err, ok, type Result } from '@tacit/base'
import { findValue } from './find-value.ts'
import { keyToString } from './key-value.ts'
import type { HashFunction } from './node.ts'

/** Parts of one proof, and bytes of all of them; both are checked before anything is hashed. */
export const MAX_PROOF_NODES = 16_384
export const MAX_PROOF_BYTES: number = 16 * 1024 * 1024

/** Why a proof shows nothing. */
export type ProofError =
  /** More nodes or bytes than a proof may have. */
  | { readonly code: 'proof_too_large' }
  /** The same node or value twice. */
  | { readonly code: 'proof_duplicate' }
  /** Nothing in it hashes to the root: it is of another state. */
  | { readonly code: 'proof_root_mismatch' }
  /** A node or value on the way to the key is not in the proof. */
  | { readonly code: 'proof_incomplete'; readonly key: string }
  /** A node on the way to the key is not a node of a trie. */
  | { readonly code: 'proof_malformed'; readonly key: string }
  /** A node or value that no key needed. */
  | { readonly code: 'proof_unused' }

export type ProofInput = {
  /** State root, 32 bytes, of a header that is trusted. */
  readonly root: Uint8Array
  /** Nodes and values in any order. */
  readonly proof: readonly Uint8Array[]
  readonly keys: readonly Uint8Array[]
  readonly hash: HashFunction
}

interface Parts {
  readonly byHash: ReadonlyMap<string, Uint8Array>
  readonly used: Set<string>
}

/**
 * What a proof shows of keys under a root, of either layout: values by the key's lower-case hex
 * without 0x; undefined for a key that is proved to be absent. A proof must hold what these keys
 * need and nothing else.
 */
export function verifyProof(
  input: ProofInput,
): Result<ReadonlyMap<string, Uint8Array | undefined>, ProofError> {
  const parts = indexParts(input)
  if (!parts.ok) return parts
  const values = new Map<string, Uint8Array | undefined>()
  for (const key of input.keys) {
    const value = readKey(input.root, key, parts.value)
    if (!value.ok) return value
    values.set(bytesToHex(key), value.value)
  }
  const { used, byHash } = parts.value
  return used.size < byHash.size ? err({ code: 'proof_unused' }) : ok(values)
}

function indexParts({ root, proof, hash }: ProofInput): Result<Parts, ProofError> {
  let bytes = 0
  for (const part of proof) bytes += part.length
  if (proof.length > MAX_PROOF_NODES || bytes > MAX_PROOF_BYTES) {
    return err({ code: 'proof_too_large' })
  }
  const byHash = new Map(proof.map((part) => [keyToString(hash(part)), part]))
  if (byHash.size < proof.length) return err({ code: 'proof_duplicate' })
  const rootName = keyToString(root)
  if (!byHash.has(rootName)) return err({ code: 'proof_root_mismatch' })
  return ok({ byHash, used: new Set([rootName]) })
}

function readKey(
  root: Uint8Array,
  key: Uint8Array,
  { byHash, used }: Parts,
): Result<Uint8Array | undefined, ProofError> {
  const take = (hash: Uint8Array): Result<Uint8Array, ProofError> => {
    const name = keyToString(hash)
    const part = byHash.get(name)
    used.add(name)
    return part ? ok(part) : err({ code: 'proof_incomplete', key: bytesToHex(key) })
  }
  const found = findValue(root, key, take)
  if (!found.ok) {
    const { error } = found
    return error.code === 'node_malformed'
      ? err({ code: 'proof_malformed', key: bytesToHex(key) })
      : err(error)
  }
  return found.value?.kind === 'hashed' ? take(found.value.hash) : ok(found.value?.bytes)
}
