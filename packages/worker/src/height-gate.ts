/** Lets callers wait until a height is reached. */
export interface HeightGate {
  readonly height: number
  reach(height: number): void
  /** @returns whether the height was reached within the time; at most 64 wait at once, and
   *   none for a height more than 256 ahead. */
  waitFor(height: number, timeoutMs: number): Promise<boolean>
}

/** Few enough that waiting requests leave the front room for others. */
const MAX_WAITING = 64
/** Heights that this far ahead do not exist yet, whatever a client says. */
const MAX_AHEAD = 256

export function createHeightGate(): HeightGate {
  let height = -1
  const waiting = new Set<{ readonly height: number; done(reached: boolean): void }>()
  return {
    get height() {
      return height
    },
    reach(reached) {
      height = Math.max(height, reached)
      for (const one of waiting) if (one.height <= height) one.done(true)
    },
    waitFor(wanted, timeoutMs) {
      if (wanted <= height) return Promise.resolve(true)
      if (waiting.size >= MAX_WAITING || wanted > height + MAX_AHEAD) return Promise.resolve(false)
      return new Promise((resolve) => {
        const one = {
          height: wanted,
          done(reached: boolean): void {
            clearTimeout(timer)
            waiting.delete(one)
            resolve(reached)
          },
        }
        const timer = setTimeout(() => one.done(false), timeoutMs)
        waiting.add(one)
      })
    },
  }
}
