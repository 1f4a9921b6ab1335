import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { encode, u32, utf8, type Hash } from '@tacit/base'
import { native } from '@tacit/crypto/native'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeJustifiedChain } from '../../testing/justified-chain.ts'
import { makeTempDir } from '../../testing/temp-dir.ts'
import { openColumns, read, write, type Column, type Columns } from '../columns.ts'
import { lockDirectory } from '../lock.ts'
import { numberKey, readMetadata, writeMetadata } from '../records.ts'
import { exportState } from '../state-file/export-state.ts'
import { importState } from '../state-file/import-state.ts'
import { checkDatabase } from './check-database.ts'
import type { DatabaseFlaw } from './database-flaw.ts'

const BLOCKS = 30
const directory = makeTempDir(true)
const pruned = join(directory.path, 'pruned')
const archive = join(directory.path, 'archive')
const imported = join(directory.path, 'imported')
let count = 0

beforeAll(async () => {
  const options = { blocks: BLOCKS, handovers: [3, 28] }
  const retention = { retention: 6, bodyRetention: 8 }
  const store = await writeJustifiedChain(pruned, { ...options, ...retention })
  const file = join(directory.path, 'state')
  await exportState(store, 28, file)
  const genesisHash = store.metadata?.genesisHash ?? (new Uint8Array(32) as Hash)
  await store.close()
  await importState(file, imported, { genesisHash, crypto: native })
  await (await writeJustifiedChain(archive, { ...options, retention: 'archive' })).close()
})
afterAll(() => directory.remove())

/** What a check finds after a database was changed. */
async function findFlaws(
  source: string,
  change: (columns: Columns) => void = () => {},
): Promise<readonly DatabaseFlaw[]> {
  const path = join(directory.path, `copy${count++}`)
  mkdirSync(path)
  copyFileSync(join(source, 'data.mdb'), join(path, 'data.mdb'))
  const columns = openColumns(path)
  columns.root.transactionSync(() => change(columns))
  await columns.root.close()
  const flaws: DatabaseFlaw[] = []
  const checked = await checkDatabase(path, { crypto: native, onFlaw: (flaw) => flaws.push(flaw) })
  expect(checked.flaws).toBe(flaws.length)
  return flaws
}

function flip(column: Column, key: Uint8Array, at: number = -1): void {
  const value = Uint8Array.from(read(column, key) ?? [])
  const index = at < 0 ? value.length + at : at
  value[index] = (value[index] ?? 0) ^ 1
  write(column, key, value)
}

function codes(flaws: readonly DatabaseFlaw[]): readonly string[] {
  return flaws.map((flaw) => ('number' in flaw ? `${flaw.code} ${flaw.number}` : flaw.code))
}

test('whole databases have no flaw: pruned, archive, imported', async () => {
  const steps: string[] = []
  const onFlaw = (flaw: DatabaseFlaw): void => expect.fail(JSON.stringify(flaw))
  const onProgress = ({ step, done, of }: { step: string; done: number; of: number }): void => {
    if (done === of) steps.push(step)
  }
  for (const [path, blocks] of [
    [pruned, BLOCKS + 1],
    [archive, BLOCKS + 1],
    [imported, 29],
  ] as const)
    expect(await checkDatabase(path, { crypto: native, onFlaw, onProgress })).toEqual({
      blocks,
      values: 6,
      flaws: 0,
    })
  expect(new Set(steps)).toEqual(new Set(['state', 'blocks']))
})

