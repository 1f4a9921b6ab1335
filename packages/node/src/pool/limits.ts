/** How much may wait. */
export type QueueLimits = {
  readonly transactions: number
  readonly bytes: number
  /** Of one signer; of all unsigned extrinsics together. */
  readonly perSender: number
}

export type PoolLimits = {
  readonly ready: QueueLimits
  /** Of those that wait for others; they never take the place of ready ones. */
  readonly future: QueueLimits
  /** Blocks behind which an extrinsic goes, whatever its own era. */
  readonly stayBlocks: number
}

export const POOL_LIMITS: PoolLimits = {
  ready: { transactions: 16_384, bytes: 64 * 1024 * 1024, perSender: 2_048 },
  future: { transactions: 4_096, bytes: 16 * 1024 * 1024, perSender: 512 },
  stayBlocks: 4_096,
}
