import { u32 } from '@tacit/base'
import { constant, definePallet, type Pallet } from '../../framework/pallet.ts'
import {
  CURSOR_MAX_LENGTH,
  IDENTIFIER_MAX_LENGTH,
  MIGRATIONS_INDEX,
  migrationsEvents,
  migrationsStorage,
} from './types.ts'

/**
 * pallet_migrations of polkadot-sdk (stable2509): storage and events are its own. Migrations are
 * part of the pallets' declarations, checks are part of the rules, and later rules go on where
 * earlier ones stopped. It has no calls: while storage is being migrated there is nobody to call.
 */
export const multiBlockMigrationsPallet: Pallet = definePallet({
  name: 'MultiBlockMigrations',
  index: MIGRATIONS_INDEX,
  docs: ['Brings storage into the layout of new rules, over as many blocks as it takes.'],
  storage: migrationsStorage,
  events: migrationsEvents,
  constants: {
    CursorMaxLen: constant(u32, CURSOR_MAX_LENGTH, 'Bytes of where a migration stopped.'),
    IdentifierMaxLen: constant(u32, IDENTIFIER_MAX_LENGTH, "Bytes of a migration's id."),
  },
})
