import { equalBytes, err, ok, utf8, type Result } from '@tacit/base'
import type { DispatchContext } from '../../framework/context.ts'
import { setStoredVersion, storedVersion, type Migration } from '../../framework/migration.ts'
import type { Pallet } from '../../framework/pallet.ts'
import type { State } from '../../framework/state.ts'
import { createWeightMeter, type WeightMeter } from '../../framework/weight-meter.ts'
import { addWeights, weigh, type Weight } from '../../framework/weights.ts'
import {
  CURSOR_MAX_LENGTH,
  MAX_SERVICE_WEIGHT,
  migrationsEvents,
  migrationsStorage,
  type ActiveCursor,
} from './types.ts'

const { Cursor, Historic, Position } = migrationsStorage
/** Reading where migrations are, and writing it. */
const SERVICE_WEIGHT: Weight = weigh({ reads: 2, writes: 2 })

/** One migration of all that the pallets have, in their order. */
type Entry = { readonly pallet: string; readonly migration: Migration; readonly id: Uint8Array }

type Run = {
  readonly context: DispatchContext
  readonly pallets: readonly Pallet[]
  readonly meter: WeightMeter
}

/** Whether a pallet's storage may not be as the rules have it: only inherents are taken. */
export function isMigrating(state: State): boolean {
  return Cursor.has(state)
}

/**
 * Begins to migrate if some pallet's storage is of another version than its declaration. What an
 * earlier upgrade left in the middle goes on from there. A pallet without any storage is new.
 */
export function beginMigrations(context: DispatchContext, pallets: readonly Pallet[]): void {
  const { state, block } = context
  for (const { name, storageVersion } of pallets) {
    const begun = state.keysWithPrefix(state.hashes.twox128(utf8(name)), undefined, 1).length > 0
    if (!begun) setStoredVersion(state, name, storageVersion)
  }
  if (!Cursor.has(state) && pallets.every((pallet) => isCurrent(state, pallet))) return
  const entries = entriesOf(pallets)
  const active = { index: 0, inner_cursor: undefined, started_at: block.number }
  Cursor.set(state, { type: 'Active', value: active })
  context.deposit(migrationsEvents.UpgradeStarted({ migrations: entries.length }))
  const begun = Position.get(state)?.[0]
  if (begun && !entries.some(({ id }) => equalBytes(id, begun)))
    stop(context, 'a migration that was begun is not among these')
}

/** Goes on with migrations, as far as a block allows. @returns what it used. */
export function stepMigrations(context: DispatchContext, pallets: readonly Pallet[]): Weight {
  const run = { context, pallets, meter: createWeightMeter(MAX_SERVICE_WEIGHT) }
  run.meter.use(SERVICE_WEIGHT)
  const entries = entriesOf(pallets)
  for (;;) {
    const cursor = Cursor.get(context.state)
    if (cursor?.type !== 'Active') return run.meter.used
    const entry = entries[cursor.value.index]
    if (!entry) finish(run)
    else if (!advance(run, entry, cursor.value)) return run.meter.used
  }
}

function isCurrent(state: State, { name, storageVersion }: Pallet): boolean {
  return (storedVersion(state, name) ?? 0) === storageVersion
}

function entriesOf(pallets: readonly Pallet[]): readonly Entry[] {
  return pallets.flatMap(({ name, migrations }) =>
    migrations.map((migration) => {
      const id = utf8(`${name}/${migration.from}/${migration.to}`)
      return { pallet: name, migration, id }
    }),
  )
}

/** All migrations are through: every pallet must be where its declaration is. */
function finish({ context, pallets }: Run): void {
  const { state } = context
  const wrong = pallets.find((pallet) => !isCurrent(state, pallet))
  if (wrong) {
    const stored = storedVersion(state, wrong.name) ?? 0
    const gap = `no migration from version ${stored} to ${wrong.storageVersion}`
    return stop(context, `${wrong.name}: ${gap}`)
  }
  Cursor.delete(state)
  context.deposit(migrationsEvents.UpgradeCompleted(undefined))
}

