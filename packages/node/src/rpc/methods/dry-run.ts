import { concatBytes, decode, encode, unwrap } from '@tacit/base'
import {
  AUTHORITIES_KEY,
  dispatchError,
  MINIMUM_PERIOD_MS,
  validityError,
  type Applied,
  type BlockExecution,
  type Head,
} from '@tacit/runtime'
import { storedAuthorities } from '@tacit/light'
import { createOverlay, type KeyValue } from '@tacit/state'
import { createHost, readTime } from '../../executor.ts'
import { toHex } from '../hex.ts'
import type { Method } from '../json-rpc.ts'
import { bytesAt } from '../params.ts'
import { RPC_CODE, RpcError } from '../rpc-error.ts'
import { blockAt, stateAt, type RpcServices } from '../services.ts'

/**
 * system_dryRun: what the extrinsic would come to as the first of the block behind the given one, as
 * sp_runtime::ApplyExtrinsicResult in SCALE. Nothing of it is kept.
 */
export function dryRunMethod(services: RpcServices): Method {
  return (params) => {
    const extrinsic = bytesAt(params, 0)
    const outcome = begin(services, blockAt(services, params, 1)).apply(extrinsic)
    if (outcome.ok) return toHex(encodeApplied(outcome.value))
    const { error } = outcome
    if (error.code === 'extrinsic_malformed')
      throw new RpcError(RPC_CODE.undecodable, 'Unable to dry run extrinsic', error)
    return toHex(concatBytes(Uint8Array.of(1), encode(validityError, error)))
  }
}

/** The next block in memory, with the inherents that any block begins with. */
function begin(services: RpcServices, head: Head): BlockExecution {
  const { runtime, crypto, log } = services
  const { values } = stateAt(services, head)
  const overlay = createOverlay(values)
  const host = createHost(overlay, { crypto, verify: (check) => crypto.verify(check), log })
  const start = { number: head.number + 1, parentHash: head.hash, digest: { logs: [] } }
  const execution = runtime.initializeBlock(host, start)
  const inherents = runtime.inherents({
    nowMs: readTime(values, crypto.hashes) + MINIMUM_PERIOD_MS,
    proposer: firstAuthority(values),
    absent: [],
    misbehaviour: [],
  })
  for (const inherent of inherents) unwrap(execution.apply(inherent), 'inherent')
  return execution
}

function firstAuthority(values: Pick<KeyValue, 'get'>): Uint8Array {
  const stored = values.get(AUTHORITIES_KEY) ?? new Uint8Array()
  const [first] = unwrap(decode(storedAuthorities, stored), 'authorities')
  return first?.id ?? new Uint8Array(32)
}

function encodeApplied({ dispatch }: Applied): Uint8Array {
  return dispatch.ok
    ? Uint8Array.of(0, 0)
    : concatBytes(Uint8Array.of(0, 1), encode(dispatchError, dispatch.error))
}
