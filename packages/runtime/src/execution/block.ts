import { equalBytes, err, InvariantError, ok, type Hash, type Result } from '@tacit/base'
import type { Digest, Header } from '@tacit/light'
import { orderedTrieRoot } from '@tacit/state'
import type { Extrinsic } from '../extrinsic.ts'
import type { DispatchInfo } from '../framework/calls.ts'
import type { Composition } from '../framework/composition.ts'
import type { RuntimeEvent } from '../framework/events.ts'
import type { TransactionValidityError } from '../framework/validity.ts'
import { addWeights, exceeds, ZERO_WEIGHT, type Weight } from '../framework/weights.ts'
import type { Host } from '../host.ts'
import { CLASS_KEY, MAX_BLOCK_WEIGHT } from '../limits.ts'
import { isMigrating } from '../pallets/multi-block-migrations/migrate.ts'
import {
  BLOCK_HASH_COUNT,
  systemStorage,
  type PerClass,
  type Phase,
} from '../pallets/system/types.ts'
import { applyExtrinsic, type Outcome } from './apply.ts'
import { baseOf, dispatchInfo, lengthLimit, weightLimit } from './check.ts'
import {
  createEnvironment,
  enterBlock,
  hostState,
  palletContext,
  type Environment,
} from './environment.ts'
import { createEventLog, type EventLog } from './event-log.ts'
import { parseExtrinsic, type ExtrinsicMalformed } from './parse.ts'
import { upgrade } from './upgrade.ts'

/** Why bytes cannot be part of a block, or of this one. */
export type ExtrinsicError = TransactionValidityError | ExtrinsicMalformed

/** Why a block is not one of this chain. */
export type BlockError =
  | { readonly code: 'number_wrong' }
  | { readonly code: 'inherents_missing' }
  | { readonly code: 'extrinsic_refused'; readonly index: number; readonly error: ExtrinsicError }
  /** Execution gives another value for this field of the header. */
  | { readonly code: 'header_mismatch'; readonly field: 'stateRoot' | 'extrinsicsRoot' }

/** An included extrinsic, and what happened by it. */
export type Applied = Outcome & { readonly events: readonly RuntimeEvent[] }

/** A block that is being made in the host's storage. */
export interface BlockExecution {
  /** Executes the next extrinsic; an error has changed nothing. The inherents come first. */
  apply(bytes: Uint8Array): Result<Applied, ExtrinsicError>
  /** Closes the block: writes what remains, then asks for the root of the storage. */
  finalize(stateRoot: () => Hash): Result<Header, BlockError>
}

export type BlockStart = {
  readonly number: number
  readonly parentHash: Hash
  readonly digest: Digest
}

/** The first extrinsics of every block, unsigned, in this order. */
const INHERENTS = ['Timestamp.set', 'Consensus.note'] as const

type Totals = { lengthBytes: number; weight: PerClass<Weight> }

type Building = {
  readonly composition: Composition
  readonly host: Host
  readonly start: BlockStart
  readonly environment: Environment
  readonly log: EventLog
  readonly extrinsics: Uint8Array[]
  readonly totals: Totals
  /** Storage is not as the rules have it: no hooks but migrations, no calls but inherents. */
  migrating: boolean
}

/** Begins a block on the state of its parent. */
export function beginBlock(
  composition: Composition,
  host: Host,
  start: BlockStart,
): BlockExecution {
  const log = createEventLog()
  const extrinsics: Uint8Array[] = []
  let phase: Phase = { type: 'Initialization' }
  const parent = { number: start.number - 1, hash: start.parentHash }
  const environment = createEnvironment(composition, host, parent, {
    get length() {
      return log.length
    },
    deposit: (event) => log.add(phase, event),
    truncate: (length) => log.truncate(length),
  })
  const totals: Totals = {
    lengthBytes: 0,
    weight: { normal: ZERO_WEIGHT, operational: ZERO_WEIGHT, mandatory: ZERO_WEIGHT },
  }
  const parts = { composition, host, start, environment, log, extrinsics, totals }
  const building: Building = { ...parts, migrating: false }
  initialize(building)
  return {
    apply: (bytes) => {
      phase = { type: 'ApplyExtrinsic', value: extrinsics.length }
      return applyNext(building, bytes)
    },
    finalize: (stateRoot) => {
      phase = { type: 'Finalization' }
      return finalize(building, stateRoot)
    },
  }
}

function initialize(building: Building): void {
  const { environment, start, totals, composition } = building
  const { state } = environment
  if (systemStorage.Number.get(state) + 1 !== start.number)
    throw new InvariantError(`block ${start.number} does not follow the state's`)
  enterBlock(environment)
  systemStorage.Digest.set(state, start.digest)
  use(totals, 'mandatory', upgrade(palletContext(environment), composition))
  building.migrating = isMigrating(state)
  if (building.migrating) return
  for (const { hooks } of composition.pallets) {
    const weight = hooks?.onInitialize?.(palletContext(environment)) ?? ZERO_WEIGHT
    use(totals, 'mandatory', weight)
  }
}

