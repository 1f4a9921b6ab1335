import type { Methods } from './json-rpc.ts'
import { archiveMethods } from './methods/archive.ts'
import { authorMethods } from './methods/author.ts'
import { chainHeadMethods } from './methods/chain-head.ts'
import { chainSpecMethods } from './methods/chain-spec.ts'
import { chainMethods } from './methods/chain.ts'
import { grandpaMethods } from './methods/grandpa.ts'
import { paymentMethods } from './methods/payment.ts'
import { stateMethods } from './methods/state.ts'
import { systemMethods } from './methods/system.ts'
import { transactionMethods } from './methods/transaction.ts'
import type { RpcServices } from './services.ts'

/** Every method that the node offers, by name. */
export function allMethods(services: RpcServices): Methods {
  const methods = {
    ...archiveMethods(services),
    ...authorMethods(services),
    ...chainHeadMethods(services),
    ...chainSpecMethods(services),
    ...chainMethods(services),
    ...grandpaMethods(services),
    ...paymentMethods(services),
    ...stateMethods(services),
    ...systemMethods(services),
    ...transactionMethods(services),
  }
  const names = ['rpc_methods', ...Object.keys(methods)].sort()
  return { ...methods, rpc_methods: () => ({ methods: names }) }
}