/** Whether this block goes on with the cursor that is stored then. */
function advance(run: Run, entry: Entry, active: ActiveCursor): boolean {
  const { context } = run
  const { index, started_at } = active
  const stored = storedVersion(context.state, entry.pallet) ?? 0
  if (stored >= entry.migration.to) {
    context.deposit(migrationsEvents.MigrationSkipped({ index }))
    goTo(context, index + 1)
    return true
  }
  const took = context.block.number - started_at
  const steps = stored === entry.migration.from ? runSteps(run, entry, active) : unreadable(stored)
  if (!steps.ok) {
    context.deposit(migrationsEvents.MigrationFailed({ index, took }))
    stop(context, `${entry.pallet}: ${steps.error}`)
  } else if (steps.value === 'advanced') {
    context.deposit(migrationsEvents.MigrationAdvanced({ index, took }))
  } else if (steps.value === 'done') {
    context.deposit(migrationsEvents.MigrationCompleted({ index, took }))
    goTo(context, index + 1)
    return true
  }
  return false
}

function unreadable(stored: number): Result<never, string> {
  return err(`no migration from version ${stored}`)
}

/** Runs steps while the block has room; where they stop is stored, also if the next one fails. */
function runSteps(
  run: Run,
  entry: Entry,
  active: ActiveCursor,
): Result<'done' | 'advanced' | 'waiting', string> {
  const { context, meter } = run
  const room = withChecks(entry.migration.stepWeight)
  if (!createWeightMeter(MAX_SERVICE_WEIGHT).fits(addWeights(SERVICE_WEIGHT, room)))
    return err('a step does not fit into a block')
  const position = Position.get(context.state)
  let begun = position !== undefined && equalBytes(position[0], entry.id)
  let cursor = begun ? position?.[1] : undefined
  let advanced = false
  while (meter.fits(room)) {
    const next = context.attempt(() => runStep(run, entry, cursor, begun))
    if (next.ok && next.value === undefined) return ok('done')
    if (!next.ok) {
      if (begun) Position.set(context.state, [entry.id, cursor])
      return next
    }
    cursor = next.value
    begun = true
    advanced = true
  }
  if (!advanced) return ok('waiting')
  Position.set(context.state, [entry.id, cursor])
  Cursor.set(context.state, { type: 'Active', value: { ...active, inner_cursor: cursor } })
  return ok('advanced')
}

/** One step, with the check before the first one, and the one behind the last. */
function runStep(
  { context, meter }: Run,
  { pallet, migration, id }: Entry,
  cursor: Uint8Array | undefined,
  begun: boolean,
): Result<Uint8Array | undefined, string> {
  const { stepWeight } = migration
  if (!begun) {
    meter.use(stepWeight)
    const good = migration.preCheck(context)
    if (!good.ok) return good
  }
  meter.use(stepWeight)
  const next = migration.step(context, cursor)
  if (!next.ok) return next
  if (next.value && next.value.length > CURSOR_MAX_LENGTH) return err('the cursor is too long')
  if (next.value) return next
  meter.use(stepWeight)
  setStoredVersion(context.state, pallet, migration.to)
  Historic.set(context.state, id, undefined)
  Position.delete(context.state)
  const good = migration.postCheck(context)
  return good.ok ? ok(undefined) : good
}

/** A step with both checks around it. */
function withChecks({ refTime, proofSize }: Weight): Weight {
  return { refTime: 3n * refTime, proofSize: 3n * proofSize }
}

function goTo({ state, block }: DispatchContext, index: number): void {
  const active = { index, inner_cursor: undefined, started_at: block.number }
  Cursor.set(state, { type: 'Active', value: active })
}

/** Stops the upgrade where it is: nothing but inherents is taken until later rules mend it. */
function stop(context: DispatchContext, reason: string): void {
  context.host.log('warn', `upgrade stopped: ${reason}`)
  Cursor.set(context.state, { type: 'Stuck' })
  context.deposit(migrationsEvents.UpgradeFailed(undefined))
}
