import { equalBytes, InvariantError, unwrap, type AccountId } from '@tacit/base'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BASE_COMMAND_GAS } from '../../protocol/contracts.ts'
import { free, held } from '../balances/ops.ts'
import { balancesStorage, EXISTENTIAL_DEPOSIT } from '../balances/types.ts'
import { ALICE, BOB, CAROL, OPERATOR, PHA, type World } from '../testing/world.ts'
import { TREASURY_ACCOUNT } from '../transaction-payment/types.ts'
import { splitFee } from './prices.ts'
import { commitFor, CONTRACT, createLiveWorld, send, transferItem } from '../testing/contract.ts'
import { contractsStorage } from './types.ts'

const GAS_HOLD = { type: 'Contracts', value: { type: 'Gas' } } as const
const CLIENTS = [ALICE, BOB, CAROL, OPERATOR]

const step = fc.oneof(
  fc.record({
    type: fc.constant('send' as const),
    who: fc.constantFrom(...CLIENTS),
    gasLimit: fc.bigInt(BASE_COMMAND_GAS, 5_000_000n),
    value: fc.bigInt(0n, PHA),
  }),
  fc.record({
    type: fc.constant('commit' as const),
    share: fc.integer({ min: 1, max: 4 }),
    succeeds: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    /** Thousandths between the least and the limit. */
    gas: fc.array(fc.bigInt(0n, 1_000n), { minLength: 4, maxLength: 4 }),
    out: fc.bigInt(0n, PHA),
  }),
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never
type Commit = Extract<Step, { type: 'commit' }>

/** Planck that each party has received by the rules, which are written out here once more. */
type Model = { burned: bigint; treasury: bigint; contract: bigint }

describe('payment', () => {
  it('loses and makes no planck, whatever is sent and however it ends', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 16 }), (steps) => {
        const world = createLiveWorld()
        endowTreasury(world)
        const model: Model = { burned: 0n, treasury: 0n, contract: 0n }
        const start = totals(world)
        for (const one of steps) {
          if (one.type === 'send') send(world, one.who, one)
          else commitSome(world, one, model)
          expect(pendingBySender(world)).toEqual(
            CLIENTS.map((who) => held(world.state, GAS_HOLD, who)),
          )
          expect(free(world.state, CONTRACT)).toBe(EXISTENTIAL_DEPOSIT + model.contract)
        }
        const end = totals(world)
        expect(end.burned - start.burned).toBe(model.burned)
        expect(end.treasury - start.treasury).toBe(model.treasury)
      }),
      { numRuns: 25 },
    )
  })

  it('splits every fee into three parts that are the whole', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 100n), (fee) => {
        const { worker, burned, treasury } = splitFee(fee)
        expect(worker + burned + treasury).toBe(fee)
        expect(10n * worker).toBeLessThanOrEqual(8n * fee)
        expect(10n * (worker + 1n)).toBeGreaterThan(8n * fee)
        expect(10n * burned).toBeLessThanOrEqual(fee)
        expect(10n * (burned + 1n)).toBeGreaterThan(fee)
      }),
    )
  })
})

function commitSome(world: World, step: Commit, model: Model): void {
  const { processed = 0n } = contractsStorage.Contracts.get(world.state, CONTRACT) ?? {}
  const { count } = contractsStorage.Inbox.get(world.state, CONTRACT)
  const taken = Number(count - processed) < step.share ? Number(count - processed) : step.share
  if (taken === 0) return
  const outcomes = Array.from({ length: taken }, (_, at) => outcomeOf(world, step, at, model))
  const last = outcomes.findLastIndex(({ code }) => code === 'ok')
  const sequence = processed + BigInt(last)
  const outbox = last < 0 ? [] : [transferItem(sequence, BOB, step.out)]
  if (last >= 0 && step.out <= model.contract) model.contract -= step.out
  const root = contractsStorage.Contracts.get(world.state, CONTRACT)?.root
  const unchanged = last < 0 && root ? { newRoot: root } : {}
  const nextSequence = processed + BigInt(taken)
  const args = commitFor(world, { nextSequence, outcomes, outbox, ...unchanged })
  unwrap(world.unsigned('Contracts', 'commit', args))
  world.nextBlock()
}

function outcomeOf(
  world: World,
  { succeeds, gas }: Commit,
  at: number,
  model: Model,
): { code: string; gasUsed: bigint } {
  const { processed = 0n } = contractsStorage.Contracts.get(world.state, CONTRACT) ?? {}
  const sequence = processed + BigInt(at)
  const pending = contractsStorage.Pending.get(world.state, CONTRACT, sequence)
  if (pending === undefined) throw new InvariantError('not pending')
  const room = pending.gasLimit - BASE_COMMAND_GAS
  const gasUsed = BASE_COMMAND_GAS + (room * (gas[at] ?? 0n)) / 1_000n
  const code = succeeds[at] === true ? 'ok' : 'refused'
  const fee = gasUsed * 10_000n + 1_000_000_000n
  const worker = (fee * 4n) / 5n
  const burned = fee / 10n
  const treasury = fee - worker - burned
  model.burned += burned
  model.treasury += treasury
  if (code === 'ok') model.contract += pending.value
  return { code, gasUsed }
}

function pendingBySender(world: World): bigint[] {
  const all = contractsStorage.Pending.entries(world.state)
  return CLIENTS.map((who: AccountId) =>
    all.reduce((sum, { value }) => (equalBytes(value.sender, who) ? sum + value.held : sum), 0n),
  )
}

/** From then on it keeps every share, however small. */
function endowTreasury(world: World): void {
  const dest = { type: 'Id', value: TREASURY_ACCOUNT }
  const args = { dest, value: PHA }
  unwrap(world.signed(CAROL, 'Balances', 'transfer_allow_death', args))
}

function totals(world: World): { burned: bigint; treasury: bigint } {
  return {
    burned: balancesStorage.Burned.get(world.state),
    treasury: free(world.state, TREASURY_ACCOUNT),
  }
}
