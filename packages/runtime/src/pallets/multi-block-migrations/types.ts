import { option, struct, tuple, u32, unit, variant, type CaseOf, type Codec } from '@tacit/base'
import { boundedVecOfBytes } from '../../framework/bounded.ts'
import { defineEvents, type Events } from '../../framework/events.ts'
import {
  defineStorage,
  storageMap,
  storageValue,
  type OptionalMap,
  type OptionalValue,
} from '../../framework/storage.ts'
import type { Weight } from '../../framework/weights.ts'
import { MAX_NORMAL_WEIGHT } from '../../limits.ts'

export const MIGRATIONS_INDEX = 46
/** What migrations may use of a block, in which nothing but its inherents happens beside them. */
export const MAX_SERVICE_WEIGHT: Weight = MAX_NORMAL_WEIGHT
export const CURSOR_MAX_LENGTH = 65_536
export const IDENTIFIER_MAX_LENGTH = 256

/** Which migration runs, by its place in the list of all. */
export type ActiveCursor = {
  readonly index: number
  /** Where it stopped. */
  readonly inner_cursor: Uint8Array | undefined
  /** The block in which it began. */
  readonly started_at: number
}
/** Stuck: a migration failed, and the rules are to be mended. */
export type Cursor = CaseOf<'Active', ActiveCursor> | CaseOf<'Stuck'>

/** Which migration was begun, by its id, and where it stopped. */
export type Position = readonly [id: Uint8Array, cursor: Uint8Array | undefined]

const innerCursor = boundedVecOfBytes(CURSOR_MAX_LENGTH)
const identifier = boundedVecOfBytes(IDENTIFIER_MAX_LENGTH)
const params = [
  { name: 'Cursor', type: innerCursor.type },
  { name: 'BlockNumber', type: u32.type },
]
const activeCursor: Codec<ActiveCursor> = struct(
  { index: u32, inner_cursor: option(innerCursor), started_at: u32 },
  { path: ['pallet_migrations', 'ActiveCursor'], params },
)
const cursor: Codec<Cursor> = variant(
  { Active: [0, activeCursor], Stuck: [1] },
  { path: ['pallet_migrations', 'MigrationCursor'], params },
)

export type MigrationsStorage = {
  readonly Cursor: OptionalValue<Cursor>
  readonly Historic: OptionalMap<Uint8Array, undefined>
  readonly Position: OptionalValue<Position>
}

export const migrationsStorage: MigrationsStorage = defineStorage<MigrationsStorage>(
  'MultiBlockMigrations',
  {
    Cursor: storageValue({ value: cursor, docs: ['Which migration runs; absent if none does.'] }),
    Historic: storageMap({
      hasher: 'Twox64Concat',
      key: identifier,
      value: unit,
      docs: ['Ids of all migrations that came to their end.'],
    }),
    Position: storageValue({
      value: tuple(identifier, option(innerCursor)),
      docs: ['The migration that was begun, from where later rules go on if these fail.'],
    }),
  },
)

type Index = { readonly index: number }
type Progress = Index & { readonly took: number }

export type MigrationsEvents = Events<{
  UpgradeStarted: { readonly migrations: number }
  UpgradeCompleted: undefined
  UpgradeFailed: undefined
  MigrationSkipped: Index
  MigrationAdvanced: Progress
  MigrationCompleted: Progress
  MigrationFailed: Progress
}>

const progress = struct({ index: u32, took: u32 })

/** Indices as in pallet_migrations. */
export const migrationsEvents: MigrationsEvents = defineEvents(
  'MultiBlockMigrations',
  MIGRATIONS_INDEX,
  {
    UpgradeStarted: [0, struct({ migrations: u32 }), 'New rules begin to migrate storage.'],
    UpgradeCompleted: [1, unit, 'All storage is as the rules have it: calls are taken again.'],
    UpgradeFailed: [2, unit, 'The upgrade stopped; the rules are to be mended.'],
    MigrationSkipped: [3, struct({ index: u32 }), 'Storage is beyond this migration already.'],
    MigrationAdvanced: [4, progress, 'A migration went on, and goes on in the next block.'],
    MigrationCompleted: [5, progress, 'A migration came to its end.'],
    MigrationFailed: [6, progress, 'A step or a check of a migration failed, and was undone.'],
  },
)
