import { describe, expect, it } from 'vitest'
import { utf8 } from '@tacit/base'
import { createRuntime } from '@tacit/runtime/runtime'
import { CONTRACTS_INDEX, contractsErrors, type DecodedEvent } from '@tacit/runtime'
import { blockInWords, eventInWords } from './events-in-words.ts'

const account = new Uint8Array(32).fill(7)
const key = new Uint8Array(32).fill(0xab)

function event(type: string, name: string, value?: unknown): DecodedEvent {
  return { type, value: { type: name, value } }
}

describe('eventInWords', () => {
  it('tells a payment', () => {
    const transfer = event('Balances', 'Transfer', {
      from: account,
      to: account,
      amount: 10n ** 12n,
    })
    expect(eventInWords(transfer)).toMatch(/^\S+ paid 1 PHA to \S+$/)
  })

  it('names the root that vouched for an enclave', () => {
    const verdict = { signatureChecks: 9, status: { type: 'UpToDate' }, rootName: 'A Root' }
    const value = { signingKey: key, role: { type: 'Contracts' }, verdict }
    expect(eventInWords(event('Workers', 'Registered', value))).toBe(
      'Contracts enclave 0xabababab… admitted: 9 signatures, TCB UpToDate, vouched for by A Root',
    )
  })

  it('tells a range of commands from one', () => {
    const commit = { firstSequence: 3n, nextSequence: 4n, root: key }
    const one = event('Contracts', 'Committed', commit)
    const more = event('Contracts', 'Committed', { ...commit, nextSequence: 7n })
    expect(eventInWords(one)).toContain('committed command 3;')
    expect(eventInWords(more)).toContain('committed commands 3 to 6;')
  })

  it('bounds what a contract emits and keeps it on one line', () => {
    const emitted = (data: Uint8Array): string | undefined =>
      eventInWords(event('Contracts', 'Emitted', { topic: 'note', data }))
    expect(emitted(utf8('a\nb'))).toBe('contract made public: note a b')
    expect(emitted(utf8('x'.repeat(4_096)))?.length).toBeLessThan(160)
    expect(emitted(Uint8Array.of(0xff, 0xfe))).toBe('contract made public: note 0xfffe…')
  })

  it('names the error of a call by its pallet', () => {
    const { index } = contractsErrors.ContractUnknown
    const error = { code: 'module', pallet: CONTRACTS_INDEX, index }
    expect(eventInWords(event('System', 'ExtrinsicFailed', { dispatch_error: error }))).toBe(
      'a call was refused: Contracts.ContractUnknown',
    )
    const plain = { dispatch_error: { code: 'token', reason: 'Frozen' } }
    expect(eventInWords(event('System', 'ExtrinsicFailed', plain))).toContain('token.Frozen')
  })

  it('leaves bookkeeping out and gives what it does not know by name', () => {
    expect(
      eventInWords(event('Balances', 'Withdraw', { who: account, amount: 1n })),
    ).toBeUndefined()
    expect(eventInWords(event('Later', 'Thing'))).toBe('Later.Thing')
  })

  it('has words, or a decision, for every event of the runtime but one', () => {
    const { pallets } = createRuntime().composition
    const unworded = pallets.flatMap((pallet) =>
      Object.keys(pallet.events).filter((name) => {
        try {
          return eventInWords(event(pallet.name, name, {})) === `${pallet.name}.${name}`
        } catch {
          return false
        }
      }),
    )
    expect(unworded).toEqual(['Misbehaved'])
  })
})

describe('blockInWords', () => {
  it('keeps the order and drops bookkeeping', () => {
    const phase = { type: 'Finalization' as const }
    const events = [event('System', 'ExtrinsicSuccess'), event('A', 'B'), event('C', 'D')]
    const records = events.map((one) => ({ phase, event: one, topics: [] }))
    expect(blockInWords(records)).toEqual(['A.B', 'C.D'])
  })
})
