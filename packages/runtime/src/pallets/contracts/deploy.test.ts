import { unwrap, type AccountId } from '@tacit/base'
import { describe, expect, it } from 'vitest'
import {
  BASE_COMMAND_GAS,
  inboxLink,
  inboxPayloadHash,
  MAX_COMMAND_GAS,
} from '../../protocol/contracts.ts'
import { free, held } from '../balances/ops.ts'
import { EXISTENTIAL_DEPOSIT } from '../balances/types.ts'
import { ALICE, BOB, codeOf, filled, OPERATOR, PHA, START } from '../testing/world.ts'
import { STATE_DEPOSIT } from './deploy.ts'
import { COMMIT_FEE, GAS_PRICE } from './prices.ts'
import {
  CODE,
  CODE_HASH,
  CONTRACT,
  createDeployedWorld,
  createServedWorld,
  deployment,
  GAS,
  SLOT,
} from '../testing/contract.ts'
import { contractsStorage } from './types.ts'

const GAS_HOLD = { type: 'Contracts', value: { type: 'Gas' } } as const
const CODE_HOLD = { type: 'Contracts', value: { type: 'CodeDeposit' } } as const
const STATE_HOLD = { type: 'Contracts', value: { type: 'StateDeposit' } } as const

describe('upload_code', () => {
  it('stores a module under its hash for a deposit per byte', () => {
    const world = createServedWorld()
    unwrap(world.signed(BOB, 'Contracts', 'upload_code', { code: CODE }))
    expect(contractsStorage.Code.get(world.state, CODE_HASH)).toEqual(CODE)
    const info = contractsStorage.CodeInfos.get(world.state, CODE_HASH)
    expect(info).toMatchObject({ uploader: BOB, bytes: CODE.length })
    expect(held(world.state, CODE_HOLD, BOB)).toBe(info?.deposit)
    unwrap(world.signed(BOB, 'Contracts', 'upload_code', { code: filled(0x20, 1_001) }))
    unwrap(world.signed(ALICE, 'Contracts', 'upload_code', { code: filled(0x20, 1) }))
    const larger = held(world.state, CODE_HOLD, BOB) - (info?.deposit ?? 0n)
    expect(larger - held(world.state, CODE_HOLD, ALICE)).toBe(1_000n * 10_000_000n)
  })

  it.each([
    ['again', CODE, 'Contracts.CodeExists'],
    ['nothing', new Uint8Array(), 'Contracts.CodeEmpty'],
    ['what is not UTF-8', filled(0xff, 4), 'Contracts.CodeNotUtf8'],
  ])('refuses %s', (_, code, expected) => {
    const world = createDeployedWorld()
    expect(codeOf(world.signed(ALICE, 'Contracts', 'upload_code', { code }))).toBe(expected)
    expect(held(world.state, CODE_HOLD, ALICE)).toBe(0n)
  })

  it('needs a signature', () => {
    const world = createServedWorld()
    expect(codeOf(world.unsigned('Contracts', 'upload_code', { code: CODE }))).toBe('bad_origin')
  })
})

describe('deploy', () => {
  it('puts the constructor first into the inbox and holds what it may cost', () => {
    const world = createDeployedWorld()
    expect(contractsStorage.Contracts.get(world.state, CONTRACT)).toEqual({
      owner: ALICE,
      codeHash: CODE_HASH,
      slot: SLOT,
      status: { type: 'Deploying' },
      root: new Uint8Array(32),
      processed: 0n,
      deposit: STATE_DEPOSIT,
      deployedAt: 1,
    })
    const { hashes } = world.state
    const payload = { type: 'Init', value: deployment().init } as const
    const entry = {
      sequence: 0n,
      sender: ALICE,
      nonce: 4,
      epoch: 0,
      gasLimit: GAS,
      value: 0n,
      height: 1,
      timeMs: BigInt(START) * 1_000n,
      payloadHash: inboxPayloadHash(hashes, payload),
    }
    const head = inboxLink(hashes, new Uint8Array(32), entry)
    expect(contractsStorage.Inbox.get(world.state, CONTRACT)).toEqual({ count: 1n, head })
    const message = world.events.find(({ code }) => code === 'Contracts.InboxMessage')
    expect(message?.value).toMatchObject({ contract: CONTRACT, sequence: 0n, entry })
    expect(held(world.state, GAS_HOLD, ALICE)).toBe(GAS * GAS_PRICE + COMMIT_FEE)
    expect(held(world.state, STATE_HOLD, ALICE)).toBe(STATE_DEPOSIT)
    expect(free(world.state, CONTRACT)).toBe(EXISTENTIAL_DEPOSIT)
    const spent = GAS * GAS_PRICE + COMMIT_FEE + STATE_DEPOSIT + EXISTENTIAL_DEPOSIT
    expect(free(world.state, ALICE)).toBe(1_000n * PHA - spent)
  })

  it.each([
    ['code that nobody stored', { codeHash: filled(1) as never }, 'Contracts.CodeUnknown'],
    ['the same again', {}, 'Contracts.ContractExists'],
    ['too little gas', { gasLimit: BASE_COMMAND_GAS - 1n }, 'Contracts.GasLimitTooLow'],
    ['too much gas', { gasLimit: MAX_COMMAND_GAS + 1n }, 'Contracts.GasLimitTooHigh'],
    ['an empty slot', { slot: { operator: ALICE, index: 0 } }, 'Contracts.SlotNotServing'],
    ["a gatekeeper's slot", { slot: { operator: OPERATOR, index: 1 } }, 'Contracts.SlotNotServing'],
  ])('refuses %s', (_, changes, expected) => {
    const world = createDeployedWorld()
    const before = free(world.state, ALICE)
    const outcome = world.signed(ALICE, 'Contracts', 'deploy', deployment(changes))
    expect(codeOf(outcome)).toBe(expected)
    expect(free(world.state, ALICE)).toBe(before)
  })

  it('takes another salt or owner for another contract', () => {
    const world = createDeployedWorld()
    unwrap(world.signed(ALICE, 'Contracts', 'deploy', deployment({ salt: filled(6) })))
    unwrap(world.signed(BOB, 'Contracts', 'deploy', deployment()))
    expect(contractsStorage.Contracts.entries(world.state)).toHaveLength(3)
  })

  it('takes the least and the most gas', () => {
    const world = createDeployedWorld()
    for (const [at, gasLimit] of [BASE_COMMAND_GAS, MAX_COMMAND_GAS].entries()) {
      const salt = filled(0x70 + at)
      unwrap(world.signed(BOB, 'Contracts', 'deploy', deployment({ salt, gasLimit })))
    }
  })

  it('refuses slots whose evidence has expired', () => {
    const world = createDeployedWorld()
    world.pass(86_400)
    const outcome = world.signed(BOB, 'Contracts', 'deploy', deployment())
    expect(codeOf(outcome)).toBe('Contracts.SlotNotServing')
  })

  it('needs a signature and the money', () => {
    const world = createDeployedWorld()
    expect(codeOf(world.unsigned('Contracts', 'deploy', deployment()))).toBe('bad_origin')
    const poor = filled(0x77) as AccountId
    expect(codeOf(world.signed(poor, 'Contracts', 'deploy', deployment()))).toBe('token')
  })
})
