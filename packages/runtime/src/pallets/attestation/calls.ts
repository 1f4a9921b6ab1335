import { encode } from '@tacit/base'
import { dcapCollateralCodec } from '@tacit/attestation'
import { defineCalls, type Calls } from '../../framework/calls.ts'
import { weigh } from '../../framework/weights.ts'
import { submitCollateral, submitCollateralArgs, type SubmitCollateralArgs } from './collateral.ts'
import { MAX_ROOTS } from './types.ts'

export const attestationCalls: Calls<{ submit_collateral: SubmitCollateralArgs }> = defineCalls<{
  submit_collateral: SubmitCollateralArgs
}>({
  submit_collateral: {
    index: 0,
    args: submitCollateralArgs,
    docs: [
      'Store what a vendor publishes about a family of platforms.',
      '',
      "Verified against the pinned roots at this block's time; evaluation numbers, CRL numbers and",
      'issue dates never fall. A deposit is held of the caller until newer collateral replaces it.',
    ],
    weight: ({ collateral }) =>
      weigh({
        reads: 8 + MAX_ROOTS,
        writes: 6,
        bytes: 8 * encode(dcapCollateralCodec, collateral).length,
        crypto: { p256: 7 },
      }),
    dispatch: submitCollateral,
  },
})
