import { unwrap, type Hash } from '@tacit/base'
import { describe, expect, it } from 'vitest'
import {
  announcement,
  commitFor,
  CONTRACT,
  createDeployedWorld,
  createLiveWorld,
  createServedWorld,
  grantArgs,
  GATEKEEPER,
  GROUP_KEY,
  grantTo,
  inboxNote,
  releaseKeys,
  WORKER,
} from '../testing/contract.ts'
import {
  ALICE,
  BOB,
  codeOf,
  createEnclave,
  filled,
  OPERATOR,
  register,
  type World,
} from '../testing/world.ts'
import { keysStorage } from './types.ts'

const foreign = filled(1) as Hash

function announced(): World {
  const world = createDeployedWorld()
  unwrap(world.unsigned('Keys', 'announce_group', announcement()))
  return world
}

/** What the pool and the block say of the same call; they must agree. */
function judge(world: World, name: string, args: unknown): string {
  const validity = world.validate('Keys', name, args)
  const outcome = codeOf(world.unsigned('Keys', name, args))
  expect(validity.ok).toBe(outcome === 'ok')
  return outcome
}

describe('announce_group', () => {
  it('keeps the first committee', () => {
    const world = createServedWorld()
    expect(judge(world, 'announce_group', announcement())).toBe('ok')
    expect(keysStorage.Group.get(world.state)).toEqual(announcement().group)
    expect(world.events.at(-1)?.code).toBe('Keys.GroupAnnounced')
    expect(judge(world, 'announce_group', announcement())).toBe('Keys.GroupExists')
    expect(world.validate('Keys', 'announce_group', announcement())).toEqual({
      ok: false,
      error: { code: 'stale' },
    })
  })

  const member = { instance: GATEKEEPER.publicKey, verificationKey: GROUP_KEY }
  it.each([
    ['another chain', { genesis: foreign }, 'WrongGenesis'],
    ['no members', { members: [] }, 'GroupSizeUnsupported'],
    ['two members', { members: [member, member] }, 'GroupSizeUnsupported'],
    ['a threshold of none', { threshold: 0 }, 'GroupMalformed'],
    ['a threshold above the size', { threshold: 2 }, 'GroupMalformed'],
    ['keys that contradict', { groupKey: filled(1, 96) }, 'GroupMalformed'],
    [
      'members that are not registered',
      { members: [{ ...member, instance: filled(1) }] },
      'GatekeeperNotServing',
    ],
    [
      'members of another role',
      { members: [{ ...member, instance: WORKER.publicKey }] },
      'GatekeeperNotServing',
    ],
  ])('refuses %s', (_, changes, name) => {
    expect(judge(createServedWorld(), 'announce_group', announcement(changes))).toBe(`Keys.${name}`)
  })

  it('refuses signatures by others', () => {
    const args = announcement({}, WORKER)
    expect(judge(createServedWorld(), 'announce_group', args)).toBe('Keys.SignatureInvalid')
  })

  it('refuses gatekeepers whose evidence has expired', () => {
    const world = createServedWorld()
    world.pass(86_400)
    expect(judge(world, 'announce_group', announcement())).toBe('Keys.GatekeeperNotServing')
  })
})

describe('grant', () => {
  it('notes to whom keys are released', () => {
    const world = announced()
    expect(judge(world, 'grant', grantArgs())).toBe('ok')
    const id = { epoch: 0, instance: WORKER.publicKey }
    expect(keysStorage.Grants.get(world.state, CONTRACT, id)).toEqual({
      gatekeeper: GATEKEEPER.publicKey,
      ephemeralKey: filled(0xee),
      recentNumber: 1,
      grantedAt: 1,
    })
    expect(world.events.at(-1)).toMatchObject({
      code: 'Keys.Granted',
      value: { grant: grantArgs().grant },
    })
    expect(world.validate('Keys', 'grant', grantArgs())).toEqual({
      ok: false,
      error: { code: 'stale' },
    })
    expect(judge(world, 'grant', grantArgs())).toBe('Keys.AlreadyGranted')
    const newer = grantArgs({ ephemeralKey: filled(0xed), recentNumber: 2 })
    expect(judge(world, 'grant', newer)).toBe('ok')
  })

  it('cannot be replayed in turn with another: each must name a later block than the last', () => {
    const world = announced()
    const first = grantArgs()
    const second = grantArgs({ ephemeralKey: filled(0xed), recentNumber: 2 })
    expect(judge(world, 'grant', first)).toBe('ok')
    expect(judge(world, 'grant', second)).toBe('ok')
    for (const replayed of [
      first,
      second,
      grantArgs({ ephemeralKey: filled(3), recentNumber: 2 }),
    ]) {
      expect(judge(world, 'grant', replayed)).toBe('Keys.AlreadyGranted')
    }
  })

  it.each([
    ['another chain', { genesis: foreign }, 'WrongGenesis'],
    ['a gatekeeper outside the committee', { gatekeeper: WORKER.publicKey }, 'NotMember'],
    ['a contract that does not exist', { contract: BOB }, 'ContractUnknown'],
    ['another epoch', { epoch: 1 }, 'WrongEpoch'],
    ['an instance that is not assigned', { instance: GATEKEEPER.publicKey }, 'NotAssigned'],
  ])('refuses %s', (_, changes, name) => {
    expect(judge(announced(), 'grant', grantArgs(changes))).toBe(`Keys.${name}`)
  })

  it('refuses grants without a committee, or signed by others', () => {
    expect(judge(createDeployedWorld(), 'grant', grantArgs())).toBe('Keys.GroupMissing')
    expect(judge(announced(), 'grant', grantArgs({}, WORKER))).toBe('Keys.SignatureInvalid')
  })

  it('refuses expired gatekeepers and expired instances', () => {
    const world = announced()
    world.pass(43_200)
    world.nextBlock()
    register(world, GATEKEEPER, { slot: 1 })
    world.pass(43_200)
    expect(judge(world, 'grant', grantArgs())).toBe('Keys.InstanceNotServing')
    world.pass(43_200)
    expect(judge(world, 'grant', grantArgs())).toBe('Keys.GatekeeperNotServing')
  })

  it('goes over to the newest instance; nothing of the older stays', () => {
    const world = announced()
    grantTo(world, WORKER)
    const newer = createEnclave('Contracts', 9)
    register(world, newer)
    expect(judge(world, 'grant', grantArgs({ ephemeralKey: filled(1) }))).toBe('Keys.NotAssigned')
    grantTo(world, newer)
    const grants = keysStorage.Grants.entries(world.state)
    expect(grants.map(({ keys }) => keys[1].instance)).toEqual([newer.publicKey])
  })
})

