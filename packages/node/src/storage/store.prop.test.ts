import { bytesToHex, unwrap } from '@tacit/base'
import type { Change, KeyValue } from '@tacit/state'
import { afterEach, expect, test } from 'vitest'
import fc from 'fast-check'
import { createBlockMaker } from '../testing/block-records.ts'
import { makeTempDir } from '../testing/temp-dir.ts'
import { Store, type StoreOptions } from './store.ts'

const RETENTION = 4
/** Few and short keys, one a prefix of the other, so that blocks change the same ones. */
const key = fc.uint8Array({ minLength: 1, maxLength: 3, max: 2 })
const value = fc.option(fc.uint8Array({ maxLength: 40 }), { nil: undefined })
const block = fc.uniqueArray(fc.record({ key, value }), {
  maxLength: 12,
  selector: (change) => bytesToHex(change.key),
})

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

function makePath(): string {
  const directory = makeTempDir(true)
  ends.push(() => directory.remove())
  return directory.path
}

/** All that a reader can ask of the values. */
function snapshot(values: KeyValue): string {
  const seen: string[] = []
  for (const prefix of [[], [0], [1, 1], [2]]) {
    for (const after of [undefined, Uint8Array.of(0, 1), Uint8Array.of(1)]) {
      for (const limit of [undefined, 0, 1, 3]) {
        const keys = values.keysWithPrefix(Uint8Array.from(prefix), after, limit)
        seen.push(keys.map((one) => `${bytesToHex(one)}=${hex(values.get(one))}`).join())
      }
    }
  }
  return seen.join('\n')
}

function hex(bytes: Uint8Array | undefined): string {
  return bytes ? bytesToHex(bytes) : '-'
}

/** Writes blocks and looks at the state behind each of them, also after a restart. */
async function checkHistory(
  blocks: readonly (readonly Change[])[],
  options: StoreOptions,
  oldest: number,
): Promise<void> {
  const path = makePath()
  let store = new Store(path, options)
  const maker = createBlockMaker()
  const expected: string[] = []
  for (const [number, changes] of blocks.entries()) {
    const record = maker.next(changes)
    await (number === 0 ? store.writeGenesis(record) : store.commit(record))
    expected.push(snapshot(maker.values))
  }
  const check = (): void => {
    for (const [number, seen] of expected.entries()) {
      const state = store.stateAt(number)
      if (number < oldest)
        expect(state).toEqual({ ok: false, error: { code: 'state_pruned', oldest } })
      else expect(snapshot(unwrap(state).values)).toBe(seen)
    }
    expect(store.stateAt(blocks.length)).toEqual({ ok: false, error: { code: 'block_unknown' } })
  }
  check()
  await store.close()
  store = new Store(path, options)
  check()
  await store.close()
}

test('state behind each kept block reads as it was, also after a restart', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(block, { minLength: 1, maxLength: 10 }), async (blocks) => {
      const oldest = Math.max(0, blocks.length - 1 - RETENTION)
      await checkHistory(blocks, { retention: RETENTION }, oldest)
    }),
    { numRuns: 12 },
  )
})

test('an archive reads the state behind every block', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(block, { minLength: 18, maxLength: 24 }), async (blocks) => {
      await checkHistory(blocks, { retention: 'archive' }, 0)
    }),
    { numRuns: 3 },
  )
})

test('a key that the database cannot take leaves the last block whole', async () => {
  const path = makePath()
  const store = new Store(path, { retention: RETENTION })
  const maker = createBlockMaker()
  const name = Uint8Array.of(1)
  await store.writeGenesis(maker.next([{ key: name, value: Uint8Array.of(7) }]))
  const block = maker.next([{ key: name, value: Uint8Array.of(8) }])
  for (const length of [0, 1_973]) {
    const bad = { key: new Uint8Array(length), value: name }
    await expect(store.commit({ ...block, nodes: [bad] })).rejects.toThrow(
      `a key of ${length} bytes`,
    )
  }
  await store.close()
  const again = new Store(path, { retention: RETENTION })
  expect(again.metadata?.bestNumber).toBe(0)
  expect(unwrap(again.stateAt(0)).values.get(name)).toEqual(Uint8Array.of(7))
  const longest = { key: new Uint8Array(1_972), value: name }
  await again.commit({ ...block, nodes: [longest] })
  await again.close()
})

test('while a block is written, readers see the state before it', async () => {
  for (const retention of [RETENTION, 'archive'] as const) {
    const store = new Store(makePath(), { retention, bodyRetention: 1 })
    const maker = createBlockMaker()
    const name = Uint8Array.of(1)
    const change = (byte: number): Change[] => [{ key: name, value: Uint8Array.of(byte) }]
    await store.writeGenesis(maker.next(change(0)))
    for (let number = 1; number <= 40; number++) {
      const state = { done: false }
      const record = maker.next(change(number))
      const writing = store.commit(record).then(() => (state.done = true))
      while (!state.done) {
        const best = store.metadata?.bestNumber ?? -1
        const oldest = retention === 'archive' ? 0 : Math.max(0, best - RETENTION)
        for (const at of [oldest, best]) {
          const { values, nodes } = unwrap(store.stateAt(at))
          expect(values.get(name)).toEqual(Uint8Array.of(at))
          expect(nodes.get(Uint8Array.of(47))).toBeDefined()
        }
        expect(store.body(Math.max(0, best - 1)).ok).toBe(true)
        await new Promise((resolve) => setImmediate(resolve))
      }
      await writing
    }
    await store.close()
  }
})
