import { devKeypair } from '@tacit/crypto'
import { openSession, sendCommand, untilCommitted } from '@tacit/sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AccountId } from '@tacit/base'
import { startMiniNetwork, type MiniNetwork } from './testing/mini-network.ts'

let network: MiniNetwork
let contract: AccountId

beforeAll(async () => {
  network = await startMiniNetwork()
  contract = await network.deploy()
})
afterAll(() => network?.stop())

test('a sealed command is run in the enclave and committed', async () => {
  const { chain } = network
  const bob = devKeypair('Bob')
  const sent = await sendCommand(chain, bob, { contract, method: 'order', input: { price: 7 } })
  const commit = await untilCommitted(chain, contract, sent.sequence)
  expect(commit.payload.outcomes.map(({ code }) => code)).toEqual(['ok'])
  const session = await openSession(chain, { contract, account: bob })
  expect((await session.query('mine')).output).toBe(7)
})
