import { encode } from '@tacit/base'
import { dcapCollateralCodec, snpIssuerCollateralCodec } from '@tacit/attestation'
import { defineCalls, type Calls } from '../../framework/calls.ts'
import { weigh, type Weight } from '../../framework/weights.ts'
import {
  submitAmdCollateral,
  submitAmdCollateralArgs,
  type SubmitAmdCollateralArgs,
} from './amd-collateral.ts'
import { submitCollateral, submitCollateralArgs, type SubmitCollateralArgs } from './collateral.ts'
import {
  allowMeasurement,
  disallowMeasurement,
  measurementArgs,
  minimumEvaluationArgs,
  revokePlatform,
  revokePlatformArgs,
  setMinimumEvaluation,
  unrevokePlatform,
  unrevokePlatformArgs,
  type MeasurementArgs,
  type MinimumEvaluationArgs,
  type RevokePlatformArgs,
  type UnrevokePlatformArgs,
} from './governance.ts'
import { submitRim, submitRimArgs, type SubmitRimArgs } from './rims.ts'
import { setPolicy, setPolicyArgs, type SetPolicyArgs } from './policy.ts'
import {
  addRoot,
  addRootArgs,
  removeRoot,
  removeRootArgs,
  type AddRootArgs,
  type RemoveRootArgs,
} from './roots.ts'
import { MAX_COLLATERAL_BYTES, MAX_RIMS_PER_SUBJECT, MAX_ROOTS } from './types.ts'

export type AttestationCalls = {
  readonly submit_collateral: SubmitCollateralArgs
  readonly add_root: AddRootArgs
  readonly remove_root: RemoveRootArgs
  readonly allow_measurement: MeasurementArgs
  readonly disallow_measurement: MeasurementArgs
  readonly revoke_platform: RevokePlatformArgs
  readonly unrevoke_platform: UnrevokePlatformArgs
  readonly set_minimum_evaluation: MinimumEvaluationArgs
  readonly submit_amd_collateral: SubmitAmdCollateralArgs
  readonly set_policy: SetPolicyArgs
  readonly submit_rim: SubmitRimArgs
}

const ONE_ENTRY: Weight = weigh({ reads: 2, writes: 2 })

export const attestationCalls: Calls<AttestationCalls> = defineCalls<AttestationCalls>({
  submit_collateral: {
    index: 0,
    args: submitCollateralArgs,
    docs: [
      'Store what Intel publishes about a family of platforms.',
      '',
      "Verified against the pinned roots at this block's time; evaluation numbers, CRL numbers and",
      'issue dates never fall. A deposit is held of the caller until newer collateral replaces it.',
      'A list in it that revokes a certificate of the stored set takes that set away.',
    ],
    weight: ({ collateral }) =>
      weigh({
        reads: 8 + MAX_ROOTS,
        writes: 6,
        bytes: 8 * (encode(dcapCollateralCodec, collateral).length + MAX_COLLATERAL_BYTES),
        certificates: 2 * 10,
        crypto: { p256: 2 * 7 },
      }),
    dispatch: submitCollateral,
  },
  add_root: {
    index: 1,
    args: addRootArgs,
    docs: ["Trust one more root; by governance. A production chain takes the vendors' own alone."],
    weight: ({ certificate }) =>
      weigh({ reads: 3 + MAX_ROOTS, writes: 2, bytes: 4 * certificate.length }),
    dispatch: addRoot,
  },
  remove_root: {
    index: 2,
    args: removeRootArgs,
    docs: ['Trust a root no more; by governance. What rests on it stops at once.'],
    weight: () => ONE_ENTRY,
    dispatch: removeRoot,
  },
  allow_measurement: {
    index: 3,
    args: measurementArgs,
    docs: ['Let a program serve in a role; by governance.'],
    weight: () => ONE_ENTRY,
    dispatch: allowMeasurement,
  },
  disallow_measurement: {
    index: 4,
    args: measurementArgs,
    docs: ['Let a program serve in a role no more; by governance. Its instances stop at once.'],
    weight: () => ONE_ENTRY,
    dispatch: disallowMeasurement,
  },
  revoke_platform: {
    index: 5,
    args: revokePlatformArgs,
    docs: ['Let nothing serve on a processor or with a GPU, at once; by governance.'],
    weight: () => ONE_ENTRY,
    dispatch: revokePlatform,
  },
  unrevoke_platform: {
    index: 6,
    args: unrevokePlatformArgs,
    docs: ['Take the revocation of a platform back; by governance.'],
    weight: () => ONE_ENTRY,
    dispatch: unrevokePlatform,
  },
  set_minimum_evaluation: {
    index: 7,
    args: minimumEvaluationArgs,
    docs: ["Demand an evaluation number of Intel's collateral; by governance."],
    weight: () => ONE_ENTRY,
    dispatch: setMinimumEvaluation,
  },
  submit_amd_collateral: {
    index: 8,
    args: submitAmdCollateralArgs,
    docs: [
      "Store AMD's intermediate for a family of processors, with the root's revocation list.",
      '',
      "Verified against the pinned roots at this block's time; the list's number and date never",
      'fall. A deposit is held of the caller until newer collateral replaces it. A list that',
      'revokes the stored intermediate takes the set away.',
    ],
    weight: ({ collateral }) =>
      weigh({
        reads: 8 + MAX_ROOTS,
        writes: 6,
        bytes: 8 * (encode(snpIssuerCollateralCodec, collateral).length + MAX_COLLATERAL_BYTES),
        certificates: 2 * 4,
        crypto: { rsa: 2 * 2 },
      }),
    dispatch: submitAmdCollateral,
  },
  set_policy: {
    index: 9,
    args: setPolicyArgs,
    docs: [
      'Judge evidence by this policy from now on; by governance.',
      '',
      'JSON as @tacit/attestation reads policies; it may not let a debugger in. Instances that were',
      'admitted by another policy get no keys until they renew, and leave service half a day later.',
    ],
    weight: ({ document }) => weigh({ reads: 2, writes: 2, bytes: 8 * document.length }),
    dispatch: setPolicy,
  },
  submit_rim: {
    index: 10,
    args: submitRimArgs,
    docs: [
      "Store what one of NVIDIA's reference integrity manifests says.",
      '',
      "Verified against the pinned roots at this block's time. The state keeps the golden values and",
      'the hash of the document. A deposit is held of the caller while they are kept.',
    ],
    weight: ({ document }) =>
      weigh({
        reads: 8 + MAX_ROOTS + MAX_RIMS_PER_SUBJECT,
        writes: 5,
        bytes: 64 * document.length,
        certificates: 5,
        crypto: { p384: 4 },
      }),
    dispatch: submitRim,
  },
})
