import { CACHE_LIMITS, type Cache, type CacheEntry, type CacheLimits } from './cache.ts'

/** A cache in memory; the entry that was set longest ago goes first. */
export function createMemoryCache(limits: CacheLimits = CACHE_LIMITS): Cache {
  const entries = new Map<string, CacheEntry>()
  let bytes = 0
  const drop = (key: string): void => {
    bytes -= entries.get(key)?.bytes.length ?? 0
    entries.delete(key)
  }
  return {
    get: (key) => Promise.resolve(entries.get(key)),
    set: (key, entry) => {
      drop(key)
      if (entry.bytes.length > limits.maxBytes) return Promise.resolve()
      entries.set(key, entry)
      bytes += entry.bytes.length
      for (const oldest of entries.keys()) {
        if (entries.size <= limits.maxEntries && bytes <= limits.maxBytes) break
        drop(oldest)
      }
      return Promise.resolve()
    },
  }
}
