import { u128, u32 } from '@tacit/base'
import type { RuntimeCalls } from '../../framework/nested-calls.ts'
import { constant, definePallet, type Pallet } from '../../framework/pallet.ts'
import { proxyCalls } from './calls.ts'
import {
  ANNOUNCEMENT_DEPOSIT_BASE,
  ANNOUNCEMENT_DEPOSIT_FACTOR,
  MAX_PENDING,
  MAX_PROXIES,
  PROXY_DEPOSIT_BASE,
  PROXY_DEPOSIT_FACTOR,
  PROXY_INDEX,
  proxyErrors,
  proxyEvents,
  proxyStorage,
} from './types.ts'

/**
 * pallet_proxy of polkadot-sdk (stable2509: with PureKilled and poke_deposit): names, indices,
 * storage, accounts and encodings are its own, PureDeposits is ours. Deposits are holds.
 */
export function proxyPallet(calls: RuntimeCalls): Pallet {
  return definePallet({
    name: 'Proxy',
    index: PROXY_INDEX,
    docs: ['Calls for accounts that others let.'],
    storage: proxyStorage,
    calls: proxyCalls(calls),
    events: proxyEvents,
    errors: proxyErrors,
    constants: {
      ProxyDepositBase: constant(u128, PROXY_DEPOSIT_BASE, 'Planck held for having proxies.'),
      ProxyDepositFactor: constant(u128, PROXY_DEPOSIT_FACTOR, 'Planck held for each proxy.'),
      MaxProxies: constant(u32, MAX_PROXIES, 'Proxies of one account.'),
      MaxPending: constant(u32, MAX_PENDING, 'Announcements of one proxy.'),
      AnnouncementDepositBase: constant(
        u128,
        ANNOUNCEMENT_DEPOSIT_BASE,
        'Planck held for having announcements.',
      ),
      AnnouncementDepositFactor: constant(
        u128,
        ANNOUNCEMENT_DEPOSIT_FACTOR,
        'Planck held for each announcement.',
      ),
    },
  })
}
