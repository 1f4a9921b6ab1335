import { err, type DecodeError, type Hash, type Result } from '@tacit/base'
import type { Hashes } from '@tacit/crypto'
import type { Header } from '@tacit/light'
import { METADATA_VERSIONS, runtimeApis } from './api/apis.ts'
import type { Api, ApiMethod } from './api/definition.ts'
import { API_IDS } from './api/ids.ts'
import {
  beginBlock,
  replayBlock,
  type Applied,
  type Block,
  type BlockError,
  type BlockExecution,
  type BlockStart,
  type ExtrinsicError,
} from './execution/block.ts'
import { behind, openBehind, type Environment, type Head } from './execution/environment.ts'
import { parseExtrinsic, type ExtrinsicMalformed } from './execution/parse.ts'
import { validate } from './execution/validate.ts'
import type { Extrinsic } from './extrinsic.ts'
import { compose, type Composition, type PalletSource } from './framework/composition.ts'
import type { GenesisSpec } from './framework/genesis-spec.ts'
import type { CallFilter } from './framework/runtime-call.ts'
import type { Judged, TransactionSource, ValidTransaction } from './framework/validity.ts'
import { genesisHeader, writeGenesis } from './genesis.ts'
import type { Host } from './host.ts'
import { encodeInherents, type Inherents } from './inherents.ts'
import { encodeMetadata, type MetadataVersion } from './metadata/encode.ts'
import { assetsPallet } from './pallets/assets/index.ts'
import { attestationPallet } from './pallets/attestation/index.ts'
import { balancesPallet } from './pallets/balances/index.ts'
import { consensusPallet } from './pallets/consensus/index.ts'
import { contractsPallet } from './pallets/contracts/index.ts'
import { keysPallet } from './pallets/keys/index.ts'
import { multiBlockMigrationsPallet } from './pallets/multi-block-migrations/index.ts'
import { preimagePallet } from './pallets/preimage/index.ts'
import { multisigPallet } from './pallets/multisig/index.ts'
import { proxyPallet } from './pallets/proxy/index.ts'
import { schedulerPallet } from './pallets/scheduler/index.ts'
import { systemPallet } from './pallets/system/index.ts'
import { timestampPallet } from './pallets/timestamp/index.ts'
import { transactionPaymentPallet } from './pallets/transaction-payment/index.ts'
import { utilityPallet } from './pallets/utility/index.ts'
import { vestingPallet } from './pallets/vesting/index.ts'
import { workersPallet } from './pallets/workers/index.ts'
import { SPEC_NAME, SPEC_VERSION, TRANSACTION_VERSION, type RuntimeVersion } from './version.ts'

export type ApiError =
  /** No runtime API has this name. */
  | { readonly code: 'api_unknown' }
  /** The parameters are not the encoding of the method's inputs. */
  | {
      readonly code: 'api_params_malformed'
      readonly reason: DecodeError['reason']
      readonly at: number
    }

/**
 * Judges one extrinsic; changes nothing.
 * @param verify decides its signatures, the host's if absent.
 */
export type Judge = (
  source: TransactionSource,
  bytes: Uint8Array,
  verify?: Host['verify'],
) => Result<Judged, ExtrinsicError>

/** The rules. Every method is a function of its arguments and the host's storage. */
export interface Runtime {
  readonly version: RuntimeVersion
  readonly composition: Composition
  readonly apis: readonly Api[]
  /** Writes the first state into empty storage. */
  genesis(host: Host, spec: GenesisSpec): void
  genesisHeader(stateRoot: Hash, hashes: Hashes): Header
  /** The two extrinsics with which a block begins. */
  inherents(inherents: Inherents): Uint8Array[]
  /** Begins a block on its parent's state; the number must follow the state's. */
  initializeBlock(host: Host, start: BlockStart): BlockExecution
  /** Replays a block on its parent's state; state root and extrinsics root must come out the same. */
  executeBlock(
    host: Host,
    block: Block,
    stateRoot: () => Hash,
  ): Result<readonly Applied[], BlockError>
  parseExtrinsic(bytes: Uint8Array): Result<Extrinsic, ExtrinsicMalformed>
  /** Judges an extrinsic for the pool of a head; changes nothing. */
  validateTransaction(
    host: Host,
    head: Head,
    source: TransactionSource,
    bytes: Uint8Array,
  ): Result<ValidTransaction, ExtrinsicError>
  /**
   * Judges extrinsics for the pool of a head, each as if it were alone. The host's storage is the
   * judge's from then on and stays as it is otherwise: what one extrinsic had read is not read again.
   */
  openJudge(host: Host, head: Head): Judge
  /** Runs `Api_method` on encoded parameters. */
  callApi(host: Host, head: Head, name: string, params: Uint8Array): Result<Uint8Array, ApiError>
  metadata(version: MetadataVersion): Uint8Array
}

