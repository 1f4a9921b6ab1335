import { toHex } from '../hex.ts'
import type { Methods } from '../json-rpc.ts'
import type { RpcServices } from '../services.ts'

export function chainSpecMethods({ chain, chainName, properties }: RpcServices): Methods {
  return {
    chainSpec_v1_chainName: () => chainName,
    chainSpec_v1_genesisHash: () => toHex(chain.genesisHash),
    chainSpec_v1_properties: () => properties,
  }
}
