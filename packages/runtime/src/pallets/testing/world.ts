import {
  decode,
  encode,
  InvariantError,
  ok,
  unwrap,
  type AccountId,
  type Hash,
  type Result,
} from '@tacit/base'
import { measurementId, type DcapCollateral } from '@tacit/attestation'
import { keypairFromSeed } from '@tacit/crypto'
import { native } from '@tacit/crypto/native'
import {
  createDevPlatform,
  type DevPlatform,
  type DevPlatformOptions,
  type DevTd,
} from '@tacit/platform-dev'
import { createMemoryStore, createOverlay } from '@tacit/state'
import { attemptIn } from '../../execution/environment.ts'
import { compose, type FoundCall } from '../../framework/composition.ts'
import type {
  BlockContext,
  DispatchContext,
  HostServices,
  PalletContext,
} from '../../framework/context.ts'
import type { DispatchError } from '../../framework/dispatch-error.ts'
import type { RuntimeEvent } from '../../framework/events.ts'
import type { ChainClass, GenesisSpec } from '../../framework/genesis-spec.ts'
import type { Origin } from '../../framework/origin.ts'
import type { State } from '../../framework/state.ts'
import type { TransactionValidityError, ValidTransaction } from '../../framework/validity.ts'
import {
  gpuDeviceSet,
  gpuEvidenceHash,
  gpuNonce,
  type CpuEvidence,
  type Evidence,
  type GpuEvidence,
} from '../../protocol/evidence.ts'
import { registrationReportData, type Role } from '../../protocol/registration.ts'
import { attestationPallet } from '../attestation/index.ts'
import { balancesPallet } from '../balances/index.ts'
import { balancesStorage } from '../balances/types.ts'
import { consensusPallet } from '../consensus/index.ts'
import { contractsPallet } from '../contracts/index.ts'
import { keysPallet } from '../keys/index.ts'
import { systemStorage } from '../system/types.ts'
import { timestampPallet } from '../timestamp/index.ts'
import { workersPallet } from '../workers/index.ts'
import type { RegisterArgs } from '../workers/calls.ts'
import { eventSink } from '../../testing/event-sink.ts'

/** Unix seconds at which every test world begins. */
export const START = 1_790_000_000
export const PHA: bigint = 10n ** 12n
export const CHAIN: Hash = filled(0x99) as Hash

export function filled(byte: number, length = 32): Uint8Array {
  return new Uint8Array(length).fill(byte)
}

export const ALICE: AccountId = filled(0xa1) as AccountId
export const BOB: AccountId = filled(0xb0) as AccountId
export const CAROL: AccountId = filled(0xca) as AccountId
export const OPERATOR: AccountId = filled(0x0b) as AccountId
const ACCOUNTS = [ALICE, BOB, CAROL, OPERATOR]

/** Programs of the test network by role: 48 bytes each. */
export const IMAGES: { readonly Contracts: Uint8Array; readonly Gatekeeper: Uint8Array } = {
  Contracts: filled(0x11, 48),
  Gatekeeper: filled(0x22, 48),
}
export type ServingRole = keyof typeof IMAGES

export type Outcome = Result<void, DispatchError>
export type Validity = Result<ValidTransaction, TransactionValidityError>

/** A chain without extrinsics, fees and roots: pallets, storage and a clock. */
export interface World {
  readonly state: State
  readonly platform: DevPlatform
  readonly block: BlockContext
  /** Events of the last dispatch that took effect. */
  readonly events: readonly RuntimeEvent[]
  /** Decodes the call from its own bytes, runs it in a layer, and checks the money. */
  dispatch(origin: Origin, pallet: string, name: string, args: unknown): Outcome
  signed(who: AccountId, pallet: string, name: string, args: unknown): Outcome
  unsigned(pallet: string, name: string, args: unknown): Outcome
  validate(pallet: string, name: string, args: unknown): Validity
  nextBlock(count?: number): void
  /** Moves the clock. */
  pass(seconds: number): void
}

export type WorldOptions = {
  readonly chainClass?: ChainClass
  readonly platform?: DevPlatform
  readonly roots?: readonly DevPlatform['root'][]
  /** JSON. */
  readonly policy?: Uint8Array
}

const COMPOSITION = compose([
  timestampPallet,
  consensusPallet,
  balancesPallet,
  attestationPallet,
  workersPallet,
  keysPallet,
  contractsPallet,
])

export function devPlatform({ seed = 7, ...options }: DevPlatformChanges = {}): DevPlatform {
  return createDevPlatform({ seed: filled(seed), now: START, ...options })
}

export type DevPlatformChanges = Partial<Omit<DevPlatformOptions, 'seed'>> & {
  readonly seed?: number
}

