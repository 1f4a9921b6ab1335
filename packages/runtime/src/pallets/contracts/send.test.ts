import { unwrap, MAX_BALANCE } from '@tacit/base'
import { describe, expect, it } from 'vitest'
import {
  BASE_COMMAND_GAS,
  inboxLink,
  inboxPayloadHash,
  MAX_COMMAND_GAS,
  type InboxEntry,
} from '../../protocol/contracts.ts'
import { SIZE_CLASSES } from '../../protocol/padding.ts'
import { free, held } from '../balances/ops.ts'
import { ALICE, BOB, CAROL, codeOf, filled, PHA, type World } from '../testing/world.ts'
import { COMMIT_FEE, GAS_PRICE } from './prices.ts'
import {
  command,
  CONTRACT,
  createDeployedWorld,
  createLiveWorld,
  GAS,
  sealed,
  send,
} from '../testing/contract.ts'
import { contractsStorage } from './types.ts'

const GAS_HOLD = { type: 'Contracts', value: { type: 'Gas' } } as const

function attempt(world: World, changes: Parameters<typeof command>[0]): string {
  return codeOf(world.signed(CAROL, 'Contracts', 'send', command(changes)))
}

describe('send', () => {
  it('orders commands in a hash chain that one proof covers', () => {
    const world = createLiveWorld()
    const entries: InboxEntry[] = []
    let head = contractsStorage.Inbox.get(world.state, CONTRACT).head
    for (const who of [ALICE, BOB, ALICE]) {
      send(world, who, { value: 7n })
      const { value } = world.events.at(-1) ?? {}
      const { entry } = value as { entry: InboxEntry }
      entries.push(entry)
      head = inboxLink(world.state.hashes, head, entry)
    }
    expect(contractsStorage.Inbox.get(world.state, CONTRACT)).toEqual({ count: 4n, head })
    expect(entries.map(({ sequence }) => sequence)).toEqual([1n, 2n, 3n])
    expect(entries.map(({ sender }) => sender)).toEqual([ALICE, BOB, ALICE])
    expect(new Set(entries.map(({ nonce }) => nonce)).size).toBe(3)
    const payload = { type: 'Sealed', value: sealed() } as const
    expect(entries[0]?.payloadHash).toEqual(inboxPayloadHash(world.state.hashes, payload))
    expect(contractsStorage.Pending.get(world.state, CONTRACT, 3n)?.head).toEqual(head)
  })

  it.each([0n, 1n, 5n * PHA])('holds gas, fee and a value of %d', (value) => {
    const world = createLiveWorld()
    send(world, CAROL, { value })
    const amount = GAS * GAS_PRICE + COMMIT_FEE + value
    expect(held(world.state, GAS_HOLD, CAROL)).toBe(amount)
    expect(contractsStorage.Pending.get(world.state, CONTRACT, 1n)).toMatchObject({
      sender: CAROL,
      held: amount,
      value,
      gasLimit: GAS,
      epoch: 0,
    })
  })

  it('takes every size class, and the least and the most gas', () => {
    const world = createLiveWorld()
    for (const size of SIZE_CLASSES) send(world, BOB, { payload: sealed(size) })
    for (const gasLimit of [BASE_COMMAND_GAS, MAX_COMMAND_GAS]) send(world, BOB, { gasLimit })
    expect(contractsStorage.Inbox.get(world.state, CONTRACT).count).toBe(8n)
  })

  it.each([
    ['another contract', { contract: filled(1) as never }, 'Contracts.ContractUnknown'],
    ['another epoch', { epoch: 1 }, 'Contracts.WrongEpoch'],
    ['too little gas', { gasLimit: BASE_COMMAND_GAS - 1n }, 'Contracts.GasLimitTooLow'],
    ['too much gas', { gasLimit: MAX_COMMAND_GAS + 1n }, 'Contracts.GasLimitTooHigh'],
    ['no payload', { payload: new Uint8Array() }, 'Contracts.PayloadMalformed'],
    ['an odd size', { payload: sealed(257) }, 'Contracts.PayloadMalformed'],
    ['trailing bytes', { payload: Uint8Array.of(...sealed(), 0) }, 'Contracts.PayloadMalformed'],
    ['more value than there is', { value: MAX_BALANCE }, 'token'],
  ])('refuses %s', (_, changes, expected) => {
    const world = createLiveWorld()
    const before = free(world.state, CAROL)
    expect(attempt(world, changes)).toBe(expected)
    expect(free(world.state, CAROL)).toBe(before)
    expect(contractsStorage.Inbox.get(world.state, CONTRACT).count).toBe(1n)
  })

  it('refuses commands before the constructor was committed', () => {
    expect(attempt(createDeployedWorld(), {})).toBe('Contracts.ContractNotReady')
  })

  it('refuses commands while the epoch has no inbox key', () => {
    const world = createLiveWorld()
    unwrap(world.signed(ALICE, 'Keys', 'rotate_epoch', { contract: CONTRACT }))
    expect(attempt(world, {})).toBe('Contracts.WrongEpoch')
    expect(attempt(world, { epoch: 1 })).toBe('Contracts.InboxKeyMissing')
  })

  it('needs a signature', () => {
    expect(codeOf(createLiveWorld().unsigned('Contracts', 'send', command()))).toBe('bad_origin')
  })
})
