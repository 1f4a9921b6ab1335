import { u128, u32 } from '@tacit/base'
import type { RuntimeCalls } from '../../framework/nested-calls.ts'
import { constant, definePallet, type Pallet } from '../../framework/pallet.ts'
import { multisigCalls } from './calls.ts'
import {
  DEPOSIT_BASE,
  DEPOSIT_FACTOR,
  MAX_SIGNATORIES,
  multisigErrors,
  multisigEvents,
  multisigStorage,
  MULTISIG_INDEX,
} from './types.ts'

/**
 * pallet_multisig of polkadot-sdk (stable2509: with poke_deposit): names, indices, storage,
 * accounts and encodings are its own. Deposits are holds.
 */
export function multisigPallet(calls: RuntimeCalls): Pallet {
  return definePallet({
    name: 'Multisig',
    index: MULTISIG_INDEX,
    docs: ['Calls from accounts that belong to several.'],
    storage: multisigStorage,
    calls: multisigCalls(calls),
    events: multisigEvents,
    errors: multisigErrors,
    constants: {
      DepositBase: constant(u128, DEPOSIT_BASE, 'Planck held for an operation.'),
      DepositFactor: constant(u128, DEPOSIT_FACTOR, 'Planck held for each approval it needs.'),
      MaxSignatories: constant(u32, MAX_SIGNATORIES, 'Signatories of one account.'),
    },
  })
}
