/** Planck held for each stored item and for each of its bytes, while they are stored. */
export const DEPOSIT_PER_ITEM = 1_000_000_000n
export const DEPOSIT_PER_BYTE = 10_000_000n

/** Planck to hold for items of that many bytes together. */
export function depositFor(items: number, bytes: number): bigint {
  return BigInt(items) * DEPOSIT_PER_ITEM + BigInt(bytes) * DEPOSIT_PER_BYTE
}
