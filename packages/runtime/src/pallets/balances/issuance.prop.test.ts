import { utf8 } from '@tacit/base'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { HoldReason } from '../../framework/hold-reason.ts'
import { countIssuance, PHA } from '../../testing/chain.ts'
import { alice, bob, carol, contextOf, dave, richChain } from '../../testing/scenario.ts'
import { systemStorage } from '../system/types.ts'
import { setFreeze, setLock } from './frozen.ts'
import { burn, burnHeld, held, hold, mint, release, transfer, transferHeld } from './ops.ts'
import { balancesStorage, EXISTENTIAL_DEPOSIT as ED } from './types.ts'

const people = [alice.who, bob.who, carol.who, dave.who]
const REASONS: readonly HoldReason[] = [
  { type: 'Contracts', value: { type: 'Gas' } },
  { type: 'Workers', value: { type: 'Registration' } },
]

const who = fc.constantFrom(...people)
const amount = fc.oneof(
  fc.constantFrom(0n, 1n, ED - 1n, ED, ED + 1n, 10n * PHA, 10n * PHA - ED, 10n * PHA - ED + 1n),
  fc.bigInt({ min: 0n, max: 120n * PHA }),
)
const step = fc.record({
  kind: fc.constantFrom(
    'transfer',
    'mint',
    'burn',
    'hold',
    'release',
    'transferHeld',
    'burnHeld',
    'freeze',
    'lock',
  ),
  from: who,
  to: who,
  amount,
  reason: fc.constantFrom(...REASONS),
  keepAlive: fc.boolean(),
})
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

function take(context: ReturnType<typeof contextOf>, taken: Step): { ok: boolean } {
  const { from, to, reason, keepAlive } = taken
  switch (taken.kind) {
    case 'transfer':
      return transfer(context, from, to, taken.amount, { keepAlive })
    case 'mint':
      return mint(context, to, taken.amount)
    case 'burn':
      return burn(context, from, taken.amount, { keepAlive })
    case 'hold':
      return hold(context, reason, from, taken.amount)
    case 'release':
      return release(context, reason, from, taken.amount)
    case 'transferHeld':
      return transferHeld(context, reason, from, to, taken.amount)
    case 'burnHeld':
      return burnHeld(context, reason, from, taken.amount)
    case 'freeze':
      return setFreeze(
        context,
        { type: 'Governance', value: { type: 'Voting' } },
        from,
        taken.amount,
      )
    case 'lock':
      return setLock(context, utf8('lock    '), from, taken.amount)
  }
}

test('whatever is done, planck are conserved, accounts are whole, and failures change nothing', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
      const chain = richChain()
      const context = contextOf(chain)
      for (const next of steps) {
        const before = chain.written()
        const outcome = take(context, next)
        if (!outcome.ok) expect(chain.written()).toEqual(before)
        const { onAccounts, byTotals, issued } = countIssuance(chain.state)
        expect([onAccounts, byTotals]).toEqual([issued, issued])
      }
      for (const person of people) {
        const account = systemStorage.Account.get(chain.state, person)
        const { free, reserved, frozen } = account.data
        const sum = REASONS.reduce((total, reason) => total + held(chain.state, reason, person), 0n)
        expect(reserved).toBe(sum)
        expect(account.providers).toBe(free >= ED ? 1 : 0)
        expect(account.consumers).toBe(reserved > 0n || frozen > 0n ? 1 : 0)
        if (account.providers === 0)
          expect(systemStorage.Account.has(chain.state, person)).toBe(false)
      }
      expect(balancesStorage.GenesisIssuance.get(chain.state)).toBe(1_111n * PHA)
    }),
    { numRuns: 150 },
  )
})
