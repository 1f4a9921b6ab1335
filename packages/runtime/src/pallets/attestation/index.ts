import { encode, u32 } from '@tacit/base'
import { dcapCollateralCodec } from '@tacit/attestation'
import { defineCalls, type Calls } from '../../framework/calls.ts'
import { constant, definePallet, type Pallet } from '../../framework/pallet.ts'
import { weigh } from '../../framework/weights.ts'
import { submitCollateral, submitCollateralArgs, type SubmitCollateralArgs } from './collateral.ts'
import { pinRoots } from './roots.ts'
import {
  ATTESTATION_INDEX,
  attestationErrors,
  attestationEvents,
  attestationStorage,
  MAX_COLLATERAL_BYTES,
  MAX_ROOTS,
} from './types.ts'

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

/** What makes a machine genuine: pinned roots, collateral, and the programs that may serve. */
export const attestationPallet: Pallet = definePallet({
  name: 'Attestation',
  index: ATTESTATION_INDEX,
  docs: ['What makes a machine genuine: pinned roots, collateral, allowed programs.'],
  storage: attestationStorage,
  calls: attestationCalls,
  events: attestationEvents,
  errors: attestationErrors,
  constants: {
    MaxCollateralBytes: constant(u32, MAX_COLLATERAL_BYTES, 'Bytes of a set of collateral.'),
    MaxRoots: constant(u32, MAX_ROOTS, 'Pinned roots.'),
  },
  genesis: ({ state }, { chainClass, attestation }) => {
    pinRoots(state, chainClass, attestation?.roots ?? [])
    for (const allowed of attestation?.measurements ?? []) {
      attestationStorage.Measurements.set(state, allowed, true)
    }
  },
})