export function createWorld(options: WorldOptions = {}): World {
  const { chainClass = 'development', platform = devPlatform() } = options
  const overlay = createOverlay(createMemoryStore())
  const state: State = {
    hashes: native.hashes,
    get: (key) => overlay.get(key),
    set: (key, value) => overlay.set(key, value),
    load: (key, form) => overlay.load(key, form),
    store: (key, value, form) => overlay.store(key, value, form),
    delete: (key) => overlay.delete(key),
    keysWithPrefix: (prefix, after, limit) => [...overlay.keysWithPrefix(prefix, after, limit)],
  }
  const block: MutableBlock = {
    number: 0,
    parentHash: filled(0) as Hash,
    nowMs: BigInt(START) * 1_000n,
  }
  const events: RuntimeEvent[] = []
  const host: HostServices = { verify: (check) => native.verify(check), log: () => {} }
  const context: DispatchContext = {
    state,
    host,
    block,
    deposit: (event) => void events.push(event),
    attempt: attemptIn(overlay, eventSink(events)),
  }
  const spec = genesisSpec(chainClass, platform, options)
  for (const pallet of COMPOSITION.pallets) pallet.genesis?.(context, spec)
  const run = createDispatcher(context, events)
  const nextBlock = (count = 1): void => {
    for (let made = 0; made < count; made++) advance(context, block)
  }
  nextBlock()
  return {
    state,
    platform,
    block,
    events,
    dispatch: run,
    signed: (who, ...call) => run({ type: 'Signed', who }, ...call),
    unsigned: (...call) => run({ type: 'None' }, ...call),
    validate: (...call) => validate(context, ...call),
    nextBlock,
    pass: (seconds) => {
      block.nowMs += BigInt(seconds) * 1_000n
    },
  }
}

type MutableBlock = { number: number; parentHash: Hash; nowMs: bigint }

function genesisSpec(
  chainClass: ChainClass,
  platform: DevPlatform,
  { roots = [platform.root], policy }: WorldOptions,
): GenesisSpec {
  const measurements = (['Contracts', 'Gatekeeper'] as const).map((role) => ({
    role: { type: role },
    measurement: measurementOf(platform, role),
  }))
  return {
    chainClass,
    timeMs: BigInt(START) * 1_000n,
    authorities: [{ id: filled(1), weight: 1n }],
    balances: ACCOUNTS.map((who) => ({ who, free: 1_000n * PHA })),
    attestation: { roots, measurements, ...(policy ? { policy } : {}) },
  }
}

/** Each signed call has the next nonce, whoever signs. */
function createDispatcher(context: DispatchContext, events: RuntimeEvent[]): World['dispatch'] {
  let nonce = 0
  return (origin, ...call) => {
    const { definition, args } = find(...call)
    definition.weight(args)
    events.length = 0
    const signing = origin.type === 'Signed' ? { nonce: nonce++ } : {}
    const inner = { ...context, origin, extrinsicIndex: 2, ...signing }
    const outcome = context.attempt(() => definition.dispatch(inner, args))
    checkMoney(context.state)
    return outcome.ok ? ok() : outcome
  }
}

function validate(context: PalletContext, pallet: string, name: string, args: unknown): Validity {
  const found = find(pallet, name, args)
  if (!found.pallet.validateUnsigned) throw new InvariantError(`${pallet} has no unsigned calls`)
  return found.pallet.validateUnsigned({ ...context, source: 'External' }, name, found.args)
}

function advance(context: DispatchContext, block: MutableBlock): void {
  block.parentHash = hashAt(block.number)
  systemStorage.BlockHash.set(context.state, block.number, block.parentHash)
  block.number++
  for (const { hooks } of COMPOSITION.pallets) hooks?.onInitialize?.(context)
}

/** The call as its bytes, a view at an odd offset, are decoded. */
function find(pallet: string, name: string, args: unknown): FoundCall {
  const bytes = encode(COMPOSITION.call, { type: pallet, value: { type: name, value: args } })
  const shifted = new Uint8Array(bytes.length + 3)
  shifted.set(bytes, 3)
  return COMPOSITION.find(unwrap(decode(COMPOSITION.call, shifted.subarray(3)), 'call'))
}

/** The hash of a block of every test world. */
export function hashAt(number: number): Hash {
  if (number === 0) return CHAIN
  const hash = filled(0x42)
  new DataView(hash.buffer).setUint32(0, number)
  return hash as Hash
}

/** Issuance is exact, and what an account has reserved is what it has on hold. */
export function checkMoney(state: State): void {
  let total = 0n
  for (const { keys, value } of systemStorage.Account.entries(state)) {
    const { free, reserved } = value.data
    total += free + reserved
    const holds = balancesStorage.Holds.get(state, ...keys)
    const held = holds.reduce((sum, { amount }) => sum + amount, 0n)
    if (held !== reserved) throw new InvariantError('reserved is not what is held')
  }
  const { TotalIssuance, GenesisIssuance, Minted, Burned } = balancesStorage
  const issued = GenesisIssuance.get(state) + Minted.get(state) - Burned.get(state)
  if (total !== TotalIssuance.get(state)) throw new InvariantError('accounts are not the issuance')
  if (total !== issued) throw new InvariantError('issuance is not genesis + minted - burned')
}

