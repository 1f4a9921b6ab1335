import { parseAccountId, parseAddress, parseHex, type AccountId } from '@tacit/base'
import { systemStorage } from '@tacit/runtime'
import type { Methods } from '../json-rpc.ts'
import { stringAt } from '../params.ts'
import { invalidParams } from '../rpc-error.ts'
import { stateAt, type RpcServices } from '../services.ts'
import { NODE_NAME, NODE_VERSION } from '../../version.ts'

export function systemMethods(services: RpcServices): Methods {
  const { chainName, properties } = services
  const nextIndex = (params: readonly unknown[]): Promise<number> =>
    nextNonce(services, accountAt(stringAt(params, 0)))
  return {
    system_chain: () => chainName,
    system_name: () => NODE_NAME,
    system_version: () => NODE_VERSION,
    system_properties: () => properties,
    system_accountNextIndex: nextIndex,
    account_nextIndex: nextIndex,
  }
}

/** The account's nonce behind what waits in the pool. */
function nextNonce(services: RpcServices, account: AccountId): Promise<number> {
  const { chain, crypto, pool } = services
  const { values } = stateAt(services, chain.head)
  const raw = values.get(systemStorage.Account.key(crypto.hashes, account))
  const info = raw && systemStorage.Account.decode(raw)
  return pool.nextNonce(account, info && info.ok ? info.value.nonce : 0)
}

/** An address of any network, or a public key in hex. */
function accountAt(text: string): AccountId {
  const bytes = text.startsWith('0x') ? parseHex(text) : undefined
  const named = bytes && bytes.ok ? parseAccountId(bytes.value) : parseAddress(text)
  if (named.ok) return named.value
  const foreign = 'prefix' in named.error ? parseAddress(text, named.error.prefix) : named
  if (foreign.ok) return foreign.value
  throw invalidParams('parameter 0 must be an address')
}
