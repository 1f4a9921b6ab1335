import { createHash } from 'node:crypto'
import type { Random } from '../keys.ts'

/** Bytes of one value, for tests. */
export function filled<T extends Uint8Array>(byte: number, length = 32): T {
  return new Uint8Array(length).fill(byte) as T
}

/** Random bytes of a seed: the same in each run. */
export function seededRandom(seed: string): Random {
  let count = 0
  return (length) => {
    const out = new Uint8Array(length)
    for (let at = 0; at < length; at += 32) {
      const block = createHash('sha256').update(`${seed}/${count++}`).digest()
      out.set(block.subarray(0, length - at), at)
    }
    return out
  }
}
