/** Something that holds bytes and can be made to let go of them. */
export type Holder = { readonly cut: () => void }

/**
 * Bytes that many share: unfinished requests, or answers that nobody fetches. When all together
 * hold too much, whoever holds most is cut.
 */
export interface ByteBudget {
  readonly total: number
  /** Says how much a holder has now; 0 forgets it. */
  set(holder: Holder, bytes: number): void
}

export function createByteBudget(limit: number): ByteBudget {
  const held = new Map<Holder, number>()
  let total = 0

  function set(holder: Holder, bytes: number): void {
    total += bytes - (held.get(holder) ?? 0)
    if (bytes > 0) held.set(holder, bytes)
    else held.delete(holder)
  }

  /** Who has to let go, as long as all together hold too much. */
  function largest(): Holder | undefined {
    if (total <= limit) return undefined
    let found: Holder | undefined
    let most = 0
    for (const [holder, bytes] of held) {
      if (bytes <= most) continue
      found = holder
      most = bytes
    }
    return found
  }

  return {
    get total() {
      return total
    },
    set: (holder, bytes) => {
      set(holder, bytes)
      for (let next = largest(); next; next = largest()) {
        set(next, 0)
        next.cut()
      }
    },
  }
}
