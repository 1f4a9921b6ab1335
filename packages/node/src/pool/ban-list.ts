/** Names that stay out for a number of blocks; the oldest go first when there are too many. */
export interface BanList {
  add(name: string, height: number): void
  has(name: string, height: number): boolean
}

export function createBanList(maxEntries: number, blocks: number): BanList {
  const until = new Map<string, number>()
  return {
    add: (name, height) => {
      const oldest = until.size >= maxEntries ? until.keys().next().value : undefined
      if (oldest !== undefined) until.delete(oldest)
      until.set(name, height + blocks)
    },
    has: (name, height) => {
      const end = until.get(name)
      if (end === undefined || end > height) return end !== undefined
      until.delete(name)
      return false
    },
  }
}
