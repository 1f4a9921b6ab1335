/** Lets callers wait until a height is reached. */
export interface HeightGate {
  readonly height: number
  reach(height: number): void
  /** @returns whether the height was reached within the time; at most 1,024 wait at once. */
  waitFor(height: number, timeoutMs: number): Promise<boolean>
}

const MAX_WAITING = 1_024

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
      if (waiting.size >= MAX_WAITING) return Promise.resolve(false)
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
