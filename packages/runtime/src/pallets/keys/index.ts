import { u8 } from '@tacit/base'
import { constant, definePallet, type Pallet } from '../../framework/pallet.ts'
import { keysCalls } from './calls.ts'
import { validateKeys } from './pool.ts'
import { GROUP_SIZE, KEYS_INDEX, keysErrors, keysEvents, keysStorage } from './types.ts'

/** Who may hold the keys of contracts: committee, epochs, grants and inbox keys. */
export const keysPallet: Pallet = definePallet({
  name: 'Keys',
  index: KEYS_INDEX,
  docs: ['Who may hold the keys of contracts: committee, epochs, grants and inbox keys.'],
  storage: keysStorage,
  calls: keysCalls,
  events: keysEvents,
  errors: keysErrors,
  constants: {
    GroupSize: constant(u8, GROUP_SIZE, 'Members that a committee has for now.'),
  },
  validateUnsigned: validateKeys,
})