function applyNext(building: Building, bytes: Uint8Array): Result<Applied, ExtrinsicError> {
  const { composition, environment, log, extrinsics, totals } = building
  const parsed = parseExtrinsic(composition, bytes)
  if (!parsed.ok) return parsed
  const extrinsic = parsed.value
  const found = composition.find(extrinsic.call)
  const info = dispatchInfo(found)
  const placed = checkPlace(building, extrinsic, info)
  if (!placed.ok) return placed
  if (building.migrating && info.class !== 'Mandatory') return err({ code: 'exhausts_resources' })
  const room = checkRoom(totals, info, extrinsic)
  if (!room.ok) return room
  const mark = log.length
  const applied = applyExtrinsic(environment, { extrinsic, found, info }, extrinsics.length)
  if (!applied.ok) return applied
  extrinsics.push(bytes)
  totals.lengthBytes += extrinsic.lengthBytes
  use(totals, CLASS_KEY[info.class], applied.value.weight)
  return ok({ ...applied.value, events: log.since(mark) })
}

/** Inherents stand at the front of a block and nowhere else. */
function checkPlace(
  { extrinsics }: Building,
  { call, signed }: Extrinsic,
  info: DispatchInfo,
): Result<void, ExtrinsicError> {
  const expected = INHERENTS[extrinsics.length]
  const mandatory = info.class === 'Mandatory'
  const fits = expected
    ? signed === undefined && `${call.type}.${call.value.type}` === expected
    : !mandatory
  return fits ? ok() : err({ code: 'call' })
}

function checkRoom(
  { lengthBytes, weight }: Totals,
  info: DispatchInfo,
  extrinsic: Extrinsic,
): Result<void, ExtrinsicError> {
  if (info.class === 'Mandatory') return ok()
  const added = addWeights(info.weight, baseOf(extrinsic))
  const ofClass = addWeights(weight[CLASS_KEY[info.class]], added)
  const ofAll = [weight.normal, weight.operational, weight.mandatory].reduce(addWeights, added)
  const fits =
    lengthBytes + extrinsic.lengthBytes <= lengthLimit(info.class) &&
    !exceeds(ofClass, weightLimit(info.class)) &&
    !exceeds(ofAll, MAX_BLOCK_WEIGHT)
  return fits ? ok() : err({ code: 'exhausts_resources' })
}

function use(totals: Totals, key: keyof PerClass<Weight>, weight: Weight): void {
  totals.weight = { ...totals.weight, [key]: addWeights(totals.weight[key], weight) }
}

function finalize(building: Building, stateRoot: () => Hash): Result<Header, BlockError> {
  const { composition, environment, extrinsics, host, log, start, totals } = building
  const { state } = environment
  if (extrinsics.length < INHERENTS.length) return err({ code: 'inherents_missing' })
  if (!building.migrating)
    for (const { hooks } of composition.pallets) hooks?.onFinalize?.(palletContext(environment))
  systemStorage.ExtrinsicCount.set(state, extrinsics.length)
  systemStorage.BlockWeight.set(state, totals.weight)
  systemStorage.EventCount.set(state, log.length)
  state.set(composition.eventsStorage.Events.key(host.hashes), log.encode())
  const expired = start.number - BLOCK_HASH_COUNT - 1
  if (expired > 0) systemStorage.BlockHash.delete(state, expired)
  const { number, parentHash, digest } = start
  const extrinsicsRoot = orderedTrieRoot(extrinsics, host.hashes.blake2b256)
  return ok({ parentHash, number, stateRoot: stateRoot(), extrinsicsRoot, digest })
}

/** A whole block as it travels. */
export type Block = { readonly header: Header; readonly extrinsics: readonly Uint8Array[] }

/** Replays a block on the state of its parent; its header must come out the same. */
export function replayBlock(
  composition: Composition,
  host: Host,
  { header, extrinsics }: Block,
  stateRoot: () => Hash,
): Result<readonly Applied[], BlockError> {
  if (systemStorage.Number.get(hostState(host)) + 1 !== header.number)
    return err({ code: 'number_wrong' })
  const block = beginBlock(composition, host, header)
  const all: Applied[] = []
  for (const [index, bytes] of extrinsics.entries()) {
    const applied = block.apply(bytes)
    if (!applied.ok) return err({ code: 'extrinsic_refused', index, error: applied.error })
    all.push(applied.value)
  }
  const made = block.finalize(stateRoot)
  if (!made.ok) return made
  for (const field of ['stateRoot', 'extrinsicsRoot'] as const)
    if (!equalBytes(made.value[field], header[field]))
      return err({ code: 'header_mismatch', field })
  return ok(all)
}
