import { bytesToHex, err, ok, struct, u32, u64, unwrap, utf8, type Result } from '@tacit/base'
import { beforeEach, describe, expect, test } from 'vitest'
import type { PalletContext } from '../../framework/context.ts'
import { storageVersionKey, storedVersion, type Migration } from '../../framework/migration.ts'
import { definePallet, type Pallet } from '../../framework/pallet.ts'
import {
  defineStorage,
  storageMap,
  storageValue,
  type StorageMap,
} from '../../framework/storage.ts'
import { weigh, ZERO_WEIGHT } from '../../framework/weights.ts'
import { createRuntime, PALLETS, type Runtime } from '../../runtime.ts'
import type { TestChain } from '../../testing/chain.ts'
import { hashes } from '../../testing/crypto.ts'
import {
  alice,
  contextOf,
  dave,
  refusedInBlock,
  richChain,
  transferCall,
} from '../../testing/scenario.ts'
import { SPEC_VERSION } from '../../version.ts'
import { scheduleTask } from '../scheduler/schedule.ts'
import { systemStorage } from '../system/types.ts'
import { isMigrating } from './migrate.ts'
import { CURSOR_MAX_LENGTH, MAX_SERVICE_WEIGHT, migrationsStorage } from './types.ts'

/** Entries of the old layout; a step converts a sixtieth. */
let size = 120
/** Less than a third of all steps fit into a block. */
const stepWeight = { refTime: MAX_SERVICE_WEIGHT.refTime / 20n, proofSize: 0n }

/** Version 0: numbers. Version 1: numbers with their doubles, and how many there are. */
const old = defineStorage<{ Entries: StorageMap<number, number> }>('Ledger', {
  Entries: storageMap({ hasher: 'Twox64Concat', key: u32, value: u32, default: 0, docs: [] }),
})
const entry = struct({ value: u32, double: u64 })
const NOTHING = { value: 0, double: 0n }
const present = defineStorage('Ledger', {
  Entries: storageMap({
    hasher: 'Twox64Concat',
    key: u32,
    value: entry,
    default: NOTHING,
    docs: [],
  }),
  Count: storageValue({ value: u32, default: 0, docs: [] }),
})

type Options = {
  readonly preCheck?: Migration['preCheck']
  readonly postCheck?: Migration['postCheck']
  /** Looks at each entry; an error stops the migration there. */
  readonly convert?: (key: number, value: number) => Result<void, string>
}

/** The cursor is the raw key of the last entry that was converted. */
function doubles({ preCheck, postCheck, convert = () => ok() }: Options = {}): Migration {
  return {
    from: 0,
    to: 1,
    stepWeight,
    preCheck: preCheck ?? (({ state }) => (old.Entries.has(state, 0) ? ok() : err('no entries'))),
    step({ state }, cursor) {
      const keys = state.keysWithPrefix(old.Entries.prefix(hashes), cursor, size / 60)
      for (const key of keys) {
        const [number] = unwrap(old.Entries.decodeKey(key))
        const value = old.Entries.get(state, number)
        present.Entries.set(state, number, { value, double: 2n * BigInt(value) })
        const good = convert(number, value)
        if (!good.ok) return good
      }
      present.Count.set(state, present.Count.get(state) + keys.length)
      return ok(keys.at(-1))
    },
    postCheck:
      postCheck ??
      (({ state }) => (present.Count.get(state) === size ? ok() : err('entries are missing'))),
  }
}

const pallet = (declared: Partial<Pallet>): Pallet =>
  definePallet({ name: 'Ledger', index: 99, docs: [], ...declared })
const before = pallet({
  storage: old,
  genesis: ({ state }) => {
    for (let key = 0; key < size; key++) old.Entries.set(state, key, 7 * key)
  },
})
const after = (migrations: readonly Migration[] = [doubles()], storageVersion = 1): Pallet =>
  pallet({
    storage: present,
    storageVersion,
    migrations,
    hooks: {
      // Halts if it sees an entry of the old layout.
      onInitialize: ({ state }: PalletContext) => {
        present.Entries.get(state, size - 1)
        present.Entries.get(state, 0)
        return ZERO_WEIGHT
      },
      onFinalize: ({ state }: PalletContext) => void present.Entries.get(state, 0),
    },
  })
