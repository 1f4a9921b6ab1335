import { unwrap, type AccountId, type Hash } from '@tacit/base'
import { describe, expect, it } from 'vitest'
import { BASE_COMMAND_GAS, commitHash } from '../../protocol/contracts.ts'
import { free, held } from '../balances/ops.ts'
import { balancesStorage, EXISTENTIAL_DEPOSIT } from '../balances/types.ts'
import {
  ALICE,
  BOB,
  CAROL,
  codeOf,
  createEnclave,
  filled,
  OPERATOR,
  PHA,
  register,
  type World,
} from '../testing/world.ts'
import { TREASURY_ACCOUNT } from '../transaction-payment/types.ts'
import { MAX_COMMITS_PER_BLOCK } from './check-commit.ts'
import { COMMIT_FEE, commandFee, GAS_PRICE } from './prices.ts'
import {
  command,
  commitFor,
  CONTRACT,
  createDeployedWorld,
  createLiveWorld,
  eventItem,
  GAS,
  GATEKEEPER,
  grantTo,
  releaseKeys,
  send,
  transferItem,
  WORKER,
  type CommitChanges,
} from '../testing/contract.ts'
import { contractsStorage } from './types.ts'

const GAS_HOLD = { type: 'Contracts', value: { type: 'Gas' } } as const

function attempt(world: World, changes: CommitChanges = {}): string {
  return codeOf(world.unsigned('Contracts', 'commit', commitFor(world, changes)))
}

function commit(world: World, changes: CommitChanges = {}): void {
  unwrap(world.unsigned('Contracts', 'commit', commitFor(world, changes)), 'commit')
}

function rootOf(world: World): Hash | undefined {
  return contractsStorage.Contracts.get(world.state, CONTRACT)?.root
}

function worldWithCommands(...senders: readonly AccountId[]): World {
  const world = createLiveWorld()
  for (const who of senders) send(world, who)
  return world
}

