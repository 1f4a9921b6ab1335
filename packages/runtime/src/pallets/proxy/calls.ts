import { compactU32, hash256, option, struct, u16, u32, unit } from '@tacit/base'
import { defineCalls, type Calls } from '../../framework/calls.ts'
import { multiAddress } from '../../framework/multi-address.ts'
import { classOfNested, type RuntimeCalls } from '../../framework/nested-calls.ts'
import { addWeights, weigh, type Weight } from '../../framework/weights.ts'
import {
  act,
  actAnnounced,
  actAnnouncedWeight,
  ACT_WEIGHT,
  type ActAnnouncedArgs,
  type ActArgs,
} from './act.ts'
import {
  announce,
  rejectAnnouncement,
  removeAnnouncement,
  type AnnounceArgs,
  type RejectArgs,
} from './announcements.ts'
import { pokeDeposit } from './poke-deposit.ts'
import { addProxy, removeProxies, removeProxy, type ProxyArgs } from './proxies.ts'
import { proxyType } from './proxy-type.ts'
import { createPure, killPure, type CreatePureArgs, type KillPureArgs } from './pure.ts'
import { MAX_PENDING, MAX_PROXIES } from './types.ts'

export type ProxyCalls = {
  proxy: ActArgs
  add_proxy: ProxyArgs
  remove_proxy: ProxyArgs
  remove_proxies: undefined
  create_pure: CreatePureArgs
  kill_pure: KillPureArgs
  announce: AnnounceArgs
  remove_announcement: AnnounceArgs
  reject_announcement: RejectArgs
  proxy_announced: ActAnnouncedArgs
  poke_deposit: undefined
}

/** Proxies, the sender's balance and holds; for pure accounts those of two accounts. */
const PROXIES_WEIGHT: Weight = weigh({ reads: 6, writes: 6, bytes: 2 * 37 * MAX_PROXIES })
const ANNOUNCE_WEIGHT: Weight = weigh({
  reads: 4,
  writes: 3,
  bytes: 37 * MAX_PROXIES + 2 * 68 * MAX_PENDING,
})

/** Indices as in pallet_proxy. */
export function proxyCalls(calls: RuntimeCalls): Calls<ProxyCalls> {
  return defineCalls<ProxyCalls>({ ...acting(calls), ...REGISTRATION, ...PURE, ...ANNOUNCING })
}

function acting(calls: RuntimeCalls): Calls<Pick<ProxyCalls, 'proxy' | 'proxy_announced'>> {
  const args = { real: multiAddress, force_proxy_type: option(proxyType), call: calls.codec }
  return {
    proxy: {
      index: 0,
      args: struct(args),
      docs: [
        "Dispatches a call as an account whose proxy the sender is, under the proxy's filter.",
      ],
      classOf: ({ call }) => classOfNested(calls, [call]),
      weight: ({ call }) => addWeights(ACT_WEIGHT, calls.info(call).weight),
      dispatch: (context, given) => act(calls, context, given),
    },
    proxy_announced: {
      index: 9,
      args: struct({ delegate: multiAddress, ...args }),
      docs: ['Dispatches a call that a proxy announced, once its delay is over.'],
      classOf: ({ call }) => classOfNested(calls, [call]),
      weight: ({ call }) =>
        addWeights(actAnnouncedWeight(calls.bytes(call).length), calls.info(call).weight),
      dispatch: (context, given) => actAnnounced(calls, context, given),
    },
  }
}

const proxyArgs = struct({ delegate: multiAddress, proxy_type: proxyType, delay: u32 })

const REGISTRATION: Calls<
  Pick<ProxyCalls, 'add_proxy' | 'remove_proxy' | 'remove_proxies' | 'poke_deposit'>
> = {
  add_proxy: {
    index: 1,
    args: proxyArgs,
    docs: ['Lets another account act for the sender; a deposit is held.'],
    weight: () => PROXIES_WEIGHT,
    dispatch: addProxy,
  },
  remove_proxy: {
    index: 2,
    args: proxyArgs,
    docs: ['Takes a proxy from the sender; its deposit is released.'],
    weight: () => PROXIES_WEIGHT,
    dispatch: removeProxy,
  },
  remove_proxies: {
    index: 3,
    args: unit,
    docs: ['Takes all proxies from the sender. For a pure account that is the end.'],
    weight: () => PROXIES_WEIGHT,
    dispatch: removeProxies,
  },
  poke_deposit: {
    index: 10,
    args: unit,
    docs: ["Brings the sender's deposits to today's amounts; free if that changes one."],
    weight: () => addWeights(PROXIES_WEIGHT, ANNOUNCE_WEIGHT),
    dispatch: pokeDeposit,
  },
}

const PURE: Calls<Pick<ProxyCalls, 'create_pure' | 'kill_pure'>> = {
  create_pure: {
    index: 4,
    args: struct({ proxy_type: proxyType, delay: u32, index: u16 }),
    docs: ['Makes an account without a key whose only proxy is the sender.'],
    weight: () => PROXIES_WEIGHT,
    dispatch: createPure,
  },
  kill_pure: {
    index: 5,
    args: struct({
      spawner: multiAddress,
      proxy_type: proxyType,
      index: u16,
      height: compactU32,
      ext_index: compactU32,
    }),
    docs: ['Takes all proxies from a pure account, which calls this itself. Its funds are lost.'],
    weight: () => PROXIES_WEIGHT,
    dispatch: killPure,
  },
}

const ANNOUNCING: Calls<
  Pick<ProxyCalls, 'announce' | 'remove_announcement' | 'reject_announcement'>
> = {
  announce: {
    index: 6,
    args: struct({ real: multiAddress, call_hash: hash256 }),
    docs: ["Announces the hash of a call that the sender will make as an account's proxy."],
    weight: () => ANNOUNCE_WEIGHT,
    dispatch: announce,
  },
  remove_announcement: {
    index: 7,
    args: struct({ real: multiAddress, call_hash: hash256 }),
    docs: ['Takes back an announcement of the sender; its deposit is released.'],
    weight: () => ANNOUNCE_WEIGHT,
    dispatch: removeAnnouncement,
  },
  reject_announcement: {
    index: 8,
    args: struct({ delegate: multiAddress, call_hash: hash256 }),
    docs: ["Removes what one of the sender's proxies announced."],
    weight: () => ANNOUNCE_WEIGHT,
    dispatch: rejectAnnouncement,
  },
}
