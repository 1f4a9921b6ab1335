import { bytesToHex, unwrap, type Hash } from '@tacit/base'
import type { Change } from '@tacit/state'
import { afterEach, expect, test, vi } from 'vitest'
import { createBlockMaker, type BlockMaker } from '../testing/block-records.ts'
import { makeTempDir } from '../testing/temp-dir.ts'
import { StoreReader } from './reader.ts'
import { Store } from './store.ts'

const RETENTION = 4
const NAME = Uint8Array.of(1)
const ends: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

type Bench = { readonly store: Store; readonly reader: StoreReader; readonly maker: BlockMaker }

/** A database with genesis, and its reader. */
async function createBench(): Promise<Bench> {
  const directory = makeTempDir(true)
  ends.push(() => directory.remove())
  const store = new Store(directory.path, { retention: RETENTION, bodyRetention: RETENTION })
  ends.push(() => store.close())
  const maker = createBlockMaker()
  await store.writeGenesis({ ...maker.next(change(0)), checkpointProof: [Uint8Array.of(5)] })
  const reader = new StoreReader(directory.path)
  ends.push(() => reader.close())
  return { store, reader, maker }
}

function change(byte: number): Change[] {
  return [{ key: NAME, value: Uint8Array.of(byte) }]
}

test('a reader gives what the writer gives, with the same codes', async () => {
  const { store, reader, maker } = await createBench()
  const hashes: Hash[] = []
  for (let number = 1; number <= 8; number++) {
    const record = maker.next(change(number), { body: [Uint8Array.of(number)] })
    await store.commit(record)
    hashes.push(record.hash)
    reader.refresh()
    for (let at = -1; at <= number + 1; at++) {
      expect(reader.header(at)).toEqual(store.header(at))
      expect(reader.body(at)).toEqual(store.body(at))
      const [ours, theirs] = [reader.stateAt(at), store.stateAt(at)]
      if (ours.ok && theirs.ok) {
        expect(ours.value.values.get(NAME)).toEqual(Uint8Array.of(at))
        expect(ours.value.nodes.get(Uint8Array.of(47))).toEqual(
          theirs.value.nodes.get(Uint8Array.of(47)),
        )
      } else expect(ours).toEqual(theirs)
    }
  }
  expect(hashes.map((hash) => reader.numberOf(hash))).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  expect(reader.numberOf(new Uint8Array(32))).toBeUndefined()
  expect(reader.checkpointProof).toEqual([Uint8Array.of(5)])
  expect(reader.stateAt(3)).toEqual({ ok: false, error: { code: 'state_pruned', oldest: 4 } })
  expect(reader.body(3)).toEqual({ ok: false, error: { code: 'body_pruned', oldest: 4 } })
})

test('what is read between two turns is of one block, whatever is written meanwhile', async () => {
  const { store, reader, maker } = await createBench()
  for (let number = 1; number <= 30; number++) {
    const state = { done: false }
    reader.refresh()
    const writing = store.commit(maker.next(change(number))).then(() => (state.done = true))
    while (!state.done) {
      const best = Math.max(...[number, number - 1].filter((at) => reader.header(at)))
      const oldest = Math.max(0, best - RETENTION)
      for (const at of [best, oldest])
        expect(unwrap(reader.stateAt(at)).values.get(NAME)).toEqual(Uint8Array.of(at))
      await new Promise((resolve) => setImmediate(resolve))
    }
    await writing
  }
})

test('a block that is announced is seen, although the snapshot before it is still in use', async () => {
  const { store, reader, maker } = await createBench()
  // LMDB ends a snapshot by a timer of 1 ms: the last one has run, the next ones do not.
  await new Promise((resolve) => setTimeout(resolve, 1))
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  ends.push(() => void vi.useRealTimers())
  const record = maker.next(change(1))
  expect(reader.numberOf(record.hash)).toBeUndefined()
  await store.commit(record)
  expect(reader.numberOf(record.hash)).toBeUndefined()
  expect(reader.stateAt(1)).toEqual({ ok: false, error: { code: 'block_unknown' } })
  expect(unwrap(reader.stateAt(0)).values.get(NAME)).toEqual(Uint8Array.of(0))
  reader.refresh()
  expect(reader.numberOf(record.hash)).toBe(1)
  expect(unwrap(reader.stateAt(1)).values.get(NAME)).toEqual(Uint8Array.of(1))
})

test('justifications are known before they are on the disk, the newest of them', async () => {
  const { store, reader, maker } = await createBench()
  const justify = (number: number): void => {
    const justification = Uint8Array.of(number)
    const hash = new Uint8Array(32) as Hash
    store.putJustification(number, justification)
    reader.putJustification({ number, hash, justification })
  }
  for (let number = 1; number <= 70; number++) {
    await store.commit(maker.next([]))
    justify(number)
    reader.refresh()
    expect(reader.justification(number)).toEqual(Uint8Array.of(number))
  }
  // Long forgotten, and written since.
  expect(bytesToHex(reader.justification(69) ?? new Uint8Array())).toBe('45')
  expect(reader.justification(71)).toBeUndefined()
})