describe('commit', () => {
  it('brings a contract to life by its constructor', () => {
    const world = createDeployedWorld()
    releaseKeys(world)
    const newRoot = filled(0x33) as Hash
    const args = commitFor(world, { newRoot })
    unwrap(world.unsigned('Contracts', 'commit', args))
    expect(contractsStorage.Contracts.get(world.state, CONTRACT)).toMatchObject({
      status: { type: 'Live' },
      root: newRoot,
      processed: 1n,
    })
    expect(contractsStorage.LastCommits.get(world.state, CONTRACT)).toEqual({
      hash: commitHash(world.state.hashes, args.payload),
      height: 1,
      firstSequence: 0n,
      nextSequence: 1n,
      instance: WORKER.publicKey,
      newRoot,
    })
    expect(contractsStorage.Pending.entries(world.state)).toEqual([])
    const committed = world.events.find(({ code }) => code === 'Contracts.Committed')
    expect(committed?.value).toMatchObject({ contract: CONTRACT, root: newRoot })
  })

  it('answers several commands, or only the first of them', () => {
    const world = worldWithCommands(ALICE, BOB, CAROL)
    commit(world, { nextSequence: 3n })
    expect(contractsStorage.Pending.entries(world.state).map(({ keys }) => keys[1])).toEqual([3n])
    commit(world)
    expect(contractsStorage.Contracts.get(world.state, CONTRACT)?.processed).toBe(4n)
  })

  it('needs no origin and refuses every other', () => {
    const world = worldWithCommands(ALICE)
    const args = commitFor(world)
    expect(codeOf(world.signed(OPERATOR, 'Contracts', 'commit', args))).toBe('bad_origin')
    expect(codeOf(world.dispatch({ type: 'Root' }, 'Contracts', 'commit', args))).toBe('bad_origin')
  })

  it.each([
    ['another chain', { genesis: filled(1) as Hash }, 'WrongGenesis'],
    ['other code', { codeHash: filled(1) as Hash }, 'WrongCode'],
    ['another root', { previousRoot: filled(1) as Hash }, 'StaleRoot'],
    ['a range that is behind', { firstSequence: 0n }, 'WrongRange'],
    ['a range that leaves one out', { firstSequence: 2n }, 'WrongRange'],
    ['an empty range', { nextSequence: 1n }, 'WrongRange'],
    ['commands to come', { nextSequence: 4n }, 'WrongRange'],
    ['another inbox', { inboxHead: filled(1) as Hash }, 'WrongInboxHead'],
    ['too few outcomes', { outcomes: [{}] }, 'OutcomesIncomplete'],
    ['too many outcomes', { outcomes: [{}, {}, {}] }, 'OutcomesIncomplete'],
    ['an outcome twice', { outcomes: [{}, { sequence: 1n }] }, 'OutcomesIncomplete'],
    [
      'outcomes out of order',
      { outcomes: [{ sequence: 2n }, { sequence: 1n }] },
      'OutcomesIncomplete',
    ],
    ['gas above the limit', { outcomes: [{}, { gasUsed: GAS + 1n }] }, 'GasUsedOutOfRange'],
    [
      'gas below the least',
      { outcomes: [{ gasUsed: BASE_COMMAND_GAS - 1n }, {}] },
      'GasUsedOutOfRange',
    ],
    ['effects of other commands', { outbox: [transferItem(3n, BOB, 1n)] }, 'OutboxInvalid'],
    ['effects of the past', { outbox: [transferItem(0n, BOB, 1n)] }, 'OutboxInvalid'],
    [
      'effects out of order',
      { outbox: [transferItem(2n, BOB, 1n), transferItem(1n, BOB, 1n)] },
      'OutboxInvalid',
    ],
    [
      'effects of a failure',
      { outcomes: [{ code: 'threw' }, {}], outbox: [transferItem(1n, BOB, 1n)] },
      'OutboxInvalid',
    ],
    [
      'a new root without success',
      { outcomes: [{ code: 'threw' }, { code: 'out_of_gas' }] },
      'RootChangedByFailure',
    ],
  ])('refuses %s', (_, changes, name) => {
    const world = worldWithCommands(ALICE, BOB)
    const root = rootOf(world)
    expect(attempt(world, changes)).toBe(`Contracts.${name}`)
    expect(rootOf(world)).toEqual(root)
    expect(contractsStorage.Pending.entries(world.state)).toHaveLength(2)
  })

  it('refuses contracts that do not exist', () => {
    const world = worldWithCommands(ALICE)
    const { payload, signature } = commitFor(world)
    const args = { payload: { ...payload, contract: BOB }, signature }
    expect(codeOf(world.unsigned('Contracts', 'commit', args))).toBe('Contracts.ContractUnknown')
  })

  it('refuses a forged signature, and one over anything else', () => {
    const world = worldWithCommands(ALICE)
    const honest = commitFor(world)
    const forgeries = [
      { ...honest, signature: filled(0, 64) },
      {
        ...honest,
        signature: commitFor(world, { instance: WORKER.publicKey }, GATEKEEPER).signature,
      },
      { ...honest, payload: { ...honest.payload, newRoot: filled(9) as Hash } },
      { ...honest, payload: { ...honest.payload, stateBlob: filled(9) as Hash } },
    ]
    for (const forged of forgeries) {
      expect(codeOf(world.unsigned('Contracts', 'commit', forged))).toBe(
        'Contracts.SignatureInvalid',
      )
    }
  })

  it('refuses a commit that was applied', () => {
    const world = worldWithCommands(ALICE)
    const args = commitFor(world)
    unwrap(world.unsigned('Contracts', 'commit', args))
    expect(codeOf(world.unsigned('Contracts', 'commit', args))).toBe('Contracts.StaleRoot')
    const idle = worldWithCommands(ALICE)
    const failed = commitFor(idle, {
      newRoot: rootOf(idle) as Hash,
      outcomes: [{ code: 'threw' }],
    })
    unwrap(idle.unsigned('Contracts', 'commit', failed))
    expect(codeOf(idle.unsigned('Contracts', 'commit', failed))).toBe('Contracts.WrongRange')
  })

  it('refuses instances that were superseded, are of another slot, or have expired', () => {
    const world = worldWithCommands(ALICE)
    const newer = createEnclave('Contracts', 9)
    const elsewhere = createEnclave('Contracts', 8)
    register(world, elsewhere, { slot: 2 })
    for (const signer of [GATEKEEPER, elsewhere, newer]) {
      const args = commitFor(world, {}, signer)
      expect(codeOf(world.unsigned('Contracts', 'commit', args))).toBe(
        'Contracts.InstanceSuperseded',
      )
    }
    register(world, newer)
    expect(attempt(world)).toBe('Contracts.InstanceSuperseded')
    grantTo(world, newer)
    const late = commitFor(world, {}, newer)
    world.pass(86_400)
    expect(codeOf(world.unsigned('Contracts', 'commit', late))).toBe('Contracts.InstanceNotServing')
  })

  it('lets a newer instance go on where the older one was', () => {
    const world = worldWithCommands(ALICE, BOB)
    commit(world, { nextSequence: 2n })
    const newer = createEnclave('Contracts', 9)
    register(world, newer)
    unwrap(world.unsigned('Contracts', 'commit', commitFor(world, {}, newer)))
  })

  it('bounds the commits of an instance in a block', () => {
    const world = createLiveWorld()
    for (let made = 1; made < MAX_COMMITS_PER_BLOCK; made++) {
      send(world, ALICE)
      commit(world)
    }
    send(world, ALICE)
    expect(world.validate('Contracts', 'commit', commitFor(world))).toEqual({
      ok: false,
      error: { code: 'exhausts_resources' },
    })
    expect(attempt(world)).toBe('Contracts.TooManyCommits')
    world.nextBlock()
    commit(world)
  })

  it('refuses everything after a constructor that failed, and still charges for it', () => {
    const world = createDeployedWorld()
    releaseKeys(world)
    const before = free(world.state, ALICE)
    const root = filled(0) as Hash
    commit(world, { newRoot: root, outcomes: [{ code: 'threw', gasUsed: 50_000n }] })
    expect(contractsStorage.Contracts.get(world.state, CONTRACT)?.status.type).toBe('Failed')
    expect(world.events.at(-1)).toMatchObject({
      code: 'Contracts.DeployFailed',
      value: { contract: CONTRACT, code: 'threw' },
    })
    expect(free(world.state, ALICE) - before).toBe((GAS - 50_000n) * GAS_PRICE)
    expect(attempt(world)).toBe('Contracts.ContractFailed')
    const outcome = world.signed(BOB, 'Contracts', 'send', command())
    expect(codeOf(outcome)).toBe('Contracts.ContractFailed')
  })
})

