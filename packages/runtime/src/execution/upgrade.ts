import { utf8 } from '@tacit/base'
import type { Composition } from '../framework/composition.ts'
import type { DispatchContext } from '../framework/context.ts'
import { setStoredVersion } from '../framework/migration.ts'
import type { State } from '../framework/state.ts'
import { ZERO_WEIGHT, type Weight } from '../framework/weights.ts'
import {
  beginMigrations,
  isMigrating,
  stepMigrations,
} from '../pallets/multi-block-migrations/migrate.ts'
import { systemStorage } from '../pallets/system/types.ts'
import { SPEC_NAME } from '../version.ts'

/** Where Substrate keeps the runtime's code; clients ask for the hash of what is there. */
const CODE_KEY = utf8(':code')

/** Says in the first state by which rules and in which versions of layouts it was made. */
export function writeVersions(state: State, { pallets, specVersion }: Composition): void {
  for (const { name, storageVersion } of pallets) setStoredVersion(state, name, storageVersion)
  enterRules(state, specVersion)
}

/**
 * Whether the state may not be as these rules have it: they are new to it, or migrations run or
 * have failed.
 */
export function awaitsMigration(state: State, { specVersion }: Composition): boolean {
  return !knowsRules(state, specVersion) || isMigrating(state)
}

/**
 * The first work of a block: if these rules are new to the state, looks whether storage has to be
 * migrated; then goes on with that. @returns what it used.
 */
export function upgrade(context: DispatchContext, composition: Composition): Weight {
  const { state } = context
  const { pallets, specVersion } = composition
  if (!knowsRules(state, specVersion)) {
    beginMigrations(context, pallets)
    enterRules(state, specVersion)
  }
  return isMigrating(state) ? stepMigrations(context, pallets) : ZERO_WEIGHT
}

function knowsRules(state: State, specVersion: number): boolean {
  return systemStorage.LastRuntimeUpgrade.get(state)?.spec_version === specVersion
}

function enterRules(state: State, specVersion: number): void {
  state.set(CODE_KEY, utf8(`${SPEC_NAME}/${specVersion}`))
  const last = { spec_version: specVersion, spec_name: SPEC_NAME }
  systemStorage.LastRuntimeUpgrade.set(state, last)
}
