import { compactU64, err, ok, struct, u64 } from '@tacit/base'
import { defineCalls, type Calls } from '../../framework/calls.ts'
import { ensureNone } from '../../framework/origin.ts'
import { constant, definePallet, type Pallet } from '../../framework/pallet.ts'
import { weigh } from '../../framework/weights.ts'
import { MAX_TIME_MS, MINIMUM_PERIOD_MS, timestampErrors, timestampStorage } from './types.ts'

export const timestampCalls: Calls<{ set: { readonly now: bigint } }> = defineCalls({
  set: {
    index: 0,
    args: struct({ now: compactU64 }),
    docs: ['Inherent: sets the chain clock, in Unix milliseconds. The engine bounds its drift.'],
    class: 'Mandatory',
    weight: () => weigh({ reads: 1, writes: 1 }),
    dispatch({ state, origin }, { now }) {
      const allowed = ensureNone(origin)
      if (!allowed.ok) return allowed
      if (now < timestampStorage.Now.get(state) + MINIMUM_PERIOD_MS)
        return err(timestampErrors.NotLater)
      if (now > MAX_TIME_MS) return err(timestampErrors.TooLate)
      timestampStorage.Now.set(state, now)
      return ok()
    },
  },
})

export const timestampPallet: Pallet = definePallet({
  name: 'Timestamp',
  index: 1,
  docs: ['The chain clock.'],
  storage: timestampStorage,
  calls: timestampCalls,
  errors: timestampErrors,
  constants: {
    MinimumPeriod: constant(u64, MINIMUM_PERIOD_MS, 'Least milliseconds between two blocks.'),
  },
  genesis: ({ state }, spec) => timestampStorage.Now.set(state, spec.timeMs),
})
