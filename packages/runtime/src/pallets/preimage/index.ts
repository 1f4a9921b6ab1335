import { u32 } from '@tacit/base'
import { constant, definePallet, type Pallet } from '../../framework/pallet.ts'
import { preimageCalls } from './calls.ts'
import {
  MAX_PREIMAGE_BYTES,
  PREIMAGE_INDEX,
  preimageErrors,
  preimageEvents,
  preimageStorage,
} from './types.ts'

/**
 * pallet_preimage of polkadot-sdk (storage version 1, stable2409 to stable2509): names, indices
 * and encodings are its own. Here a preimage has 1 MiB at most, its deposit is by bytes, and one
 * that the chain asks for is taken for nothing only while it is not there.
 */
export const preimagePallet: Pallet = definePallet({
  name: 'Preimage',
  index: PREIMAGE_INDEX,
  docs: ['Long values by their hashes, under a deposit or because the chain asks for them.'],
  storageVersion: 1,
  storage: preimageStorage,
  calls: preimageCalls,
  events: preimageEvents,
  errors: preimageErrors,
  constants: {
    MaxSize: constant(u32, MAX_PREIMAGE_BYTES, 'Bytes of one preimage.'),
  },
})
