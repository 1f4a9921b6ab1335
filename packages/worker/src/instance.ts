import { equalBytes } from '@tacit/base'
import type { Keypair } from '@tacit/crypto'
import {
  encodeCall,
  KEYS_INDEX,
  keysCalls,
  keysStorage,
  WORKERS_INDEX,
  workersCalls,
  workersStorage,
  type GpuReports,
} from '@tacit/runtime'
import {
  encodeHeader,
  submitSigned,
  submitUnsigned,
  type Chain,
  type JustifiedBlock,
} from '@tacit/sdk'
import type { EnclaveClient } from './enclave-client.ts'
import { codeOf, unwrapAnswer, WorkerError } from './worker-error.ts'

/** What an enclave is registered as. */
export interface Placement {
  readonly role: 'contracts' | 'gatekeeper'
  readonly operator: Keypair
  readonly slotIndex: number
  /** Where others reach it; recorded on the chain. */
  readonly endpoint: string
  /** Only where the chain's policy asks what NVIDIA says of the GPUs' certificates. */
  readonly stapleOcsp?: Staple | undefined
}

/** Gives OCSP responses, DER, about the certificates of GPUs and switches. */
export type Staple = (reports: GpuReports) => Promise<readonly Uint8Array[]>

const REGISTER_ATTEMPTS = 8

/** Gives an enclave its checkpoint and brings it to the client's justified head. */
export async function startEnclave(
  chain: Chain,
  enclave: EnclaveClient,
  advance: (block: JustifiedBlock) => Promise<void>,
): Promise<Uint8Array> {
  const { header, proof } = chain.checkpoint
  const started = await enclave.start(chain.genesisHash, encodeHeader(header), proof)
  const { signingKey } = unwrapAnswer(started)
  const newest = chain.recent(chain.head().hash)
  if (newest !== undefined) await advance(newest)
  return signingKey
}

/**
 * Registers an enclave under fresh evidence; a gatekeeper announces its committee too, if there is
 * none. Another extrinsic of the operator may take the nonce at the same moment: then once more.
 */
export async function registerEnclave(
  chain: Chain,
  enclave: EnclaveClient,
  as: Placement,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await registerOnce(chain, enclave, as)
      break
    } catch (error) {
      const isNonce = codeOf(error) === 'rpc_failed' || codeOf(error) === 'extrinsic_lost'
      if (!isNonce || attempt === REGISTER_ATTEMPTS) throw error
    }
  }
  if (as.role === 'gatekeeper') await announceGroup(chain, enclave)
}

/** When half of a registration's time is over: Unix milliseconds. */
export async function renewalTime(
  chain: Chain,
  signingKey: Uint8Array,
  nowMs: number,
): Promise<number> {
  const record = await chain.read(workersStorage.Instances, [signingKey])
  const endMs = Number(record?.expiresMs ?? 0n)
  return nowMs + Math.max(0, endMs - nowMs) / 2
}

async function registerOnce(
  chain: Chain,
  enclave: EnclaveClient,
  { operator, slotIndex, endpoint, stapleOcsp }: Placement,
): Promise<void> {
  const made = unwrapAnswer(await enclave.register(operator.accountId, slotIndex))
  const { role, signingKey, encryptionKey, recentNumber, recentHash } = made.binding
  const { cpu, gpu } = made.evidence
  const ocsp = (gpu && (await stapleOcsp?.(gpu))) ?? []
  const call = encodeCall(WORKERS_INDEX, workersCalls.register, {
    role,
    slot: slotIndex,
    signingKey,
    encryptionKey,
    recentNumber,
    recentHash,
    endpoint,
    evidence: { cpu, gpu: gpu && { ...gpu, ocsp } },
  })
  await submitSigned(chain, call, operator)
}

async function announceGroup(chain: Chain, enclave: EnclaveClient): Promise<void> {
  const made = unwrapAnswer(await enclave.group())
  const known = await chain.read(keysStorage.Group, [])
  if (known === undefined) {
    await submitUnsigned(chain, encodeCall(KEYS_INDEX, keysCalls.announce_group, made))
    return
  }
  if (!equalBytes(known.groupKey, made.group.groupKey)) {
    throw new WorkerError(
      'master_key_lost',
      'the committee on the chain has another master key than this enclave',
    )
  }
}
