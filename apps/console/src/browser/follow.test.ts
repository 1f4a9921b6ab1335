import { describe, expect, it } from 'vitest'
import type { Chain } from '@tacit/sdk'
import { follow } from './follow.ts'

type Attempt = 'refused' | 'lost later'

/** Plays connections in turn and writes down what the page would be told. */
async function play(attempts: readonly Attempt[]): Promise<string[]> {
  const log: string[] = []
  const left = [...attempts]
  const chain = {
    untilJustified: () => Promise.reject(new Error('gone')),
    close: () => log.push('closed'),
  } as unknown as Chain
  await follow(
    {
      onConnecting: () => log.push('connecting'),
      onLive: () => log.push('live'),
      onLost: (_error, waitMs) => log.push(`lost ${waitMs}`),
    },
    {
      open: async () => {
        if (left.shift() === 'refused') throw new Error('refused')
        return chain
      },
      wait: async () => {},
    },
    () => left.length > 0,
  )
  return log.filter((line) => line !== 'connecting')
}

describe('follow', () => {
  it('waits twice as long after each failure, at most 15 s', async () => {
    const log = await play(Array.from({ length: 6 }, () => 'refused'))
    expect(log).toEqual([
      'lost 1000',
      'lost 2000',
      'lost 4000',
      'lost 8000',
      'lost 15000',
      'lost 15000',
    ])
  })

  it('closes a chain that was lost, and is patient anew after a success', async () => {
    const log = await play(['refused', 'refused', 'lost later', 'refused'])
    expect(log).toEqual(['lost 1000', 'lost 2000', 'live', 'closed', 'lost 1000', 'lost 2000'])
  })
})
