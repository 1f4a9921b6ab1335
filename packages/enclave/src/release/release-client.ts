import { bytesToHex, decode, err, ok, type AccountId, type Result } from '@tacit/base'
import {
  combine,
  hpkeGenerateKeypair,
  hpkeOpen,
  verifyCombined,
  verifyPartial,
  type CryptoProvider,
} from '@tacit/crypto'
import {
  inboxKeyNoteMessage,
  keysStorage,
  releaseReportData,
  type CpuEvidence,
  type InboxKeyNote,
  type KeyGroup,
  type ReleaseBinding,
} from '@tacit/runtime'
import { createBoundedMap } from '../bounded-map.ts'
import type { ChainView } from '../chain/chain-view.ts'
import type { ProvenReadError } from '../chain/proven-state.ts'
import type { EvidenceError, EvidenceSource } from '../evidence/evidence-source.ts'
import type { InstanceKeys, Random } from '../keys.ts'
import { deriveInboxKey, deriveStateKeys, type InboxKey, type StateKeys } from './contract-keys.ts'
import {
  releaseAad,
  releasedShares,
  releaseInfo,
  releaseInputs,
  sealedShares,
  type ReleasedShares,
} from './released-shares.ts'

/** Requests that wait for their answer at once; the oldest is forgotten beyond it. */
const MAX_OPEN_REQUESTS = 64

export interface ReleaseRequest {
  readonly binding: ReleaseBinding
  readonly evidence: CpuEvidence
}

export interface ReleasedKeys {
  readonly contract: AccountId
  readonly epoch: number
  readonly inbox: InboxKey
  readonly state: StateKeys
  /** The inbox's public key, signed by the instance, for the chain. */
  readonly note: InboxKeyNote
  readonly signature: Uint8Array
}

export type ReleaseError =
  | ProvenReadError
  /** No open request has this ephemeral key. */
  | { readonly code: 'request_unknown' }
  | { readonly code: 'group_missing' }
  /** What came is not sealed to this request. */
  | { readonly code: 'release_open_failed' }
  /** A share does not fit the verification key that the chain holds for any member. */
  | { readonly code: 'share_invalid' }
  /** The shares together do not fit the group's key. */
  | { readonly code: 'combination_invalid' }

/** Gets a contract's keys from the gatekeepers; the worker carries the messages. */
export interface ReleaseClient {
  /** Makes a request for one gatekeeper with fresh evidence over it. */
  request(
    contract: AccountId,
    epoch: number,
    gatekeeperNonce: Uint8Array,
  ): Promise<Result<ReleaseRequest, EvidenceError>>
  /**
   * Takes a gatekeeper's sealed shares in.
   * @returns the keys once enough gatekeepers have answered, else how many are still needed.
   */
  finish(
    ephemeralKey: Uint8Array,
    sealed: Uint8Array,
  ): Promise<Result<ReleasedKeys | { readonly needed: number }, ReleaseError>>
}

interface OpenRequest {
  readonly binding: ReleaseBinding
  readonly privateKey: Uint8Array
}

