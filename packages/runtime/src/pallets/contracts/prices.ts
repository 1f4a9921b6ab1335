/** Planck for each unit of gas. */
export const GAS_PRICE = 10_000n
/** Planck for a command's part in a commit and for its record while it waits. */
export const COMMIT_FEE = 1_000_000_000n

/** Ten-thousandths of a command's fee that go to the worker's operator and that are burned. */
export const WORKER_SHARE = 8_000n
export const BURN_SHARE = 1_000n
const WHOLE = 10_000n

/** A fee in its parts, in planck; the treasury gets its share and what rounding leaves. */
export type FeeSplit = {
  readonly worker: bigint
  readonly burned: bigint
  readonly treasury: bigint
}

/** Planck for a command that used so much gas. */
export function commandFee(gasUsed: bigint): bigint {
  return gasUsed * GAS_PRICE + COMMIT_FEE
}

export function splitFee(fee: bigint): FeeSplit {
  const worker = (fee * WORKER_SHARE) / WHOLE
  const burned = (fee * BURN_SHARE) / WHOLE
  return { worker, burned, treasury: fee - worker - burned }
}
