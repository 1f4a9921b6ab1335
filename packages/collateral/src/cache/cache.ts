/** What a service published, with the time at which it was fetched. */
export interface CacheEntry {
  /** Unix seconds. */
  readonly fetchedAt: number
  readonly bytes: Uint8Array
}

/**
 * Keeps published bytes under a name. It is neither trusted nor relied on: what comes out is
 * verified again, and what cannot be kept is fetched again. Nothing secret goes in.
 */
export interface Cache {
  get(key: string): Promise<CacheEntry | undefined>
  set(key: string, entry: CacheEntry): Promise<void>
}

export interface CacheLimits {
  readonly maxEntries: number
  /** Of all entries together; what is larger alone is not kept. */
  readonly maxBytes: number
}

export const CACHE_LIMITS: CacheLimits = { maxEntries: 1_024, maxBytes: 64 * 1024 * 1024 }
