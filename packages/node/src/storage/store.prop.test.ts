import { bytesToHex, encode, u32, unwrap, type Hash } from '@tacit/base'
import { createMemoryStore, type Change, type KeyValue } from '@tacit/state'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { makeTempDir } from '../testing/temp-dir.ts'
import { Store, type BlockRecord } from './store.ts'

const RETENTION = 4

/** Few and short keys, one a prefix of the other, so that blocks change the same ones. */
const key = fc.uint8Array({ minLength: 1, maxLength: 3, max: 2 })
const value = fc.option(fc.uint8Array({ maxLength: 40 }), { nil: undefined })
const block = fc.uniqueArray(fc.record({ key, value }), {
  maxLength: 12,
  selector: (change) => bytesToHex(change.key),
})

function record(number: number, values: readonly Change[]): BlockRecord {
  const hash = new Uint8Array(32).fill(number + 1) as Hash
  const nodes = values.map((change) => ({ ...change, key: Uint8Array.of(47, ...change.key) }))
  return { number, hash, header: encode(u32, number), body: [], values, nodes }
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

test('state behind each kept block reads as it was, also after a restart', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(block, { minLength: 1, maxLength: 10 }), async (blocks) => {
      const directory = makeTempDir()
      let store = new Store(directory.path, { retention: RETENTION })
      const model = createMemoryStore()
      const expected: string[] = []
      for (const [number, changes] of blocks.entries()) {
        const written = record(number, changes)
        await (number === 0 ? store.writeGenesis(written) : store.commit(written))
        model.apply(changes)
        expected.push(snapshot(model))
      }
      const check = (): void => {
        const best = blocks.length - 1
        const oldest = Math.max(0, best - RETENTION)
        for (const [number, seen] of expected.entries()) {
          const state = store.stateAt(number)
          if (number < oldest)
            expect(state).toEqual({ ok: false, error: { code: 'state_pruned', oldest } })
          else expect(snapshot(unwrap(state).values)).toBe(seen)
        }
        expect(store.stateAt(best + 1)).toEqual({ ok: false, error: { code: 'block_unknown' } })
      }
      check()
      await store.close()
      store = new Store(directory.path, { retention: RETENTION })
      check()
      await store.close()
      directory.remove()
    }),
    { numRuns: 25 },
  )
})

test('a key that the database cannot take leaves the last block whole', async () => {
  const directory = makeTempDir()
  const store = new Store(directory.path, { retention: RETENTION })
  const name = Uint8Array.of(1)
  await store.writeGenesis(record(0, [{ key: name, value: Uint8Array.of(7) }]))
  for (const length of [0, 1_979]) {
    const bad = { key: new Uint8Array(length), value: name }
    const block = { ...record(1, [{ key: name, value: Uint8Array.of(8) }]), nodes: [bad] }
    await expect(store.commit(block)).rejects.toThrow(`a key of ${length} bytes`)
  }
  await store.close()
  const again = new Store(directory.path, { retention: RETENTION })
  expect(again.metadata?.bestNumber).toBe(0)
  expect(unwrap(again.stateAt(0)).values.get(name)).toEqual(Uint8Array.of(7))
  const longest = { key: new Uint8Array(1_978), value: name }
  await again.commit({ ...record(1, []), nodes: [longest] })
  await again.close()
  directory.remove()
})

test('while a block is written, readers see the state before it', async () => {
  const directory = makeTempDir()
  const store = new Store(directory.path, { retention: RETENTION })
  const name = Uint8Array.of(1)
  const change = (byte: number): Change[] => [{ key: name, value: Uint8Array.of(byte) }]
  await store.writeGenesis(record(0, change(0)))
  for (let number = 1; number <= 40; number++) {
    const state = { done: false }
    const writing = store.commit(record(number, change(number))).then(() => (state.done = true))
    while (!state.done) {
      const best = store.metadata?.bestNumber ?? -1
      const read = unwrap(store.stateAt(best)).values.get(name)
      expect(read).toEqual(Uint8Array.of(best))
      await new Promise((resolve) => setImmediate(resolve))
    }
    await writing
  }
  await store.close()
  directory.remove()
})
