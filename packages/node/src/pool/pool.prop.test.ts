import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createToyChain, toyExtrinsic, type ToyChain } from '../testing/toy-chain.ts'

const LIMITS = { transactions: 4, bytes: 10_000, perSender: 4 }

/** What waits in a naive pool: a list that is searched for everything. */
type Waiting = { readonly sender: string; readonly nonce: number; readonly priority: number }

const text = ({ sender, nonce, priority }: Waiting): string => `${sender}:${nonce}:${priority}`

/** Splits a list into those without a gap behind the chain's nonce, in the order of blocks, and the rest. */
function split(all: readonly Waiting[], nonces: ReadonlyMap<string, number>): Waiting[][] {
  const next = new Map(nonces)
  const ready: Waiting[] = []
  for (;;) {
    const open = all.filter(({ sender, nonce }) => nonce === (next.get(sender) ?? 0))
    const best = open.reduce<Waiting | undefined>(
      (first, one) => (first && first.priority >= one.priority ? first : one),
      undefined,
    )
    if (!best) break
    ready.push(best)
    next.set(best.sender, best.nonce + 1)
  }
  return [ready, all.filter((one) => !ready.includes(one))]
}

/** The rules of admission, in words of lists; bounds are wide enough here never to matter. */
function admit(
  all: readonly Waiting[],
  newcomer: Waiting,
  nonces: ReadonlyMap<string, number>,
  taken: readonly Waiting[],
): { code: string; next: readonly Waiting[] } {
  const { sender, nonce, priority } = newcomer
  if (nonce < (nonces.get(sender) ?? 0)) return { code: 'stale', next: all }
  const rival = all.find((one) => one.sender === sender && one.nonce === nonce)
  if (rival?.priority === priority) return { code: 'already_imported', next: all }
  if (rival && taken.includes(rival)) return { code: 'stale', next: all }
  if (rival && rival.priority > priority) return { code: 'priority_too_low', next: all }
  return { code: 'ok', next: [...all.filter((one) => one !== rival), newcomer] }
}

const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('submit' as const),
      sender: fc.constantFrom('a', 'b', 'c'),
      nonce: fc.nat(5),
      priority: fc.nat(4),
    }),
  },
  ...(['begin', 'block', 'refuse'] as const).map((kind) => ({
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant(kind), count: fc.nat(4) }),
  })),
)

test('without bounds the pool is what a naive list is', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 50, size: 'max' }), async (steps) => {
      const chain = createToyChain()
      let model: readonly Waiting[] = []
      let taken: readonly Waiting[] = []
      for (const one of steps) {
        if (one.kind === 'submit') {
          const { code, next } = admit(model, one, chain.nonces, taken)
          const { sender, nonce, priority } = one
          const submitted = await chain.submit(sender, nonce, priority)
          // What was found stale or was taken out is banned, which the model leaves out.
          const actual = submitted.ok ? 'ok' : submitted.error.code
          if (code === 'stale') expect(['stale', 'temporarily_banned']).toContain(actual)
          else expect(actual).toBe(code)
          model = next
        } else if (one.kind === 'refuse') model = refuse(chain, model, taken, one.count)
        else {
          // What was begun and is not here is given up by whoever begins another.
          if (one.kind === 'begin' || taken.length === 0) taken = begin(chain, model, one.count)
          if (one.kind === 'block') {
            chain.include(...taken.map(bytesOf))
            model = model.filter((other) => !taken.includes(other))
            taken = []
          }
        }
        const [ready = [], future = []] = split(model, chain.nonces)
        if (taken.length === 0) expect(chain.offered()).toEqual(ready.map(text))
        expect(await chain.pool.status()).toMatchObject({
          ready: ready.length,
          future: future.length,
        })
      }
    }),
    { numRuns: 200 },
  )
})

function bytesOf({ sender, nonce, priority }: Waiting): Uint8Array {
  return toyExtrinsic(sender, nonce, priority)
}

/** A block takes the first few. */
function begin(chain: ToyChain, model: readonly Waiting[], count: number): readonly Waiting[] {
  const [ready = []] = split(model, chain.nonces)
  const taken = ready.slice(0, count)
  expect(chain.begin(count)).toEqual(taken.map(bytesOf))
  return taken
}

/** One that the block under way did not take is refused, for a reason that does not ban. */
function refuse(
  chain: ToyChain,
  model: readonly Waiting[],
  taken: readonly Waiting[],
  count: number,
): readonly Waiting[] {
  const [ready = []] = split(model, chain.nonces)
  const refused = ready.filter((one) => !taken.includes(one))[count]
  if (refused) chain.pool.onRefused(bytesOf(refused), { code: 'payment' })
  return model.filter((one) => one !== refused)
}

test('whatever happens, bounds hold and only chains without gaps are offered', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80, size: 'max' }), async (steps) => {
      const future = { ...LIMITS, transactions: 4, perSender: 3 }
      const chain = createToyChain({ ready: LIMITS, future, stayBlocks: 3 })
      let taken: Uint8Array[] = []
      for (const one of steps) {
        const waiting = await chain.pool.pending()
        if (one.kind === 'submit') await chain.submit(one.sender, one.nonce, one.priority)
        else if (one.kind === 'refuse') {
          const refused = waiting[one.count]
          if (refused) chain.pool.onRefused(refused, { code: 'payment' })
          // It may have been taken, and what depends on it too.
          taken = []
        } else {
          if (one.kind === 'begin' || taken.length === 0) taken = chain.begin(one.count)
          expect(waiting).toEqual(expect.arrayContaining(taken))
          if (one.kind === 'block') chain.include(...taken.splice(0))
        }
        const status = await chain.pool.status()
        expect(status.ready).toBeLessThanOrEqual(LIMITS.transactions)
        expect(status.future).toBeLessThanOrEqual(future.transactions)
        expect(status.ready + status.future).toBe(chain.pool.size)
        if (taken.length === 0) expectChains(chain, status.ready)
      }
    }),
    { numRuns: 200 },
  )
})

function expectChains(chain: ToyChain, count: number): void {
  const names = chain.offered()
  expect(new Set(names).size).toBe(count)
  expect(chain.pool.hasReady()).toBe(count > 0)
  const next = new Map(chain.nonces)
  for (const name of names) {
    const [sender = '', nonce] = name.split(':')
    expect(Number(nonce)).toBe(next.get(sender) ?? 0)
    next.set(sender, Number(nonce) + 1)
  }
}
