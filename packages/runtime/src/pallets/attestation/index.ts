import { u32 } from '@tacit/base'
import { constant, definePallet, type Pallet } from '../../framework/pallet.ts'
import { attestationCalls } from './calls.ts'
import { startWithPolicy } from './policy.ts'
import { pinRoots } from './roots.ts'
import {
  ATTESTATION_INDEX,
  attestationErrors,
  attestationEvents,
  attestationStorage,
  MAX_COLLATERAL_AGE_S,
  MAX_COLLATERAL_BYTES,
  MAX_RIM_BYTES,
  MAX_RIMS_PER_SUBJECT,
  MAX_ROOT_CRL_AGE_S,
  MAX_ROOTS,
} from './types.ts'

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
    MaxCollateralAge: constant(u32, MAX_COLLATERAL_AGE_S, 'Seconds that TCB info counts.'),
    MaxRootCrlAge: constant(u32, MAX_ROOT_CRL_AGE_S, 'Seconds that a list by a root counts.'),
    MaxRimBytes: constant(u32, MAX_RIM_BYTES, "Bytes of one of NVIDIA's manifests."),
    MaxRimsPerSubject: constant(u32, MAX_RIMS_PER_SUBJECT, 'Manifests of one version.'),
    MaxRoots: constant(u32, MAX_ROOTS, 'Pinned roots.'),
  },
  genesis: ({ state }, { chainClass, attestation }) => {
    pinRoots(state, chainClass, attestation?.roots ?? [])
    if (attestation?.policy) startWithPolicy(state, attestation.policy)
    for (const allowed of attestation?.measurements ?? []) {
      attestationStorage.Measurements.set(state, allowed, true)
    }
  },
})
