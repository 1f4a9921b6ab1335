import { consensusStorage } from '@tacit/runtime'
import type { Methods } from '../json-rpc.ts'
import { stateAt, type RpcServices } from '../services.ts'

/** system_* about the node itself. It has no peer-to-peer network of its own, so no identity there. */
export function nodeInfoMethods(services: RpcServices): Methods {
  const { chain } = services
  const startingBlock = chain.head.number
  const none = (): readonly never[] => []
  return {
    system_chainType: () => chainType(services),
    system_health: () => ({ peers: 0, isSyncing: false, shouldHavePeers: false }),
    system_localListenAddresses: none,
    system_localPeerId: () => '',
    system_nodeRoles: () => ['Authority'],
    system_peers: none,
    system_reservedPeers: none,
    system_syncState: () => {
      const { number } = chain.head
      return { startingBlock, currentBlock: number, highestBlock: number }
    },
  }
}

/** Substrate's word for the class that genesis fixed. */
function chainType(services: RpcServices): 'Live' | 'Development' {
  const { values } = stateAt(services, services.chain.head)
  const raw = values.get(consensusStorage.ChainClass.key(services.crypto.hashes))
  const stored = raw && consensusStorage.ChainClass.decode(raw)
  return stored?.ok && stored.value === 'production' ? 'Live' : 'Development'
}