const rules = (ledger: Pallet, specVersion: number): Runtime =>
  createRuntime([...PALLETS, ledger], undefined, specVersion)

const FIRST = rules(before, SPEC_VERSION)
const SECOND = rules(after(), SPEC_VERSION + 1)

let current: Runtime
let chain: TestChain
let warnings: string[]
beforeEach(() => begin(120))

/** Begins a chain under the first rules, whose blocks are made under the present ones. */
function begin(entries: number): void {
  size = entries
  current = FIRST
  warnings = []
  chain = richChain({
    ...FIRST,
    initializeBlock: (host, start) => {
      const log = (_: string, message: string): unknown => warnings.push(message)
      return current.initializeBlock({ ...host, log }, start)
    },
  })
}

/** Makes a block under the present rules; what the migrations said, without their pallet's name. */
function nextBlock(): [event: string, value: unknown][] {
  chain.seal(chain.begin())
  return chain
    .events()
    .filter(({ event }) => event.type === 'MultiBlockMigrations')
    .map(({ event: { value } }) => [value.type, value.value])
}
const upgradeTo = (runtime: Runtime): ReturnType<typeof nextBlock> => {
  current = runtime
  return nextBlock()
}
const cursor = (): unknown => migrationsStorage.Cursor.get(chain.state)
const version = (): number | undefined => storedVersion(chain.state, 'Ledger')
const count = (): number => present.Count.get(chain.state)
function untilDone(): void {
  for (let block = 0; isMigrating(chain.state); block++) {
    expect(block).toBeLessThan(10)
    nextBlock()
  }
}
function expectMigrated(): void {
  expect([isMigrating(chain.state), version(), count()]).toEqual([false, 1, size])
  const entries = present.Entries.entries(chain.state)
  expect(entries).toHaveLength(size)
  for (const { keys, value } of entries)
    expect(value).toEqual({ value: 7 * keys[0], double: 14n * BigInt(keys[0]) })
}
const started = (migrations = 1): [string, unknown] => ['UpgradeStarted', { migrations }]
const STUCK = { type: 'Stuck' }

describe('versions', () => {
  test("of layouts lie where FRAME keeps them, from genesis on, and the rules' too", () => {
    const { state } = chain
    expect(bytesToHex(storageVersionKey(state, 'System'))).toBe(
      '26aa394eea5630e07c48ae0c9558cef74e7b9012096b41c4eb3aaf947f6ea429',
    )
    const versions = ['System', 'Balances', 'Preimage', 'Scheduler', 'Vesting', 'Ledger']
    expect(versions.map((name) => storedVersion(state, name))).toEqual([0, 1, 1, 4, 0, 0])
    expect(bytesToHex(state.get(storageVersionKey(state, 'Scheduler')) as Uint8Array)).toBe('0400')
    expect(state.get(utf8(':code'))).toEqual(utf8(`tacit/${SPEC_VERSION}`))
    upgradeTo(SECOND)
    expect(state.get(utf8(':code'))).toEqual(utf8(`tacit/${SPEC_VERSION + 1}`))
    expect(systemStorage.LastRuntimeUpgrade.get(state)).toEqual({
      spec_name: 'tacit',
      spec_version: SPEC_VERSION + 1,
    })
  })

  test('of rules alone begin no migration', () => {
    expect(nextBlock()).toEqual([])
    expect(upgradeTo(rules(before, SPEC_VERSION + 1))).toEqual([])
    expect(nextBlock()).toEqual([])
  })

  test('of a new pallet are those of its declaration', () => {
    const added = definePallet({ name: 'Added', index: 100, docs: [], storageVersion: 9 })
    const runtime = createRuntime([...PALLETS, before, added], undefined, SPEC_VERSION + 1)
    expect(upgradeTo(runtime)).toEqual([])
    expect(storedVersion(chain.state, 'Added')).toBe(9)
  })
})

