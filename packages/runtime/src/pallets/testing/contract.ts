import { encode, InvariantError, unwrap, type AccountId, type Hash } from '@tacit/base'
import { native } from '@tacit/crypto/native'
import {
  BASE_COMMAND_GAS,
  commitMessage,
  contractId,
  sealedCommand,
  type CommandOutcome,
  type CommitPayload,
  type OutboxItem,
} from '../../protocol/contracts.ts'
import {
  grantMessage,
  inboxKeyNoteMessage,
  keyGroupMessage,
  type Grant,
  type InboxKeyNote,
  type KeyGroup,
} from '../../protocol/keys.ts'
import type { GrantArgs } from '../keys/grants.ts'
import type { AnnounceGroupArgs } from '../keys/group.ts'
import type { PublishInboxKeyArgs } from '../keys/inbox-keys.ts'
import {
  ALICE,
  BOB,
  CHAIN,
  createAttestedWorld,
  createEnclave,
  filled,
  OPERATOR,
  register,
  type Enclave,
  type World,
} from './world.ts'
import type { CommitArgs } from '../contracts/check-commit.ts'
import type { DeployArgs } from '../contracts/deploy.ts'
import type { SendArgs } from '../contracts/send.ts'
import { contractsStorage } from '../contracts/types.ts'

export const CODE: Uint8Array = new TextEncoder().encode('export default {}')
export const CODE_HASH: Hash = native.hashes.blake2b256(CODE) as Hash
export const SALT: Uint8Array = filled(5)
export const GAS = 100_000n
export const WORKER: Enclave = createEnclave('Contracts', 3)
export const GATEKEEPER: Enclave = createEnclave('Gatekeeper', 4)
export const SLOT: DeployArgs['slot'] = { operator: OPERATOR, index: 0 }
/** Alice's contract. */
export const CONTRACT: AccountId = contractId(native.hashes, CHAIN, ALICE, CODE_HASH, SALT)
export const GROUP_KEY: Uint8Array = filled(0x60, 96)

/** A world with a worker in slot 0 and a gatekeeper in slot 1. */
export function createServedWorld(): World {
  const world = createAttestedWorld()
  register(world, WORKER)
  register(world, GATEKEEPER, { slot: 1 })
  return world
}

/** The same with Alice's contract deployed, its constructor pending. */
export function createDeployedWorld(): World {
  const world = createServedWorld()
  unwrap(world.signed(BOB, 'Contracts', 'upload_code', { code: CODE }), 'upload')
  unwrap(world.signed(ALICE, 'Contracts', 'deploy', deployment()), 'deploy')
  return world
}

/** The same with keys released and the constructor committed: ready for commands. */
export function createLiveWorld(): World {
  const world = createDeployedWorld()
  releaseKeys(world)
  unwrap(world.unsigned('Contracts', 'commit', commitFor(world)), 'constructor')
  return world
}

export function deployment(changes: Partial<DeployArgs> = {}): DeployArgs {
  const init = new TextEncoder().encode('{}')
  return { codeHash: CODE_HASH, salt: SALT, slot: SLOT, init, gasLimit: GAS, ...changes }
}

export function releaseKeys(world: World, epoch = 0): void {
  unwrap(world.unsigned('Keys', 'announce_group', announcement()), 'group')
  grantTo(world, WORKER, epoch)
  unwrap(world.unsigned('Keys', 'publish_inbox_key', inboxNote({ epoch })), 'inbox key')
}

export function grantTo(world: World, enclave: Enclave, epoch = 0): void {
  const args = grantArgs({ instance: enclave.publicKey, epoch })
  unwrap(world.unsigned('Keys', 'grant', args), 'grant')
}

export function announcement(
  changes: Partial<KeyGroup> = {},
  signer: Enclave = GATEKEEPER,
): AnnounceGroupArgs {
  const member = { instance: GATEKEEPER.publicKey, verificationKey: GROUP_KEY }
  const honest = { genesis: CHAIN, threshold: 1, groupKey: GROUP_KEY, members: [member] }
  const group: KeyGroup = { ...honest, ...changes }
  return { group, signature: signer.sign(keyGroupMessage(group)) }
}

