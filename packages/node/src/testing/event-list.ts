/** What a subscription told, and waiting for it. */
export interface EventList<T> {
  readonly all: readonly T[]
  add(this: void, event: unknown): void
  /** The first event that fits, already told or still to come. */
  find(fits: (event: T) => boolean): Promise<T>
}

export function createEventList<T>(): EventList<T> {
  const all: T[] = []
  let wake = Promise.withResolvers<void>()
  return {
    all,
    add: (event) => {
      all.push(event as T)
      wake.resolve()
      wake = Promise.withResolvers()
    },
    find: async (fits) => {
      for (;;) {
        const found = all.find(fits)
        if (found !== undefined) return found
        await wake.promise
      }
    },
  }
}
