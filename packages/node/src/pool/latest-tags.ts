/** Which tags the latest blocks brought into the chain. */
export interface LatestTags {
  /** A block brings a tag. Blocks come in order. */
  add(tag: string, block: number): void
  /** A block brings tags that nobody here knows. */
  lose(block: number): void
  /** Whether all tags are known that came behind a block. */
  knowsBehind(block: number): boolean
  /** Whether a tag came behind a block, of those that are known. */
  cameBehind(tag: string, block: number): boolean
}

/** @param maxTags the oldest are forgotten. */
export function createLatestTags(maxTags: number): LatestTags {
  const blocks = new Map<string, number>()
  /** The newest block of which something is not known. */
  let lost = -1
  return {
    add: (tag, block) => {
      blocks.set(tag, block)
      if (blocks.size <= maxTags) return
      for (const [oldest, at] of blocks) {
        blocks.delete(oldest)
        lost = Math.max(lost, at)
        break
      }
    },
    lose: (block) => {
      lost = Math.max(lost, block)
    },
    knowsBehind: (block) => block >= lost,
    cameBehind: (tag, block) => (blocks.get(tag) ?? -1) > block,
  }
}