export function grantArgs(changes: Partial<Grant> = {}, signer: Enclave = GATEKEEPER): GrantArgs {
  const grant: Grant = {
    genesis: CHAIN,
    contract: CONTRACT,
    epoch: 0,
    instance: WORKER.publicKey,
    ephemeralKey: filled(0xee),
    recentNumber: 1,
    gatekeeper: GATEKEEPER.publicKey,
    ...changes,
  }
  return { grant, signature: signer.sign(grantMessage(grant)) }
}

export function inboxNote(
  changes: Partial<InboxKeyNote> = {},
  signer: Enclave = WORKER,
): PublishInboxKeyArgs {
  const note: InboxKeyNote = {
    genesis: CHAIN,
    contract: CONTRACT,
    epoch: 0,
    publicKey: filled(0x1b),
    instance: WORKER.publicKey,
    ...changes,
  }
  return { note, signature: signer.sign(inboxKeyNoteMessage(note)) }
}

/** A sealed command of the smallest size class; nobody opens it here. */
export function sealed(size = 256, byte = 1): Uint8Array {
  return encode(sealedCommand, { enc: filled(byte), ciphertext: filled(byte, size + 16) })
}

export function command(changes: Partial<SendArgs> = {}): SendArgs {
  return {
    contract: CONTRACT,
    epoch: 0,
    payload: sealed(),
    gasLimit: GAS,
    value: 0n,
    ...changes,
  }
}

export function send(world: World, who: AccountId, changes: Partial<SendArgs> = {}): void {
  unwrap(world.signed(who, 'Contracts', 'send', command(changes)), 'send')
}

export type CommitChanges = Partial<Omit<CommitPayload, 'outcomes'>> & {
  /** One for each command, in order; `ok` for the least gas where not given. */
  readonly outcomes?: readonly Partial<CommandOutcome>[]
}

/** An honest commit of everything that is pending, except for what is given. */
export function commitFor(
  world: World,
  { outcomes, ...changes }: CommitChanges = {},
  signer: Enclave = WORKER,
): CommitArgs {
  const contract = changes.contract ?? CONTRACT
  const info = contractsStorage.Contracts.get(world.state, contract)
  const inbox = contractsStorage.Inbox.get(world.state, contract)
  if (info === undefined) throw new InvariantError('no such contract')
  const firstSequence = changes.firstSequence ?? info.processed
  const nextSequence = changes.nextSequence ?? inbox.count
  const last = contractsStorage.Pending.get(world.state, contract, nextSequence - 1n)
  const payload: CommitPayload = {
    genesis: CHAIN,
    contract,
    codeHash: info.codeHash,
    instance: signer.publicKey,
    previousRoot: info.root,
    newRoot: world.state.hashes.blake2b256(info.root) as Hash,
    firstSequence,
    nextSequence,
    inboxHead: last?.head ?? inbox.head,
    outcomes: outcomesOf(firstSequence, nextSequence, outcomes),
    outbox: [],
    stateBlob: filled(0) as Hash,
    ...changes,
  }
  return { payload, signature: signer.sign(commitMessage(payload)) }
}

function outcomesOf(
  first: bigint,
  next: bigint,
  given: readonly Partial<CommandOutcome>[] | undefined,
): readonly CommandOutcome[] {
  const count = given?.length ?? Number(next - first)
  return Array.from({ length: count }, (_, at) => ({
    sequence: first + BigInt(at),
    code: 'ok',
    gasUsed: BASE_COMMAND_GAS,
    inputHash: filled(1) as Hash,
    outputHash: filled(2) as Hash,
    ...given?.[at],
  }))
}

export function transferItem(sequence: bigint, to: AccountId, amount: bigint): OutboxItem {
  return { type: 'Transfer', value: { sequence, to, amount } }
}

export function eventItem(sequence: bigint, topic: string, data: Uint8Array): OutboxItem {
  return { type: 'Event', value: { sequence, topic, data } }
}
