import { keyToString } from './key-value.ts'

/** Up to where prefixes hold nothing any more: what is removed there is passed over once only. */
export interface GoneKeys {
  /** A key up to which, itself included, nothing stands below the prefix. */
  until(prefix: string): Uint8Array | undefined
  put(prefix: string, until: Uint8Array): void
  /** Something stands at a key, perhaps again. */
  revive(name: string): void
  clear(): void
}

export function createGoneKeys(): GoneKeys {
  const ends = new Map<string, { readonly key: Uint8Array; readonly name: string }>()
  /** Lengths of those prefixes: few, so that a key finds its own. */
  const lengths = new Set<number>()
  return {
    until: (prefix) => ends.get(prefix)?.key,
    put: (prefix, key) => {
      ends.set(prefix, { key, name: keyToString(key) })
      lengths.add(prefix.length)
    },
    revive: (name) => {
      if (ends.size === 0) return
      for (const length of lengths) {
        const prefix = name.slice(0, length)
        const end = ends.get(prefix)
        if (end && name <= end.name) ends.delete(prefix)
      }
    },
    clear: () => ends.clear(),
  }
}
