import { u128, u32, u64 } from '@tacit/base'
import { constant, definePallet, type Pallet } from '../../framework/pallet.ts'
import { addWeights, weigh } from '../../framework/weights.ts'
import { DEPOSIT_PER_BYTE, DEPOSIT_PER_ITEM } from '../deposit.ts'
import { forgetEvidence, workersCalls } from './calls.ts'
import { makeRound } from './rounds.ts'
import {
  GRACE_MS,
  INSTANCES_PER_ROUND,
  MAX_EVIDENCE_AGE_MS,
  MAX_INSTANCES_PER_PLATFORM,
  MAX_RECENT_AGE,
  WORKERS_INDEX,
  workersErrors,
  workersEvents,
  workersStorage,
} from './types.ts'

/** Enclaves that serve: who runs them, under which keys, and on what evidence. */
export const workersPallet: Pallet = definePallet({
  name: 'Workers',
  index: WORKERS_INDEX,
  docs: ['Enclaves that serve: who runs them, under which keys, and on what evidence.'],
  storage: workersStorage,
  calls: workersCalls,
  events: workersEvents,
  errors: workersErrors,
  constants: {
    MaxRecentAge: constant(u32, MAX_RECENT_AGE, 'Blocks by which evidence may be older.'),
    MaxEvidenceAgeMs: constant(
      u64,
      MAX_EVIDENCE_AGE_MS,
      'Milliseconds for which evidence is good.',
    ),
    GraceMs: constant(u64, GRACE_MS, 'Milliseconds of paid work without keys.'),
    MaxInstancesPerPlatform: constant(
      u32,
      MAX_INSTANCES_PER_PLATFORM,
      'Instances on one physical processor.',
    ),
    InstancesPerRound: constant(u32, INSTANCES_PER_ROUND, 'Instances looked at in each block.'),
    DepositPerItem: constant(u128, DEPOSIT_PER_ITEM, 'Planck held for each stored item.'),
    DepositPerByte: constant(u128, DEPOSIT_PER_BYTE, 'Planck held for each stored byte.'),
  },
  hooks: {
    onInitialize: (ctx) => {
      const forgotten = forgetEvidence(ctx)
      return addWeights(weigh({ reads: 1 + forgotten, writes: forgotten }), makeRound(ctx))
    },
  },
})
