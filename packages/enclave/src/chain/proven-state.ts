import { err, InvariantError, ok, toHex, type Coded, type Result } from '@tacit/base'
import type { Hashes } from '@tacit/crypto'
import type { State } from '@tacit/runtime'

/** Values of storage keys at a block; every key that was asked for is in the map. */
export type ProvenValues = ReadonlyMap<string, Uint8Array | undefined>

/** Fetches values of keys at a block and proves them against its state root. */
export type ProveKeys = (keys: readonly Uint8Array[]) => Promise<Result<ProvenValues, Coded>>

export type ProvenReadError =
  /** The host gave no proof, or one that does not fit; `reason` is the code of that. */
  | { readonly code: 'proof_refused'; readonly reason: string }
  /** The rules went on asking for more; a bug or a hostile state. */
  | { readonly code: 'proof_endless' }

/** Rounds of further keys that one read may need: each may depend on what the last one found. */
const MAX_ROUNDS = 32
const MAX_KEYS = 256

/**
 * Runs a reading function of the chain's rules on proven values alone. Keys that it asks for and
 * that are not proven yet are fetched, and it runs again: so enclave and chain read state with the
 * same code.
 */
export async function readProven<T>(
  hashes: Hashes,
  prove: ProveKeys,
  read: (state: State) => T,
): Promise<Result<T, ProvenReadError>> {
  const known = new Map<string, Uint8Array | undefined>()
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const missing = new Map<string, Uint8Array>()
    const attempt = runOn(read, createState(hashes, known, missing))
    if (missing.size === 0) return attempt()
    if (known.size + missing.size > MAX_KEYS) return err({ code: 'proof_endless' })
    const proven = await prove([...missing.values()])
    if (!proven.ok) return err({ code: 'proof_refused', reason: proven.error.code })
    for (const key of missing.keys()) {
      if (!proven.value.has(key)) return err({ code: 'proof_refused', reason: 'key_not_proven' })
      known.set(key, proven.value.get(key))
    }
  }
  return err({ code: 'proof_endless' })
}

/** A run that met an unproven key has no meaning: neither what it gave nor what it threw. */
function runOn<T>(read: (state: State) => T, state: State): () => Result<T, never> {
  try {
    const value = read(state)
    return () => ok(value)
  } catch (fault) {
    return () => {
      throw fault
    }
  }
}

function createState(hashes: Hashes, known: ProvenValues, missing: Map<string, Uint8Array>): State {
  const get = (key: Uint8Array): Uint8Array | undefined => {
    const name = toHex(key)
    if (!known.has(name)) missing.set(name, key)
    return known.get(name)
  }
  // A proof shows single keys, never that a listing is complete.
  const refuse = (): never => {
    throw new InvariantError('a proven state was written to, or listed')
  }
  return {
    hashes,
    get,
    load: (key, form) => {
      const bytes = get(key)
      return bytes && form.decode(bytes)
    },
    set: refuse,
    store: refuse,
    delete: refuse,
    keysWithPrefix: refuse,
  }
}