const AT = numberKey(29)
const cases: readonly [string, readonly string[], (columns: Columns) => void][] = [
  [
    'a value',
    ['node_wrong', 'node_wrong', 'node_wrong', 'node_wrong', 'state_root_wrong'],
    ({ values }) => flip(values, utf8('block 30')),
  ],
  ['a node', ['node_wrong', 'past_root_wrong 30'], ({ nodes }) => flip(nodes, utf8('/'))],
  [
    'a node that is gone',
    ['node_missing', 'past_root_wrong 30'],
    ({ nodes }) => write(nodes, utf8('/'), undefined),
  ],
  ['a node too many', ['node_extra'], ({ nodes }) => write(nodes, utf8('/ffff'), AT)],
  [
    'a header',
    ['number_wrong 29', 'justification_invalid 29', 'past_root_wrong 29', 'parent_wrong 30'],
    ({ headers }) => flip(headers, AT, 40),
  ],
  [
    'a header that is gone',
    ['header_missing 29', 'number_extra'],
    ({ headers }) => write(headers, AT, undefined),
  ],
  [
    'a header cut short',
    ['header_malformed 29', 'number_extra'],
    ({ headers }) => write(headers, AT, Uint8Array.of(1)),
  ],
  [
    'the index by hash',
    ['number_extra'],
    ({ numbers }) => write(numbers, new Uint8Array(32), encode(u32, 4)),
  ],
  ['a body', ['body_root_wrong 29'], ({ bodies }) => flip(bodies, AT)],
  ['a body that is gone', ['body_missing 29'], ({ bodies }) => write(bodies, AT, undefined)],
  ['a body cut short', ['body_malformed 29'], ({ bodies }) => write(bodies, AT, Uint8Array.of(9))],
  [
    'a signature',
    ['justification_invalid 29'],
    ({ justifications }) => flip(justifications, AT, 100),
  ],
  [
    'a justification that is gone',
    ['justification_missing 29'],
    ({ justifications }) => write(justifications, AT, undefined),
  ],
  [
    'a justification cut short',
    ['justification_malformed 29'],
    ({ justifications }) => write(justifications, AT, AT),
  ],
  [
    "a handover's justification",
    ['justification_missing 3'],
    ({ justifications }) => write(justifications, numberKey(3), undefined),
  ],
  ['a mark', ['handover_unmarked 3'], ({ handovers }) => write(handovers, numberKey(3), undefined)],
  [
    'the proof of the authorities',
    ['checkpoint_wrong'],
    ({ meta }) => write(meta, utf8('checkpoint'), undefined),
  ],
  [
    'an undo record that is gone',
    ['past_unreadable 28'],
    ({ valueUndos }) => write(valueUndos, AT, undefined),
  ],
  [
    'an undo record cut short',
    ['past_unreadable 28'],
    ({ valueUndos }) => write(valueUndos, AT, Uint8Array.of(0, 0, 0, 9)),
  ],
  ['a value of the past', ['past_value_wrong 28'], ({ valueUndos }) => flip(valueUndos, AT)],
]

test.each(cases)('finds what was changed: %s', async (_what, expected, change) => {
  expect(codes(await findFlaws(pruned, change))).toEqual(expected)
})

test('finds a node of an archive that was changed', async () => {
  const flaws = await findFlaws(archive, ({ nodeHistory }) => {
    const [first] = [...nodeHistory.getKeys({ limit: 1 })]
    if (first) flip(nodeHistory, Uint8Array.from(first))
  })
  expect(codes(flaws)).toEqual(['past_root_wrong 0'])
})

test('finds metadata that name other blocks', async () => {
  const flaws = await findFlaws(pruned, (columns) => {
    const metadata = readMetadata(columns)
    const other = new Uint8Array(32) as Hash
    if (metadata) writeMetadata(columns, { ...metadata, bestHash: other, genesisHash: other })
  })
  expect(flaws).toEqual([
    { code: 'metadata_wrong', field: 'genesisHash' },
    { code: 'metadata_wrong', field: 'bestHash' },
  ])
})

test('an absent database and one in use are told', async () => {
  const options = { crypto: native, onFlaw: () => {} }
  const absent = join(directory.path, 'absent')
  await expect(checkDatabase(absent, options)).rejects.toMatchObject({ code: 'database_absent' })
  const unlock = lockDirectory(pruned)
  await expect(checkDatabase(pruned, options)).rejects.toMatchObject({ code: 'base_path_in_use' })
  unlock()
})
