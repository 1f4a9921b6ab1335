import { ok, toHex, unwrap, type AccountId, type Hash } from '@tacit/base'
import {
  measurementId,
  readCollateralScope,
  type CollateralScope,
  type DcapFacts,
} from '@tacit/attestation'
import { portable } from '@tacit/crypto/portable'
import { createDevPlatform, type DevPlatform, type DevTd } from '@tacit/platform-dev'
import {
  attestationStorage,
  collateralIdOf,
  consensusStorage,
  contractsStorage,
  systemStorage,
  timestampStorage,
  workersStorage,
  type CollateralInfo,
  type ContractInfo,
  type Instance,
  type Role,
  type SlotId,
  type State,
} from '@tacit/runtime'
import type { ChainView, Head } from '../chain/chain-view.ts'
import { readProven } from '../chain/proven-state.ts'
import { createInstanceKeys, type InstanceKeys } from '../keys.ts'
import { filled, seededRandom } from './test-bytes.ts'

const { hashes } = portable
export const NOW_S = 1_790_000_000
export const GENESIS: Hash = filled(0x99)
export const CONTRACT: AccountId = filled(0xc0)
export const OWNER: AccountId = filled(0xa1)
export const SLOT: SlotId = { operator: filled(0x0b), index: 0 }
export const CODE_HASH: Hash = filled(0xcd)
const IMAGE = filled(0x11, 48)
/** The platform's own family. */
const SCOPE: CollateralScope = {
  tee: 'tdx',
  fmspc: Uint8Array.of(0x7a, 0xc1, 0x70, 0, 0, 0),
  ca: 'platform',
}
const FACTS: DcapFacts = {
  pckSerial: filled(1, 20),
  platform: { componentSvns: [...new Uint8Array(16)], pceSvn: 0 },
  qeIsvSvn: 0,
  tdx: undefined,
}

/** A chain of nothing but storage, as an enclave reads it: by keys that are asked for and proved. */
export interface TestChain {
  readonly state: State
  readonly chain: ChainView
  readonly platform: DevPlatform
  readonly td: DevTd
  /** Keys of the instance that serves the contract. */
  readonly instance: InstanceKeys
  /** Keys that reads asked for. */
  readonly asked: Uint8Array[]
  nextBlock(): void
}

/** A contract that is assigned to a registered instance, under a development root. */
export function createTestChain(): TestChain {
  const entries = new Map<string, Uint8Array>()
  const asked: Uint8Array[] = []
  let number = 10
  const state: State = {
    hashes,
    get: (key) => entries.get(toHex(key)),
    set: (key, value) => void entries.set(toHex(key), value),
    load: (key, form) => {
      const bytes = entries.get(toHex(key))
      return bytes && form.decode(bytes)
    },
    store: (key, value, form) => void entries.set(toHex(key), form.encode(value)),
    delete: (key) => void entries.delete(toHex(key)),
    keysWithPrefix: () => [],
  }
  const hashOf = (height: number): Hash => (height === 0 ? GENESIS : filled(height))
  const head = (): Head => ({ number, hash: hashOf(number), stateRoot: filled(0) })
  const chain: ChainView = {
    genesis: GENESIS,
    hashes,
    head,
    hashAt: (height) => (height <= number ? hashOf(height) : undefined),
    read: (read) =>
      readProven(
        hashes,
        (keys) => {
          asked.push(...keys)
          return Promise.resolve(ok(new Map(keys.map((key) => [toHex(key), state.get(key)]))))
        },
        read,
      ),
  }
  const platform = createDevPlatform({ seed: filled(7), now: NOW_S })
  const td = platform.launchTd({ image: IMAGE, role: 'contracts' })
  const instance = createInstanceKeys(seededRandom('instance'))
  for (let height = 0; height < number; height++) {
    systemStorage.BlockHash.set(state, height, hashOf(height))
  }
  timestampStorage.Now.set(state, BigInt(NOW_S) * 1_000n)
  consensusStorage.ChainClass.set(state, 'development')
  trust(state, platform, td)
  register(state, instance.signing.publicKey, SLOT, 'Contracts')
  contractsStorage.Contracts.set(state, CONTRACT, contractInfo())
  return {
    state,
    chain,
    platform,
    td,
    instance,
    asked,
    nextBlock() {
      systemStorage.BlockHash.set(state, number, hashOf(number))
      number += 1
    },
  }
}

