/** A map that forgets its oldest entry beyond a number of entries. */
export interface BoundedMap<T> {
  get(key: string): T | undefined
  set(key: string, value: T): void
  /** Gives the value and forgets it. */
  take(key: string): T | undefined
}

export function createBoundedMap<T>(max: number): BoundedMap<T> {
  const entries = new Map<string, T>()
  return {
    get: (key) => entries.get(key),
    set(key, value) {
      entries.set(key, value)
      const [oldest] = entries.keys()
      if (entries.size > max && oldest !== undefined) entries.delete(oldest)
    },
    take(key) {
      const value = entries.get(key)
      entries.delete(key)
      return value
    },
  }
}
