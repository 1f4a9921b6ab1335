import {
  concatBytes,
  decode,
  encode,
  struct,
  u128,
  u32,
  u8,
  unwrap,
  type Codec,
  type DecodeError,
  type Result,
} from '@tacit/base'
import { feeDetails, weightCodec } from '@tacit/runtime'
import type { Methods } from '../json-rpc.ts'
import { bytesAt, type Params } from '../params.ts'
import { RPC_CODE, RpcError } from '../rpc-error.ts'
import { blockAt, callRuntime, type RpcServices } from '../services.ts'

const CLASSES = ['normal', 'operational', 'mandatory'] as const
const dispatchInfo = struct({ weight: weightCodec, class: u8, partialFee: u128 })

/** payment_*: what TransactionPaymentApi says, in Substrate's JSON. */
export function paymentMethods(services: RpcServices): Methods {
  return {
    payment_queryInfo: (params) => {
      const info = query(services, params, 'query_info', dispatchInfo)
      const { refTime, proofSize } = info.weight
      return {
        weight: { ref_time: Number(refTime), proof_size: Number(proofSize) },
        class: CLASSES[info.class],
        partialFee: info.partialFee.toString(),
      }
    },
    payment_queryFeeDetails: (params) => {
      const { inclusion_fee: fee } = query(services, params, 'query_fee_details', feeDetails)
      const inclusionFee = fee && {
        baseFee: amount(fee.base_fee),
        lenFee: amount(fee.len_fee),
        adjustedWeightFee: amount(fee.adjusted_weight_fee),
      }
      return { inclusionFee: inclusionFee ?? null }
    },
  }
}

function query<T>(services: RpcServices, params: Params, method: string, output: Codec<T>): T {
  const extrinsic = bytesAt(params, 0)
  const block = blockAt(services, params, 1)
  if (!services.runtime.parseExtrinsic(extrinsic).ok)
    throw new RpcError(RPC_CODE.undecodable, 'Unable to query dispatch info.', {
      code: 'extrinsic_malformed',
    })
  const input = concatBytes(extrinsic, encode(u32, extrinsic.length))
  const bytes = callRuntime(services, block, `TransactionPaymentApi_${method}`, input)
  const read: Result<T, DecodeError> = decode(output, bytes)
  return unwrap(read, method)
}

/** sp_rpc's NumberOrHex, which writes a balance as hex. */
function amount(planck: bigint): string {
  return `0x${planck.toString(16)}`
}
