import { describe, expect, it } from 'vitest'
import { utf8 } from '@tacit/base'
import type { EventRecord } from '@tacit/runtime'
import { findCleared } from './cleared.ts'

const contract = new Uint8Array(32).fill(1)

function emitted(data: string, topic: string = 'cleared'): EventRecord {
  const value = { contract, sequence: 1n, topic, data: utf8(data) }
  const event = { type: 'Contracts', value: { type: 'Emitted', value } }
  return { phase: { type: 'Finalization' }, event, topics: [] }
}

describe('findCleared', () => {
  it('takes the last batch of a block', () => {
    const records = [
      emitted('{"price":"102","volume":"25"}'),
      emitted('{"price":"103","volume":"5"}'),
      emitted('{}', 'other'),
    ]
    expect(findCleared(records)).toEqual({ contract, price: '103', volume: '5' })
  })

  it.each([
    '',
    'null',
    '[]',
    '{"price":1,"volume":"2"}',
    '{"price":"1"}',
    '{"price":"-1","volume":"1"}',
  ])('takes nothing from %j', (data) => expect(findCleared([emitted(data)])).toBeUndefined())

  it('takes nothing of absurd length', () => {
    const data = JSON.stringify({ price: '9'.repeat(41), volume: '1' })
    expect(findCleared([emitted(data)])).toBeUndefined()
  })
})
