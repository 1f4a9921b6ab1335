import { bytes, encode, hash256, struct, vec } from '@tacit/base'
import { headerCodec } from '@tacit/runtime'
import { toHex } from '../hex.ts'
import type { Methods } from '../json-rpc.ts'
import { integerAt } from '../params.ts'
import { hashOf, type RpcServices } from '../services.ts'
import { subscribe, unsubscribe } from '../subscribe.ts'

const MAX_U32 = 0xffff_ffff
/** sc_consensus_grandpa::FinalityProof: a justified block, and the headers up to it. */
const finalityProof = struct({
  block: hash256,
  justification: bytes,
  unknownHeaders: vec(headerCodec),
})

export function grandpaMethods(services: RpcServices): Methods {
  const { chain, store } = services
  return {
    /** Every block is justified itself; null until it is. */
    grandpa_proveFinality: (params) => {
      const number = integerAt(params, 0, MAX_U32)
      const block = hashOf(services, number)
      const justification = store.justification(number)
      if (!block || !justification) return null
      return toHex(encode(finalityProof, { block, justification, unknownHeaders: [] }))
    },
    grandpa_subscribeJustifications: (_, call) =>
      subscribe(call, 'grandpa_justifications', (notify) =>
        chain.onJustified(({ justification }) => notify(toHex(justification))),
      ),
    grandpa_unsubscribeJustifications: unsubscribe,
  }
}