describe('a migration', () => {
  test('goes on over blocks with nothing in them, and then all is as before', () => {
    begin(3_000)
    nextBlock()
    const transfer = chain.sign(alice, transferCall(dave.who, 10n ** 12n))
    const task = {
      maybe_id: undefined,
      priority: 0,
      call: { type: 'Inline', value: transferCall(dave.who, 10n ** 12n) },
      maybe_periodic: undefined,
      origin: { type: 'Signed', who: alice.who },
    } as const
    unwrap(scheduleTask(contextOf(chain), { at: 3 }, task))
    expect(upgradeTo(SECOND)).toEqual([started(), ['MigrationAdvanced', { index: 0, took: 0 }]])
    const done = count()
    expect(done).toBeGreaterThan(700)
    expect(done).toBeLessThan(1_000)
    expect(cursor()).toMatchObject({ type: 'Active', value: { index: 0, started_at: 2 } })
    expect(version()).toBe(0)
    expect(refusedInBlock(chain, transfer)).toEqual({ code: 'exhausts_resources' })
    expect(count()).toBeGreaterThan(2 * done)
    const { mandatory } = systemStorage.BlockWeight.get(chain.state)
    expect(mandatory.refTime).toBeLessThan((MAX_SERVICE_WEIGHT.refTime * 11n) / 10n)
    expect(nextBlock()).toEqual([['MigrationAdvanced', { index: 0, took: 2 }]])
    expect(chain.free(dave.who)).toBe(0n)
    expect(nextBlock()).toEqual([
      ['MigrationCompleted', { index: 0, took: 3 }],
      ['UpgradeCompleted', undefined],
    ])
    expectMigrated()
    expect(chain.free(dave.who)).toBe(10n ** 12n)
    expect(migrationsStorage.Historic.has(chain.state, utf8('Ledger/0/1'))).toBe(true)
    expect(migrationsStorage.Position.get(chain.state)).toBeUndefined()
    expect(nextBlock()).toEqual([])
  })

  test('comes to the same state however often the node dies in the middle', () => {
    const { storage } = chain.host
    upgradeTo(SECOND)
    const written = chain.written()
    for (let death = 0; death < 3; death++) {
      storage.begin()
      chain.begin()
      storage.rollback()
      expect(chain.written()).toEqual(written)
    }
    untilDone()
    expectMigrated()
    const alone = chain.written()
    begin(size)
    upgradeTo(SECOND)
    untilDone()
    expect(chain.written()).toEqual(alone)
  })

  test('judges no unsigned call while storage may be in the old layout', () => {
    const judge = (): unknown => {
      const bytes = Uint8Array.of(0x1c, 0x04, 99, 0, 0, 0, 0, 0)
      return current.validateTransaction(chain.host, chain.head(), 'External', bytes)
    }
    const unsigned = pallet({
      storage: present,
      storageVersion: 1,
      migrations: [doubles()],
      calls: {
        free: { index: 0, args: u32, docs: [], weight: () => weigh({}), dispatch: () => ok() },
      },
      validateUnsigned: ({ state }) => {
        present.Entries.get(state, 1)
        return err({ code: 'stale' })
      },
    })
    current = rules(unsigned, SPEC_VERSION + 1)
    const busy = { ok: false, error: { code: 'exhausts_resources' } }
    expect(judge()).toEqual(busy)
    nextBlock()
    expect(judge()).toEqual(busy)
    untilDone()
    expect(judge()).toEqual({ ok: false, error: { code: 'stale' } })
  })

  test('follows another, and is skipped if it is done', () => {
    const next: Migration = {
      from: 1,
      to: 2,
      stepWeight,
      preCheck: ({ state }) => (version() === 1 && present.Count.get(state) > 0 ? ok() : err('1')),
      step: ({ state }, from) => {
        if (from) return ok(undefined)
        present.Count.set(state, 0)
        return ok(Uint8Array.of(1))
      },
      postCheck: () => (version() === 2 ? ok() : err('2')),
    }
    upgradeTo(SECOND)
    untilDone()
    expect(upgradeTo(rules(after([doubles(), next], 2), SPEC_VERSION + 2))).toEqual([
      started(2),
      ['MigrationSkipped', { index: 0 }],
      ['MigrationCompleted', { index: 1, took: 0 }],
      ['UpgradeCompleted', undefined],
    ])
    expect([version(), count()]).toEqual([2, 0])
  })
})