export function createReleaseClient(options: {
  readonly chain: ChainView
  readonly crypto: CryptoProvider
  readonly instance: InstanceKeys
  readonly random: Random
  readonly evidence: Pick<EvidenceSource, 'collect'>
}): ReleaseClient {
  const { chain, instance, random } = options
  const open = createBoundedMap<OpenRequest>(MAX_OPEN_REQUESTS)
  /** Shares by contract and epoch, then by member (from 1). */
  const gathered = createBoundedMap<Map<number, ReleasedShares>>(MAX_OPEN_REQUESTS)

  async function request(
    contract: AccountId,
    epoch: number,
    gatekeeperNonce: Uint8Array,
  ): Promise<Result<ReleaseRequest, EvidenceError>> {
    const fresh = hpkeGenerateKeypair(random(32))
    const head = chain.head()
    const binding: ReleaseBinding = {
      genesis: chain.genesis,
      contract,
      epoch,
      instance: instance.signing.publicKey,
      ephemeralKey: fresh.publicKey,
      gatekeeperNonce,
      recentNumber: head.number,
      recentHash: head.hash,
    }
    const evidence = await options.evidence.collect(releaseReportData(chain.hashes, binding))
    if (!evidence.ok) return evidence
    open.set(bytesToHex(fresh.publicKey), { binding, privateKey: fresh.privateKey })
    return ok({ binding, evidence: evidence.value })
  }

  async function finish(
    ephemeralKey: Uint8Array,
    sealed: Uint8Array,
  ): ReturnType<ReleaseClient['finish']> {
    const pending = open.get(bytesToHex(ephemeralKey))
    if (pending === undefined) return err({ code: 'request_unknown' })
    const shares = openShares(pending, sealed)
    if (!shares.ok) return shares
    const read = await chain.read((state) => ({ group: keysStorage.Group.get(state) }))
    if (!read.ok) return read
    const { group } = read.value
    if (group === undefined) return err({ code: 'group_missing' })
    const { contract, epoch } = pending.binding
    const member = findMember(group, pending.binding, shares.value)
    if (member === undefined) return err({ code: 'share_invalid' })
    const name = `${bytesToHex(contract)}/${epoch}`
    const all = gathered.get(name) ?? new Map<number, ReleasedShares>()
    all.set(member, shares.value)
    gathered.set(name, all)
    open.take(bytesToHex(ephemeralKey))
    if (all.size < group.threshold) return ok({ needed: group.threshold - all.size })
    gathered.take(name)
    return combineShares(group, pending.binding, all, instance)
  }

  return { request, finish }
}

function combineShares(
  group: KeyGroup,
  binding: ReleaseBinding,
  shares: ReadonlyMap<number, ReleasedShares>,
  { signing }: InstanceKeys,
): Result<ReleasedKeys, ReleaseError> {
  const { contract, epoch, genesis } = binding
  const inputs = releaseInputs(genesis, contract, epoch)
  const inboxPoint = combinePoint(group, inputs.inbox, shares, 'inbox')
  const statePoint = combinePoint(group, inputs.state, shares, 'state')
  if (inboxPoint === undefined || statePoint === undefined) {
    return err({ code: 'combination_invalid' })
  }
  const scope = { genesis, contract }
  const inbox = deriveInboxKey(inboxPoint, scope, epoch)
  const instance = signing.publicKey
  const note = { genesis, contract, epoch, publicKey: inbox.publicKey, instance }
  const state = deriveStateKeys(statePoint, scope)
  return ok({
    contract,
    epoch,
    inbox,
    state,
    note,
    signature: signing.sign(inboxKeyNoteMessage(note)),
  })
}

/** The group's own value, checked against its key; undefined where the shares do not give it. */
function combinePoint(
  { groupKey, threshold }: KeyGroup,
  input: Uint8Array,
  shares: ReadonlyMap<number, ReleasedShares>,
  name: keyof ReleasedShares,
): Uint8Array | undefined {
  const partials = [...shares].map(([index, share]) => ({ index, partial: share[name] }))
  const point = combine(partials, threshold)
  return point.ok && verifyCombined(groupKey, input, point.value) ? point.value : undefined
}

function openShares(
  { binding, privateKey }: OpenRequest,
  sealed: Uint8Array,
): Result<ReleasedShares, ReleaseError> {
  const parts = decode(sealedShares, sealed)
  if (!parts.ok) return err({ code: 'release_open_failed' })
  const opened = hpkeOpen({
    recipientPrivateKey: privateKey,
    info: releaseInfo(),
    aad: releaseAad(binding),
    ...parts.value,
  })
  const shares = opened.ok ? decode(releasedShares, opened.value) : opened
  return shares.ok ? shares : err({ code: 'release_open_failed' })
}

/** The member (from 1) whose verification key both shares fit. */
function findMember(
  group: KeyGroup,
  { genesis, contract, epoch }: ReleaseBinding,
  shares: ReleasedShares,
): number | undefined {
  const inputs = releaseInputs(genesis, contract, epoch)
  const at = group.members.findIndex(
    ({ verificationKey }) =>
      verifyPartial(verificationKey, inputs.inbox, shares.inbox) &&
      verifyPartial(verificationKey, inputs.state, shares.state),
  )
  return at < 0 ? undefined : at + 1
}
