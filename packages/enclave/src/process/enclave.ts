import { encode, err, ok, toHex, type Coded, type Result } from '@tacit/base'
import type { CryptoProvider } from '@tacit/crypto'
import { evidence, registrationBinding, type ChainClass, type Role } from '@tacit/runtime'
import { startFollower, type FetchProof, type Follower } from '../chain/follower.ts'
import type { Json } from '../channel/json.ts'
import { hexBytes, integer, listOf } from '../channel/params.ts'
import type { Handler, Peer } from '../channel/peer.ts'
import { createContractsRole } from '../contracts-role.ts'
import type { BatchLimits, RunCall } from '../contract/run-batch.ts'
import type { QueryLimits } from '../contract/queries.ts'
import type { EvidenceSource, GpuSource } from '../evidence/evidence-source.ts'
import { createGatekeeper } from '../gatekeeper/gatekeeper.ts'
import { createInstanceKeys, type Random } from '../keys.ts'
import { createRegistration } from '../registration.ts'
import { contractsMethods } from './contracts-methods.ts'
import { gatekeeperMethods } from './gatekeeper-methods.ts'
import { handlerOf, method, type Method } from './methods.ts'
import {
  accountField,
  createWorkerPort,
  hashField,
  MAX_PROOF_NODE_BYTES,
  MAX_PROOF_NODES,
} from './worker-port.ts'

export interface EnclaveOptions {
  readonly role: 'contracts' | 'gatekeeper'
  readonly chainClass: ChainClass
  readonly crypto: CryptoProvider
  readonly random: Random
  readonly evidence: EvidenceSource
  /** Only where the machine's GPUs are to be registered too. */
  readonly gpus?: GpuSource
  /** Both run contract calls in processes without keys; apart, so that neither waits for the other. */
  readonly runCommand: RunCall
  readonly runQuery: RunCall
  readonly batchLimits: BatchLimits
  readonly queryLimits: QueryLimits
}

const MAX_HEADER_BYTES = 1_048_576
const MAX_JUSTIFICATION_BYTES = 1_048_576
const MAX_U32 = 0xffff_ffff

/**
 * The enclave behind its channel. It knows one method, `start`, until a checkpoint is given; then
 * `advance`, `register`, `status` and those of its role.
 */
export function createEnclave(options: EnclaveOptions, peer: Pick<Peer, 'request'>): Handler {
  const instance = createInstanceKeys(options.random)
  const port = createWorkerPort(peer)
  const identity = {
    signingKey: toHex(instance.signing.publicKey),
    encryptionKey: toHex(instance.encryption.publicKey),
  }
  let methods: ReadonlyMap<string, Method> = new Map([
    [
      'start',
      method(
        {
          genesisHash: hashField,
          header: hexBytes(MAX_HEADER_BYTES),
          proof: listOf(hexBytes(MAX_PROOF_NODE_BYTES), MAX_PROOF_NODES),
        },
        async (params): Promise<Result<Json, Coded>> => {
          const { crypto, chainClass: expected } = options
          const fetchProof: FetchProof = (hash, keys) => port.prove(hash, keys)
          const chain = await startFollower({ ...params, expected, crypto, fetchProof })
          if (!chain.ok) return chain
          if (methods.has('status')) return err({ code: 'already_started' })
          const untested = findUntested(options)
          if (chain.value.chainClass === 'production' && untested !== undefined) {
            return err({ code: 'collector_untested', collector: untested })
          }
          methods = new Map([...commonMethods(chain.value), ...roleMethods(chain.value)])
          return ok({ ...identity, chainClass: chain.value.chainClass })
        },
      ),
    ],
  ])

  function commonMethods(chain: Follower): ReadonlyMap<string, Method> {
    const role: Role = { type: options.role === 'gatekeeper' ? 'Gatekeeper' : 'Contracts' }
    return new Map([
      ['status', method({}, () => ok({ ...identity, height: chain.head().number }))],
      [
        'advance',
        method(
          { header: hexBytes(MAX_HEADER_BYTES), justification: hexBytes(MAX_JUSTIFICATION_BYTES) },
          ({ header, justification }) => {
            const head = chain.advance(header, justification)
            return head.ok ? ok({ number: head.value.number, hash: toHex(head.value.hash) }) : head
          },
        ),
      ],
      [
        'register',
        method({ operator: accountField, index: integer(MAX_U32) }, async (slot) => {
          const as = { role, slot }
          const made = await createRegistration(chain, instance, options, as)
          if (!made.ok) return made
          return ok({
            binding: toHex(encode(registrationBinding, made.value.binding)),
            evidence: toHex(encode(evidence, made.value.evidence)),
          })
        }),
      ],
    ])
  }

  function roleMethods(chain: Follower): ReadonlyMap<string, Method> {
    const parts = { ...options, chain, instance }
    return options.role === 'gatekeeper'
      ? gatekeeperMethods(createGatekeeper(parts))
      : contractsMethods(createContractsRole({ ...parts, source: port }))
  }

  return (name, params) => handlerOf(methods)(name, params)
}

/** The collector, if any, that never ran on the hardware that it is for. */
export function findUntested({
  evidence,
  gpus,
}: Pick<EnclaveOptions, 'evidence' | 'gpus'>): string | undefined {
  if (evidence.untestedOnHardware) return evidence.name
  return gpus?.untestedOnHardware === true ? gpus.name : undefined
}