describe('an upgrade stops, visibly and with nothing half done,', () => {
  const failed = (took: number): unknown[] => [
    ['MigrationFailed', { index: 0, took }],
    ['UpgradeFailed', undefined],
  ]

  test('if the check before fails', () => {
    const migration = doubles({ preCheck: () => err('not what was expected') })
    const entries = old.Entries.entries(chain.state)
    expect(upgradeTo(rules(after([migration]), SPEC_VERSION + 1))).toEqual([
      started(),
      ...failed(0),
    ])
    expect(warnings).toEqual(['upgrade stopped: Ledger: not what was expected'])
    expect(cursor()).toEqual(STUCK)
    expect(old.Entries.entries(chain.state)).toEqual(entries)
    expect([version(), count()]).toEqual([0, 0])
    const transfer = chain.sign(alice, transferCall(dave.who, 10n ** 12n))
    expect(refusedInBlock(chain, transfer)).toEqual({ code: 'exhausts_resources' })
    expect(nextBlock()).toEqual([])
  })

  test('if the check behind fails: the version stays the old one', () => {
    upgradeTo(rules(after([doubles({ postCheck: () => err('wrong') })]), SPEC_VERSION + 1))
    expect([nextBlock(), nextBlock()]).toEqual([
      [['MigrationAdvanced', { index: 0, took: 1 }]],
      [['MigrationAdvanced', { index: 0, took: 2 }]],
    ])
    expect(nextBlock()).toEqual(failed(3))
    expect(cursor()).toEqual(STUCK)
    expect([version(), count()]).toEqual([0, size])
    expect(migrationsStorage.Historic.entries(chain.state)).toEqual([])
  })

  test('if a step fails, and later rules go on where it stopped', () => {
    const broken = doubles({ convert: (key) => (key === 50 ? err('no such thing') : ok()) })
    upgradeTo(rules(after([broken]), SPEC_VERSION + 1))
    for (let block = 0; block < 4; block++) nextBlock()
    expect(cursor()).toEqual(STUCK)
    expect(warnings).toEqual(['upgrade stopped: Ledger: no such thing'])
    expect(count()).toBeGreaterThan(0)
    expect(count()).toBeLessThan(size)
    expect(upgradeTo(rules(after(), SPEC_VERSION + 2))[0]).toEqual(started())
    untilDone()
    expectMigrated()
  })

  test('goes on under newer rules that come in the middle', () => {
    upgradeTo(SECOND)
    expect(upgradeTo(rules(after(), SPEC_VERSION + 2))[0]).toEqual(started())
    untilDone()
    expectMigrated()
  })

  test('if newer rules do not know the migration that was begun', () => {
    upgradeTo(SECOND)
    const other = { ...doubles(), to: 2 }
    expect(upgradeTo(rules(after([other], 2), SPEC_VERSION + 2))).toEqual([
      started(),
      ['UpgradeFailed', undefined],
    ])
    expect(warnings).toEqual(['upgrade stopped: a migration that was begun is not among these'])
    expect(cursor()).toEqual(STUCK)
  })

  test.each<[string, readonly Migration[], number, string]>([
    ['no migration leads there', [], 1, 'no migration from version 0 to 1'],
    ['none leads from here', [{ ...doubles(), from: 1, to: 2 }], 2, 'no migration from version 0'],
    ['none leads to the end', [doubles()], 2, 'no migration from version 1 to 2'],
    [
      'a step is too large',
      [{ ...doubles(), stepWeight: MAX_SERVICE_WEIGHT }],
      1,
      'a step does not fit into a block',
    ],
    [
      'a cursor is too long',
      [{ ...doubles(), step: () => ok(new Uint8Array(CURSOR_MAX_LENGTH + 1)) }],
      1,
      'the cursor is too long',
    ],
  ])('if %s', (_, migrations, storageVersion, why) => {
    upgradeTo(rules(after(migrations, storageVersion), SPEC_VERSION + 1))
    for (let block = 0; cursor() !== undefined && block < 4; block++) nextBlock()
    expect(cursor()).toEqual(STUCK)
    expect(warnings).toEqual([`upgrade stopped: Ledger: ${why}`])
  })
})