export function measurementOf(platform: DevPlatform, role: ServingRole): Hash {
  const td = platform.launchTd({ image: IMAGES[role], role })
  return measurementId({ tee: 'tdx', ...td }, native.hashes) as Hash
}

/** An enclave of the test network: its keys, and how it registers. */
export interface Enclave {
  readonly role: ServingRole
  readonly publicKey: Uint8Array
  sign(message: Uint8Array): Uint8Array
  /** Honest arguments for the newest block, except for what is given. */
  registration(world: World, changes?: RegistrationChanges): RegisterArgs
}

export type RegistrationChanges = {
  readonly operator?: AccountId
  readonly slot?: number
  readonly td?: DevTd
  readonly recentNumber?: number
  readonly recentHash?: Hash
  readonly encryptionKey?: Uint8Array
  readonly genesis?: Hash
  /** Role in the report data where it is another than in the call. */
  readonly boundRole?: Role
  readonly platform?: DevPlatform
  /** What the CPU's TEE says, in place of a quote of the platform's. */
  readonly cpu?: (reportData: Uint8Array) => CpuEvidence
  /** What GPUs say to the nonce that is made of their chains. */
  readonly gpus?: {
    readonly chains: readonly Uint8Array[]
    report(nonce: Uint8Array): GpuEvidence
  }
  /** In place of that nonce. */
  readonly gpuNonce?: Uint8Array
  readonly reportData?: Uint8Array
}

export function createEnclave(role: ServingRole, seed: number): Enclave {
  const pair = keypairFromSeed('ed25519', filled(seed))
  return {
    role,
    publicKey: pair.publicKey,
    sign: (message) => pair.sign(message),
    registration: (world, changes = {}) => registrationOf(world, role, pair.publicKey, changes),
  }
}

function registrationOf(
  world: World,
  type: ServingRole,
  signingKey: Uint8Array,
  changes: RegistrationChanges,
): RegisterArgs {
  const { operator = OPERATOR, slot = 0, platform = world.platform } = changes
  const recentNumber = changes.recentNumber ?? world.block.number - 1
  const recentHash = changes.recentHash ?? hashAt(recentNumber)
  const encryptionKey = changes.encryptionKey ?? filled(0xe5)
  const gpu = collectGpus(signingKey, recentNumber, recentHash, changes)
  const binding = {
    genesis: changes.genesis ?? CHAIN,
    role: changes.boundRole ?? ({ type } as const),
    slot: { operator, index: slot },
    signingKey,
    encryptionKey,
    recentNumber,
    recentHash,
    gpuEvidence: gpu && gpuEvidenceHash(native.hashes, gpu),
  }
  const reportData = changes.reportData ?? registrationReportData(native.hashes, binding)
  return {
    role: { type },
    slot,
    signingKey,
    encryptionKey,
    recentNumber,
    recentHash,
    endpoint: 'http://127.0.0.1:9946',
    evidence: {
      cpu:
        changes.cpu?.(reportData) ??
        dcapEvidence(launch(platform, type, changes).quote(reportData)).cpu,
      gpu,
    },
  }
}

function collectGpus(
  instance: Uint8Array,
  recentNumber: number,
  recentHash: Hash,
  { gpus, gpuNonce: given, genesis = CHAIN }: RegistrationChanges,
): GpuEvidence | undefined {
  const chains = gpus?.chains.map((certificateChain) => ({ certificateChain })) ?? []
  const devices = gpuDeviceSet(native.hashes, chains)
  const purpose = { type: 'Registration' } as const
  const binding = { genesis, instance, purpose, recentNumber, recentHash, devices }
  return gpus?.report(given ?? gpuNonce(native.hashes, binding))
}

function launch(platform: DevPlatform, role: ServingRole, { td }: RegistrationChanges): DevTd {
  return td ?? platform.launchTd({ image: IMAGES[role], role })
}

export function dcapEvidence(quote: Uint8Array): Evidence {
  return { cpu: { type: 'Dcap', value: { quote } }, gpu: undefined }
}

/** A world with collateral for TDX. */
export function createAttestedWorld(options: WorldOptions = {}): World {
  const world = createWorld(options)
  submit(world, world.platform.collateral())
  return world
}

export function submit(world: World, collateral: DcapCollateral, who: AccountId = CAROL): void {
  unwrap(world.signed(who, 'Attestation', 'submit_collateral', { collateral }), 'collateral')
}

export function register(world: World, enclave: Enclave, changes: RegistrationChanges = {}): void {
  const args = enclave.registration(world, changes)
  const operator = changes.operator ?? OPERATOR
  unwrap(world.signed(operator, 'Workers', 'register', args), 'register')
}

/** The code of a failed outcome. */
export function codeOf(outcome: Result<unknown, { readonly code: string }>): string {
  return outcome.ok ? 'ok' : outcome.error.code
}
