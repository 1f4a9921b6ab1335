import { bytesToHex, InvariantError, u128, u32 } from '@tacit/base'
import type { GenesisSpec } from '../../framework/genesis-spec.ts'
import { constant, definePallet, type Pallet } from '../../framework/pallet.ts'
import type { State } from '../../framework/state.ts'
import { EMPTY_ACCOUNT, EMPTY_DATA } from '../system/account.ts'
import { systemStorage } from '../system/types.ts'
import { balancesCalls } from './calls.ts'
import {
  balancesErrors,
  balancesEvents,
  balancesStorage,
  EXISTENTIAL_DEPOSIT,
  MAX_FREEZES,
  MAX_HOLDS,
  MAX_LOCKS,
  MAX_RESERVES,
} from './types.ts'

function startWith(state: State, { balances }: GenesisSpec): void {
  let issuance = 0n
  const seen = new Set(balances.map(({ who }) => bytesToHex(who)))
  if (seen.size !== balances.length) throw new InvariantError('genesis: an account twice')
  for (const { who, free } of balances) {
    if (free < EXISTENTIAL_DEPOSIT) throw new InvariantError('genesis: balance below the minimum')
    issuance += free
    const account = { ...EMPTY_ACCOUNT, providers: 1, data: { ...EMPTY_DATA, free } }
    systemStorage.Account.set(state, who, account)
  }
  balancesStorage.TotalIssuance.set(state, issuance)
  balancesStorage.GenesisIssuance.set(state, issuance)
}

export const balancesPallet: Pallet = definePallet({
  name: 'Balances',
  index: 10,
  docs: ['PHA: accounts, transfers, holds, freezes, locks, issuance.'],
  storageVersion: 1,
  storage: balancesStorage,
  calls: balancesCalls,
  events: balancesEvents,
  errors: balancesErrors,
  constants: {
    ExistentialDeposit: constant(u128, EXISTENTIAL_DEPOSIT, 'Least balance of an account.'),
    MaxLocks: constant(u32, MAX_LOCKS, 'Locks that one account can have.'),
    MaxReserves: constant(u32, MAX_RESERVES, 'Named reserves: there are none, see Holds.'),
    MaxHolds: constant(u32, MAX_HOLDS, 'Holds that one account can have.'),
    MaxFreezes: constant(u32, MAX_FREEZES, 'Freezes that one account can have.'),
  },
  genesis: ({ state }, spec) => startWith(state, spec),
})
