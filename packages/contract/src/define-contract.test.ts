import { describe, expect, it } from 'vitest'

import { defineContract } from './define-contract.ts'

describe('defineContract', () => {
  it('returns what it was given', () => {
    const contract = { commands: {}, queries: {} }
    expect(defineContract(contract)).toBe(contract)
  })

  it('gives handlers their types', () => {
    const contract = defineContract({
      init: (ctx, input) => ctx.state.set('first', input),
      commands: {
        // @ts-expect-error An input is any JSON until the contract has looked at it.
        typed: (_ctx, input: { side: string }) => input.side,
        // @ts-expect-error JSON has no bigint.
        bigints: (ctx) => ctx.value,
        strings: async (ctx) => ({ value: ctx.value.toString() }),
      },
      queries: {
        // @ts-expect-error A query cannot write.
        writes: (ctx) => ctx.state.set('a', 1),
        // @ts-expect-error A query has no effects.
        emits: (ctx) => ctx.emit('a', 1),
        reads: (ctx) => ctx.state.get('a'),
      },
    })
    expect(Object.keys(contract.queries ?? {})).toEqual(['writes', 'emits', 'reads'])
  })
})