export function contractInfo(): ContractInfo {
  return {
    owner: OWNER,
    codeHash: CODE_HASH,
    slot: SLOT,
    status: { type: 'Live' },
    root: filled(0),
    processed: 0n,
    deposit: 0n,
    deployedAt: 1,
  }
}

function trust(state: State, platform: DevPlatform, td: DevTd): void {
  const { name, certificate, fingerprint } = platform.root
  const root = { name, vendor: { type: 'Intel' }, certificate } as const
  attestationStorage.Roots.set(state, fingerprint, root)
  attestationStorage.Roots.set(state, filled(0), root)
  const measured = { role: { type: 'Contracts' }, measurement: filled<Hash>(0) } as const
  attestationStorage.Measurements.set(state, measured, true)
  allow(state, td, 'Contracts')
  publish(state, platform)
}

/** Lets a program serve in a role. */
export function allow(state: State, td: DevTd, role: Role['type']): void {
  const measurement = measurementId({ tee: 'tdx', ...td }, hashes) as Hash
  attestationStorage.Measurements.set(state, { role: { type: role }, measurement }, true)
}

/** Puts a platform's collateral on the chain, as if it had been verified. */
export function publish(state: State, platform: DevPlatform): void {
  const collateral = platform.collateral()
  const id = collateralIdOf(unwrap(readCollateralScope(collateral)))
  attestationStorage.Collateral.set(state, id, collateral)
  const { fingerprint } = platform.root
  attestationStorage.CollateralInfos.set(state, id, { ...COLLATERAL_INFO, root: fingerprint })
}

/** Of any collateral, so that no instance is judged anew by what a test publishes. */
const COLLATERAL_INFO: CollateralInfo = {
  tcbEvaluationDataNumber: 1,
  qeEvaluationDataNumber: 1,
  rootCrlNumber: filled(0, 20),
  pckCrlNumber: filled(0, 20),
  tcbInfoIssued: 0n,
  qeIdentityIssued: 0n,
  rootCrlIssued: 0n,
  pckCrlIssued: 0n,
  earliestExpiry: 2n ** 40n,
  root: filled(0),
  hash: filled(0xc1),
  submitter: OWNER,
  deposit: 0n,
  acceptedAt: 1,
  acceptedMs: 0n,
}

export function register(
  state: State,
  signingKey: Uint8Array,
  slot: SlotId,
  role: Role['type'],
): Instance {
  const record: Instance = {
    slot,
    role: { type: role },
    encryptionKey: filled(1),
    evidenceHash: filled(0xee),
    verdict: {
      tee: { type: 'Tdx' },
      status: { type: 'UpToDate' },
      advisories: [],
      rootName: '',
      rootFingerprint: filled(0),
      measurement: filled(0),
      debug: false,
      tcbEvaluationDataNumber: 1,
      earliestExpiry: 2n ** 40n,
      signatureChecks: 9,
      platform: filled(0xf1),
      facts: { type: 'Dcap', value: { collateral: collateralIdOf(SCOPE), facts: FACTS } },
      gpus: [],
      gpuRoots: [],
    },
    endpoint: '',
    registeredAt: 1,
    registeredMs: BigInt(NOW_S) * 1_000n,
    expiresMs: BigInt(NOW_S + 3_600) * 1_000n,
    recentNumber: 1,
    judgedBy: COLLATERAL_INFO.hash,
    policyVersion: 0,
    grace: undefined,
    deposit: 0n,
  }
  workersStorage.Instances.set(state, signingKey, record)
  workersStorage.Slots.set(state, slot, signingKey)
  return record
}