/** The pallets of this chain beside System. */
export const PALLETS: readonly PalletSource[] = [
  timestampPallet,
  consensusPallet,
  balancesPallet,
  transactionPaymentPallet,
  attestationPallet,
  workersPallet,
  keysPallet,
  contractsPallet,
  utilityPallet,
  multisigPallet,
  proxyPallet,
  vestingPallet,
  preimagePallet,
  schedulerPallet,
  multiBlockMigrationsPallet,
  assetsPallet,
]

/**
 * Composes the rules from pallets in the order of their indices.
 * @param baseFilter which calls anybody but Root may dispatch; absent, all.
 * @param specVersion of these rules: a state made by others is migrated first.
 */
export function createRuntime(
  pallets: readonly PalletSource[] = PALLETS,
  baseFilter?: CallFilter,
  specVersion: number = SPEC_VERSION,
): Runtime {
  const version = currentVersion(specVersion)
  const composition = compose([systemPallet(version), ...pallets], baseFilter, specVersion)
  const apis = runtimeApis(composition, version)
  const methods = methodsByName(apis)
  const metadata = cachedMetadata(composition, apis)
  return {
    version,
    composition,
    apis,
    metadata,
    genesis: (host, spec) => writeGenesis(composition, host, spec),
    genesisHeader,
    inherents: encodeInherents,
    initializeBlock: (host, start) => beginBlock(composition, host, start),
    executeBlock: (host, block, stateRoot) => replayBlock(composition, host, block, stateRoot),
    parseExtrinsic: (bytes) => parseExtrinsic(composition, bytes),
    validateTransaction: (host, head, source, bytes) =>
      behind(composition, host, head, (environment) => createJudge(environment)(source, bytes)),
    openJudge: (host, head) => createJudge(openBehind(composition, host, head)),
    callApi: (host, head, name, params) => {
      const found = methods.get(name)
      if (!found) return err({ code: 'api_unknown' })
      const answer = behind(composition, host, head, (environment) =>
        found.call({ environment, metadata: knownMetadata(metadata) }, params),
      )
      return answer.ok ? answer : err({ ...answer.error, code: 'api_params_malformed' })
    },
  }
}

function createJudge(environment: Environment): Judge {
  const { composition, storage, host } = environment
  return (source, bytes, verify) => {
    const parsed = parseExtrinsic(composition, bytes)
    if (!parsed.ok) return parsed
    storage.begin()
    const asked = verify ? { ...environment, host: { ...host, verify } } : environment
    const verdict = validate(asked, source, parsed.value)
    storage.rollback()
    return verdict
  }
}

function methodsByName(apis: readonly Api[]): ReadonlyMap<string, ApiMethod> {
  const named = apis.flatMap((api) =>
    Object.entries(api.methods).map(([name, method]) => [`${api.name}_${name}`, method] as const),
  )
  return new Map(named)
}

function currentVersion(specVersion: number): RuntimeVersion {
  return {
    spec_name: SPEC_NAME,
    impl_name: 'tacit-ts',
    authoring_version: 1,
    spec_version: specVersion,
    impl_version: 0,
    apis: Object.values(API_IDS).map(({ id, version }) => [id, version] as const),
    transaction_version: TRANSACTION_VERSION,
    system_version: 1,
  }
}

function cachedMetadata(composition: Composition, apis: readonly Api[]): Runtime['metadata'] {
  const cache = new Map<MetadataVersion, Uint8Array>()
  return (version) => {
    const encoded = cache.get(version) ?? encodeMetadata(composition, apis, version)
    cache.set(version, encoded)
    return encoded
  }
}

function knownMetadata(metadata: Runtime['metadata']): (version: number) => Uint8Array | undefined {
  return (version) => {
    const known = METADATA_VERSIONS.find((existing) => existing === version)
    return known && metadata(known)
  }
}
