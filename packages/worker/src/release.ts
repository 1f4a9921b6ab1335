import { encode, decode, type AccountId } from '@tacit/base'
import {
  encodeCall,
  KEYS_INDEX,
  keysCalls,
  keysStorage,
  workersStorage,
  type InboxKeyNote,
} from '@tacit/runtime'
import { post, submitUnsigned, type Chain, type PostLimits } from '@tacit/sdk'
import type { EnclaveClient } from './enclave-client.ts'
import type { Metrics } from './metrics.ts'
import { collectRequest, grantRequest, signedGrant } from './release-wire.ts'
import { unwrapAnswer, WorkerError } from './worker-error.ts'

/** Of a gatekeeper's answers. */
const LIMITS: PostLimits = { timeoutMs: 20_000, maxReplyBytes: 65_536 }

export interface ReleasedNote {
  readonly note: InboxKeyNote
  readonly signature: Uint8Array
}

/**
 * Carries the messages by which an enclave gets a contract's keys from the gatekeepers.
 * @throws WorkerError or TacitError with the code of whoever refused.
 */
export async function releaseKeys(
  chain: Chain,
  enclave: EnclaveClient,
  metrics: Metrics,
  contract: AccountId,
  epoch: number,
): Promise<ReleasedNote> {
  const group = await chain.read(keysStorage.Group, [])
  if (group === undefined) throw new WorkerError('group_missing', 'no gatekeepers are announced')
  for (const { instance } of group.members) {
    const endpoint = (await chain.read(workersStorage.Instances, [instance]))?.endpoint
    if (endpoint === undefined) continue
    const done = await askGatekeeper({ chain, enclave, metrics, endpoint }, contract, epoch)
    if (done !== undefined) return done
  }
  throw new WorkerError('gatekeepers_insufficient', 'too few gatekeepers gave their shares')
}

interface Carrier {
  readonly chain: Chain
  readonly enclave: EnclaveClient
  readonly metrics: Metrics
  readonly endpoint: string
}

async function askGatekeeper(
  { chain, enclave, metrics, endpoint }: Carrier,
  contract: AccountId,
  epoch: number,
): Promise<ReleasedNote | undefined> {
  const nonce = await post(`${endpoint}/v1/release/nonce`, new Uint8Array(), LIMITS)
  const request = unwrapAnswer(await enclave.releaseRequest(contract, epoch, nonce))
  const body = encode(grantRequest, request)
  const granted = decode(signedGrant, await post(`${endpoint}/v1/release/grant`, body, LIMITS))
  if (!granted.ok) throw new WorkerError('grant_malformed', `${endpoint} sent no grant`)
  const included = await submitUnsigned(
    chain,
    encodeCall(KEYS_INDEX, keysCalls.grant, granted.value),
  )
  metrics.add('tacit_worker_grants_total')
  const { ephemeralKey } = request.binding
  const collect = encode(collectRequest, { ephemeralKey, height: included.block.number })
  const sealed = await post(`${endpoint}/v1/release/collect`, collect, LIMITS)
  const finished = unwrapAnswer(await enclave.releaseFinish(ephemeralKey, sealed))
  return 'needed' in finished ? undefined : finished
}
