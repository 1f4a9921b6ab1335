import fc from 'fast-check'
import { expect, it } from 'vitest'
import { bytesToHex, parseHex, unwrap } from '@tacit/base'
import type { Change, ValueForm } from './key-value.ts'
import { createMemoryStore } from './memory-store.ts'
import { createOverlay, type Overlay } from './overlay.ts'
import * as arbitrary from './testing/arbitraries.ts'

type Step =
  | { readonly type: 'write'; readonly change: Change; readonly decoded: boolean }
  | {
      readonly type: 'read'
      readonly key: Uint8Array
      readonly form: ValueForm<string> | undefined
    }
  | { readonly type: 'clear'; readonly prefix: Uint8Array; readonly limit: number }
  | { readonly type: 'begin' | 'commit' | 'rollback' }

/** Two forms of values, so that one is read in another than it was written in. */
const HEX: ValueForm<string> = {
  encode: (hex) => unwrap(parseHex(hex)),
  decode: bytesToHex,
}
const OTHER_HEX: ValueForm<string> = {
  encode: (hex) => unwrap(parseHex(hex.slice(1))),
  decode: (bytes) => `x${bytesToHex(bytes)}`,
}

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('write' as const),
      change: fc.record({
        key: arbitrary.keys,
        value: fc.option(arbitrary.values, { nil: undefined }),
      }),
      decoded: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('read' as const),
      key: arbitrary.keys,
      form: fc.constantFrom(HEX, OTHER_HEX, undefined),
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
  get(key: Uint8Array): Uint8Array | undefined
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
      } else if (step.type === 'read') return
      else if (step.type === 'begin') before.push(new Map(now))
      else if (step.type === 'commit') before.pop()
      else now = before.pop() ?? now
    },
    get: (key) => now.get(bytesToHex(key)),
    keys: (prefix, after, limit) =>
      sorted(prefix)
        .filter((key) => after === undefined || key > after)
        .slice(0, limit),
    depth: () => before.length,
  }
}

function write(overlay: Overlay, { key, value }: Change, decoded: boolean): void {
  if (!value) overlay.delete(key)
  else if (decoded) overlay.store(key, bytesToHex(value), HEX)
  else overlay.set(key, value)
}

it('behaves as a map that is copied at each transaction', () => {
  const steps = fc.array(step, { maxLength: 40, size: 'max' })
  fc.assert(
    fc.property(arbitrary.changes, steps, arbitrary.keys, arbitrary.keys, (base, steps, a, b) => {
      const store = createMemoryStore(base)
      const overlay = createOverlay(store)
      const model = createModel(base)
      for (const one of steps) {
        if ((one.type === 'commit' || one.type === 'rollback') && model.depth() === 0) continue
        model.run(one)
        if (one.type === 'write') write(overlay, one.change, one.decoded)
        else if (one.type === 'read') {
          const value = model.get(one.key)
          if (one.form)
            expect(overlay.load(one.key, one.form)).toEqual(value && one.form.decode(value))
          else expect(overlay.get(one.key)).toEqual(value)
        } else if (one.type === 'clear') overlay.clearPrefix(one.prefix, one.limit)
        else overlay[one.type]()
        const prefix = a.subarray(0, a.length >> 1)
        const listed = overlay.keysWithPrefix(prefix, b, 5).map(bytesToHex)
        expect(listed).toEqual(model.keys(bytesToHex(prefix), bytesToHex(b), 5))
        const first = overlay.keysWithPrefix(prefix, undefined, 2).map(bytesToHex)
        expect(first).toEqual(model.keys(bytesToHex(prefix), undefined, 2))
      }
      while (model.depth() > 0) {
        model.run({ type: 'commit' })
        overlay.commit()
      }
      store.apply(overlay.changes())
      const all = store.keysWithPrefix(new Uint8Array())
      expect(all.map(bytesToHex)).toEqual(model.keys('', undefined, Infinity))
      for (const key of all) expect(store.get(key)).toEqual(model.get(key))
    }),
    { numRuns: 200 },
  )
})
