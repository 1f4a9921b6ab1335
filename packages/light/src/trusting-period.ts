import { err, ok, type Result } from '@tacit/base'

/** Seconds by which the chain's clock may run before the reader's. */
const MAX_AHEAD_S = 120

/** Why a justified head says nothing about the present. */
export type TrustError =
  /** Its authorities may have left and taken their stake along: begin at a newer checkpoint. */
  | { readonly code: 'trusting_period_over'; readonly ageS: number; readonly periodS: number }
  /** It claims to be of the future: the reader's clock or the authorities are wrong. */
  | { readonly code: 'chain_time_ahead'; readonly aheadS: number }

/**
 * Decides whether authorities can still be held to what they justified. Asked of the head that a
 * client stands on before it follows newer ones, and at a checkpoint before it starts from it.
 * Source: Tendermint light client, trusting period (CometBFT spec, light-client/verification).
 * @param chainTimeMs the chain's clock in the head's state (Timestamp.Now), proved; Unix ms.
 * @param now Unix seconds; no clock is read.
 * @param periodS seconds, shorter than the unbonding period of the chain.
 */
export function checkTrustingPeriod(
  chainTimeMs: bigint,
  now: number,
  periodS: number,
): Result<void, TrustError> {
  const ageS = now - Number(chainTimeMs / 1_000n)
  if (ageS > periodS) return err({ code: 'trusting_period_over', ageS, periodS })
  if (ageS < -MAX_AHEAD_S) return err({ code: 'chain_time_ahead', aheadS: -ageS })
  return ok()
}
