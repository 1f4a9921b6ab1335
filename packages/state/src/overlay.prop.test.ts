import fc from 'fast-check'
import { expect, it } from 'vitest'
import { bytesToHex } from '@tacit/base'
import type { Change } from './key-value.ts'
import { createMemoryStore } from './memory-store.ts'
import { createOverlay } from './overlay.ts'
import * as arbitrary from './testing/arbitraries.ts'

type Step =
  | { readonly type: 'write'; readonly change: Change }
  | { readonly type: 'clear'; readonly prefix: Uint8Array; readonly limit: number }
  | { readonly type: 'begin' | 'commit' | 'rollback' }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('write' as const),
      change: fc.record({
        key: arbitrary.keys,
        value: fc.option(arbitrary.values, { nil: undefined }),
      }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('clear' as const),
      prefix: arbitrary.keys,
      limit: fc.nat({ max: 3 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constantFrom('begin', 'commit', 'rollback') }),
  },
)

/** The plainest thing that behaves so: a map by hex, copied when a transaction opens. */
function createModel(entries: readonly Change[]): {
  run(step: Step): void
  keys(prefix: string, after: string | undefined, limit: number): readonly string[]
  depth(): number
} {
  let now = new Map<string, Uint8Array>()
  const before: Map<string, Uint8Array>[] = []
  const write = ({ key, value }: Change): void => {
    if (value) now.set(bytesToHex(key), value)
    else now.delete(bytesToHex(key))
  }
  const sorted = (prefix: string): string[] =>
    [...now.keys()].filter((key) => key.startsWith(prefix)).sort()
  for (const entry of entries) write(entry)
  return {
    run: (step) => {
      if (step.type === 'write') write(step.change)
      else if (step.type === 'clear') {
        for (const key of sorted(bytesToHex(step.prefix)).slice(0, step.limit)) now.delete(key)
      } else if (step.type === 'begin') before.push(new Map(now))
      else if (step.type === 'commit') before.pop()
      else now = before.pop() ?? now
    },
    keys: (prefix, after, limit) =>
      sorted(prefix)
        .filter((key) => after === undefined || key > after)
        .slice(0, limit),
    depth: () => before.length,
  }
}

it('behaves as a map that is copied at each transaction', () => {
  const steps = fc.array(step, { maxLength: 40 })
  fc.assert(
    fc.property(arbitrary.changes, steps, arbitrary.keys, arbitrary.keys, (base, steps, a, b) => {
      const store = createMemoryStore(base)
      const overlay = createOverlay(store)
      const model = createModel(base)
      for (const one of steps) {
        if ((one.type === 'commit' || one.type === 'rollback') && model.depth() === 0) continue
        model.run(one)
        if (one.type === 'write') {
          const { key, value } = one.change
          if (value) overlay.set(key, value)
          else overlay.delete(key)
        } else if (one.type === 'clear') overlay.clearPrefix(one.prefix, one.limit)
        else overlay[one.type]()
        const prefix = a.subarray(0, a.length >> 1)
        const listed = overlay.keysWithPrefix(prefix, b, 5).map(bytesToHex)
        expect(listed).toEqual(model.keys(bytesToHex(prefix), bytesToHex(b), 5))
      }
      while (model.depth() > 0) {
        model.run({ type: 'commit' })
        overlay.commit()
      }
      store.apply(overlay.changes())
      const all = store.keysWithPrefix(new Uint8Array()).map(bytesToHex)
      expect(all).toEqual(model.keys('', undefined, Infinity))
    }),
    { numRuns: 200 },
  )
})
