import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createToyChain, toyExtrinsic, type ToyChain } from '../testing/toy-chain.ts'

const LIMITS = { transactions: 6, bytes: 10_000, perSender: 4 }

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
): { code: string; next: readonly Waiting[] } {
  const { sender, nonce, priority } = newcomer
  if (nonce < (nonces.get(sender) ?? 0)) return { code: 'stale', next: all }
  const rival = all.find((one) => one.sender === sender && one.nonce === nonce)
  if (rival && rival.priority >= priority)
    return {
      code: rival.priority === priority ? 'already_imported' : 'priority_too_low',
      next: all,
    }
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
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('block' as const), count: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('refuse' as const), count: fc.nat(4) }) },
)

test('without bounds the pool is what a naive list is', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 50 }), async (steps) => {
      const chain = createToyChain()
      let model: readonly Waiting[] = []
      for (const one of steps) {
        if (one.kind === 'submit') {
          const { code, next } = admit(model, one, chain.nonces)
          const { sender, nonce, priority } = one
          const submitted = await chain.submit(sender, nonce, priority)
          // What was found stale or was taken out is banned, which the model leaves out.
          const actual = submitted.ok ? 'ok' : submitted.error.code
          if (code === 'stale') expect(['stale', 'temporarily_banned']).toContain(actual)
          else expect(actual).toBe(code)
          model = next
        } else model = blockOf(chain, model, one)
        const [ready = [], future = []] = split(model, chain.nonces)
        expect(chain.offered()).toEqual(ready.map(text))
        expect(await chain.pool.status()).toMatchObject({
          ready: ready.length,
          future: future.length,
        })
      }
    }),
    { numRuns: 200 },
  )
})

/** A block takes the first few; or it refuses one, for a reason that does not ban. */
function blockOf(
  chain: ToyChain,
  model: readonly Waiting[],
  { kind, count }: { readonly kind: 'block' | 'refuse'; readonly count: number },
): readonly Waiting[] {
  const [ready = []] = split(model, chain.nonces)
  const bytesOf = ({ sender, nonce, priority }: Waiting): Uint8Array =>
    toyExtrinsic(sender, nonce, priority)
  if (kind === 'block') {
    const taken = ready.slice(0, count)
    chain.include(...taken.map(bytesOf))
    return model.filter((one) => !taken.includes(one))
  }
  const refused = ready[count]
  if (refused) chain.pool.onRefused(bytesOf(refused), { code: 'payment' })
  return model.filter((one) => one !== refused)
}

test('whatever happens, bounds hold and only chains without gaps are offered', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
      const future = { ...LIMITS, transactions: 4, perSender: 3 }
      const chain = createToyChain({ ready: LIMITS, future, stayBlocks: 3 })
      for (const one of steps) {
        if (one.kind === 'submit') await chain.submit(one.sender, one.nonce, one.priority)
        else {
          const all = [...chain.pool.candidates()]
          const [refused] = all.slice(one.count)
          if (one.kind === 'block') chain.include(...all.slice(0, one.count))
          else if (refused) chain.pool.onRefused(refused, { code: 'payment' })
        }
        const status = await chain.pool.status()
        expect(status.ready).toBeLessThanOrEqual(LIMITS.transactions)
        expect(status.future).toBeLessThanOrEqual(future.transactions)
        expect(status.ready + status.future).toBe(chain.pool.size)
        expectChains(chain, status.ready)
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
