import { u128, u32, u64 } from '@tacit/base'
import { constant, definePallet, type Pallet } from '../../framework/pallet.ts'
import { weigh } from '../../framework/weights.ts'
import { DEPOSIT_PER_BYTE, DEPOSIT_PER_ITEM } from '../deposit.ts'
import { forgetEvidence, workersCalls } from './calls.ts'
import {
  MAX_EVIDENCE_AGE_MS,
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
    DepositPerItem: constant(u128, DEPOSIT_PER_ITEM, 'Planck held for each stored item.'),
    DepositPerByte: constant(u128, DEPOSIT_PER_BYTE, 'Planck held for each stored byte.'),
  },
  hooks: {
    onInitialize: (ctx) => {
      const forgotten = forgetEvidence(ctx)
      return weigh({ reads: 1 + forgotten, writes: forgotten })
    },
  },
})
