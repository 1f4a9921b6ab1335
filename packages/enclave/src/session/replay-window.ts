/** Remembers which counters of a session were used, so that a frame counts once. */
export interface ReplayWindow {
  /** Whether the counter is new and not too far behind the highest one. */
  isFresh(counter: bigint): boolean
  mark(counter: bigint): void
}

/** Frames that may overtake each other. */
const WIDTH = 64n

/** Sliding window of 64 counters, as in RFC 4303, section 3.4.3. */
export function createReplayWindow(): ReplayWindow {
  let next = 0n
  /** Bit i: counter next - 1 - i was used. */
  let used = 0n
  return {
    isFresh(counter) {
      if (counter >= next) return true
      const age = next - 1n - counter
      return age < WIDTH && ((used >> age) & 1n) === 0n
    },
    mark(counter) {
      if (counter >= next) {
        const shift = counter + 1n - next
        used = shift >= WIDTH ? 1n : BigInt.asUintN(Number(WIDTH), (used << shift) | 1n)
        next = counter + 1n
        return
      }
      used |= 1n << (next - 1n - counter)
    },
  }
}
