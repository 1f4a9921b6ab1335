import type { Method, Methods } from './json-rpc.ts'
import { archiveMethods } from './methods/archive.ts'
import { authorMethods } from './methods/author.ts'
import { chainHeadMethods } from './methods/chain-head.ts'
import { chainSpecMethods } from './methods/chain-spec.ts'
import { chainMethods } from './methods/chain.ts'
import { childStateMethods } from './methods/child-state.ts'
import { dryRunMethod } from './methods/dry-run.ts'
import { grandpaMethods } from './methods/grandpa.ts'
import { nodeInfoMethods } from './methods/node-info.ts'
import { paymentMethods } from './methods/payment.ts'
import { stateChangeMethods } from './methods/state-changes.ts'
import { stateMethods } from './methods/state.ts'
import { systemMethods } from './methods/system.ts'
import { transactionWatchMethods } from './methods/transaction-watch.ts'
import { transactionMethods } from './methods/transaction.ts'
import { refusedMethods } from './refused.ts'
import { unsafeCalled } from './rpc-error.ts'
import type { RpcServices } from './services.ts'

/**
 * Every method that the node offers, by name.
 * @param allowUnsafe whether those that cost much may be called: by default nobody's business but
 *   this machine's.
 */
export function allMethods(services: RpcServices, allowUnsafe: boolean): Methods {
  const methods = {
    ...archiveMethods(services),
    ...authorMethods(services),
    ...chainHeadMethods(services),
    ...chainSpecMethods(services),
    ...chainMethods(services),
    ...childStateMethods(services),
    ...grandpaMethods(services),
    ...nodeInfoMethods(services),
    ...paymentMethods(services),
    ...stateMethods(services),
    ...stateChangeMethods(services),
    ...systemMethods(services),
    ...transactionMethods(services),
    ...transactionWatchMethods(services),
    ...unsafeMethods(services, allowUnsafe),
  }
  const names = ['rpc_methods', ...Object.keys(methods)].sort()
  return { ...refusedMethods, ...methods, rpc_methods: () => ({ methods: names }) }
}

function unsafeMethods(services: RpcServices, isAllowed: boolean): Methods {
  const refuse: Method = () => {
    throw unsafeCalled()
  }
  const dryRun = isAllowed ? dryRunMethod(services) : refuse
  return { system_dryRun: dryRun, system_dryRunAt: dryRun }
}