describe('publish_inbox_key', () => {
  it('is done once per epoch by the instance that holds the keys', () => {
    const world = announced()
    expect(judge(world, 'publish_inbox_key', inboxNote())).toBe('Keys.GrantMissing')
    grantTo(world, WORKER)
    expect(judge(world, 'publish_inbox_key', inboxNote())).toBe('ok')
    expect(keysStorage.InboxKeys.get(world.state, CONTRACT, 0)).toEqual({
      publicKey: filled(0x1b),
      instance: WORKER.publicKey,
    })
    for (const again of [inboxNote(), inboxNote({ publicKey: filled(2) })]) {
      expect(world.validate('Keys', 'publish_inbox_key', again)).toEqual({
        ok: false,
        error: { code: 'stale' },
      })
      expect(judge(world, 'publish_inbox_key', again)).toBe('Keys.InboxKeyExists')
    }
  })

  it.each([
    ['another chain', { genesis: foreign }, 'WrongGenesis'],
    ['a contract that does not exist', { contract: BOB }, 'ContractUnknown'],
    ['another epoch', { epoch: 1 }, 'WrongEpoch'],
    ['an instance that is not assigned', { instance: GATEKEEPER.publicKey }, 'NotAssigned'],
  ])('refuses %s', (_, changes, name) => {
    const world = announced()
    grantTo(world, WORKER)
    expect(judge(world, 'publish_inbox_key', inboxNote(changes))).toBe(`Keys.${name}`)
  })

  it('refuses signatures by others and expired instances', () => {
    const world = announced()
    grantTo(world, WORKER)
    const forged = inboxNote({}, GATEKEEPER)
    expect(judge(world, 'publish_inbox_key', forged)).toBe('Keys.SignatureInvalid')
    world.pass(86_400)
    expect(judge(world, 'publish_inbox_key', inboxNote())).toBe('Keys.InstanceNotServing')
  })
})

describe('rotate_epoch', () => {
  it("begins the owner's next epoch with nothing released", () => {
    const world = createLiveWorld()
    unwrap(world.signed(ALICE, 'Keys', 'rotate_epoch', { contract: CONTRACT }))
    expect(keysStorage.Epochs.get(world.state, CONTRACT)).toBe(1)
    expect(keysStorage.Grants.entries(world.state)).toEqual([])
    expect(keysStorage.InboxKeys.entries(world.state)).toEqual([])
    expect(judge(world, 'grant', grantArgs())).toBe('Keys.WrongEpoch')
    expect(judge(world, 'grant', grantArgs({ epoch: 1 }))).toBe('ok')
    expect(judge(world, 'publish_inbox_key', inboxNote({ epoch: 1 }))).toBe('ok')
  })

  it('belongs to the owner, for contracts that exist, while there are epochs', () => {
    const world = createLiveWorld()
    const rotate = (who: typeof ALICE, contract = CONTRACT): string =>
      codeOf(world.signed(who, 'Keys', 'rotate_epoch', { contract }))
    expect(rotate(BOB)).toBe('Keys.NotOwner')
    expect(rotate(OPERATOR)).toBe('Keys.NotOwner')
    expect(rotate(ALICE, BOB)).toBe('Keys.ContractUnknown')
    keysStorage.Epochs.set(world.state, CONTRACT, 0xffff_ffff)
    expect(rotate(ALICE)).toBe('Keys.EpochsExhausted')
  })
})

describe('origins', () => {
  it('are none for messages of enclaves and signed for owners', () => {
    const world = createDeployedWorld()
    const messages: [string, unknown][] = [
      ['announce_group', announcement()],
      ['grant', grantArgs()],
      ['publish_inbox_key', inboxNote()],
    ]
    for (const [name, args] of messages) {
      expect(codeOf(world.signed(OPERATOR, 'Keys', name, args))).toBe('bad_origin')
    }
    const rotation = { contract: CONTRACT }
    expect(codeOf(world.unsigned('Keys', 'rotate_epoch', rotation))).toBe('bad_origin')
    expect(world.validate('Keys', 'rotate_epoch', rotation)).toEqual({
      ok: false,
      error: { code: 'call' },
    })
  })

  it('let a contract answer commands of an epoch that is over', () => {
    const world = createDeployedWorld()
    releaseKeys(world)
    unwrap(world.signed(ALICE, 'Keys', 'rotate_epoch', { contract: CONTRACT }))
    unwrap(world.unsigned('Contracts', 'commit', commitFor(world)))
  })
})