describe('payment', () => {
  it.each([BASE_COMMAND_GAS, 33_333n, GAS])(
    'splits the fee for %d gas to the planck',
    (gasUsed) => {
      const world = worldWithCommands(CAROL)
      const before = [CAROL, OPERATOR, TREASURY_ACCOUNT].map((who) => total(world, who))
      const burned = balancesStorage.Burned.get(world.state)
      commit(world, { outcomes: [{ gasUsed }] })
      const fee = gasUsed * GAS_PRICE + COMMIT_FEE
      const [sender, operator, treasury] = [CAROL, OPERATOR, TREASURY_ACCOUNT].map(
        (who, at) => total(world, who) - (before[at] ?? 0n),
      )
      const burnedNow = balancesStorage.Burned.get(world.state) - burned
      expect(sender).toBe(-fee)
      expect(operator).toBe((fee * 80n) / 100n)
      expect((operator ?? 0n) + (treasury ?? 0n) + burnedNow).toBe(fee)
      expect(held(world.state, GAS_HOLD, CAROL)).toBe(0n)
      expect(world.events.find(({ code }) => code === 'Contracts.CommandDone')?.value).toEqual({
        contract: CONTRACT,
        sequence: 1n,
        code: 'ok',
        gasUsed,
        fee,
      })
    },
  )

  it('burns what the treasury could not keep, and fills it once it can', () => {
    const world = createLiveWorld()
    expect(free(world.state, TREASURY_ACCOUNT)).toBe(0n)
    send(world, CAROL)
    commit(world)
    expect(free(world.state, TREASURY_ACCOUNT)).toBe(0n)
    send(world, CAROL, { gasLimit: 10_000_000n })
    commit(world, { outcomes: [{ gasUsed: 10_000_000n }] })
    expect(free(world.state, TREASURY_ACCOUNT)).toBe(commandFee(10_000_000n) / 10n)
    send(world, CAROL)
    const before = free(world.state, TREASURY_ACCOUNT)
    commit(world)
    expect(free(world.state, TREASURY_ACCOUNT) - before).toBe(commandFee(BASE_COMMAND_GAS) / 10n)
  })

  it('pays the operator that is its own client', () => {
    const world = worldWithCommands(OPERATOR)
    const before = total(world, OPERATOR)
    commit(world)
    const fee = commandFee(BASE_COMMAND_GAS)
    expect(before - total(world, OPERATOR)).toBe(fee - (fee * 80n) / 100n)
    expect(held(world.state, GAS_HOLD, OPERATOR)).toBe(0n)
  })

  it.each([0n, 1n, 3n * PHA])('moves a value of %d if the command succeeds', (value) => {
    const world = createLiveWorld()
    send(world, CAROL, { value })
    commit(world)
    expect(free(world.state, CONTRACT)).toBe(EXISTENTIAL_DEPOSIT + value)
    expect(held(world.state, GAS_HOLD, CAROL)).toBe(0n)
  })

  it('gives the value back if the command fails', () => {
    const world = createLiveWorld()
    const before = total(world, CAROL)
    send(world, CAROL, { value: PHA })
    commit(world, { newRoot: rootOf(world) as Hash, outcomes: [{ code: 'refused' }] })
    expect(free(world.state, CONTRACT)).toBe(EXISTENTIAL_DEPOSIT)
    expect(before - total(world, CAROL)).toBe(commandFee(BASE_COMMAND_GAS))
  })
})

