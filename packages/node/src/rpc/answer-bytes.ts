import { RPC_CODE, RpcError } from './rpc-error.ts'

/** Bytes of values whose hex no answer could hold: they are not gathered first. */
const MAX_BYTES = 8_388_608

/** Adds bytes of an answer up; throws -32008 once they are too many for one. */
export function countAnswerBytes(): (bytes: number) => void {
  let left = MAX_BYTES
  return (bytes) => {
    left -= bytes
    if (left < 0) throw new RpcError(RPC_CODE.oversizedResponse, 'Response is too big')
  }
}
