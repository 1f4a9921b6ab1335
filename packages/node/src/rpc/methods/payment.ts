import { concatBytes, decode, encode, struct, u128, u32, u8, unwrap } from '@tacit/base'
import { weightCodec } from '@tacit/runtime'
import type { Methods } from '../json-rpc.ts'
import { bytesAt } from '../params.ts'
import { blockAt, callRuntime, type RpcServices } from '../services.ts'

const CLASSES = ['normal', 'operational', 'mandatory'] as const
const dispatchInfo = struct({ weight: weightCodec, class: u8, partialFee: u128 })

export function paymentMethods(services: RpcServices): Methods {
  return {
    payment_queryInfo: (params) => {
      const extrinsic = bytesAt(params, 0)
      const input = concatBytes(extrinsic, encode(u32, extrinsic.length))
      const block = blockAt(services, params, 1)
      const output = callRuntime(services, block, 'TransactionPaymentApi_query_info', input)
      const info = unwrap(decode(dispatchInfo, output), 'query_info')
      const { refTime, proofSize } = info.weight
      return {
        weight: { ref_time: Number(refTime), proof_size: Number(proofSize) },
        class: CLASSES[info.class],
        partialFee: info.partialFee.toString(),
      }
    },
  }
}