describe('outbox', () => {
  it('makes events public and moves money that came with the same commands', () => {
    const world = createLiveWorld()
    send(world, CAROL, { value: 2n * PHA })
    const before = free(world.state, BOB)
    const data = filled(7, 12)
    commit(world, { outbox: [eventItem(1n, 'cleared', data), transferItem(1n, BOB, 2n * PHA)] })
    expect(free(world.state, BOB) - before).toBe(2n * PHA)
    expect(world.events.find(({ code }) => code === 'Contracts.Emitted')?.value).toEqual({
      contract: CONTRACT,
      sequence: 1n,
      topic: 'cleared',
      data,
    })
  })

  it('reports transfers that cannot be made and goes on', () => {
    const world = worldWithCommands(CAROL)
    const stranger = filled(0x57) as AccountId
    const outbox = [
      transferItem(1n, BOB, PHA),
      transferItem(1n, stranger, 1n),
      transferItem(1n, BOB, EXISTENTIAL_DEPOSIT),
    ]
    commit(world, { outbox })
    const failed = world.events.filter(({ code }) => code === 'Contracts.TransferFailed')
    expect(failed.map(({ value }) => (value as { error: unknown }).error)).toEqual([
      { code: 'token', reason: 'FundsUnavailable' },
      { code: 'token', reason: 'NotExpendable' },
      { code: 'token', reason: 'NotExpendable' },
    ])
    expect(free(world.state, CONTRACT)).toBe(EXISTENTIAL_DEPOSIT)
  })
})

describe('the pool', () => {
  it('takes one commit per contract, root and range', () => {
    const world = worldWithCommands(ALICE)
    const [one, two] = [filled(1), filled(2)].map((newRoot) =>
      unwrap(world.validate('Contracts', 'commit', commitFor(world, { newRoot: newRoot as Hash }))),
    )
    expect(one).toMatchObject({ requires: [], propagate: true })
    expect(one?.provides).toEqual(two?.provides)
  })

  it('tells what is late from what is early and from what is wrong', () => {
    const world = worldWithCommands(ALICE, BOB, CAROL)
    const late = commitFor(world, { nextSequence: 2n })
    unwrap(world.unsigned('Contracts', 'commit', late))
    const early = commitFor(world, { firstSequence: 3n, previousRoot: filled(1) as Hash })
    const code = (args: unknown): unknown => {
      const validity = world.validate('Contracts', 'commit', args)
      return validity.ok ? 'ok' : validity.error
    }
    expect(code(late)).toEqual({ code: 'stale' })
    expect(code(early)).toEqual({ code: 'future' })
    expect(code(commitFor(world, { previousRoot: filled(1) as Hash }))).toEqual({
      code: 'custom',
      value: 18,
    })
    expect(code({ ...commitFor(world), signature: filled(0, 64) })).toEqual({
      code: 'custom',
      value: 25,
    })
    expect(code(commitFor(world))).toBe('ok')
  })
})

function total(world: World, who: AccountId): bigint {
  return free(world.state, who) + held(world.state, GAS_HOLD, who)
}
