import { bytesToHex, encode, equalBytes, err, ok, type Hash, type Result } from '@tacit/base'
import {
  evaluate,
  generateShares,
  hpkeSeal,
  type CryptoProvider,
  type KeyShare,
  type KeyShares,
} from '@tacit/crypto'
import {
  checkAssigned,
  contractsStorage,
  grantMessage,
  keyGroupMessage,
  keysStorage,
  MAX_RECENT_AGE,
  releaseReportData,
  systemStorage,
  verifyCpuEvidence,
  type CpuEvidence,
  type Grant,
  type KeyGroup,
  type ReleaseBinding,
  type State,
} from '@tacit/runtime'
import { createBoundedMap } from '../bounded-map.ts'
import { chainContext } from '../chain/chain-context.ts'
import type { ChainView, Head } from '../chain/chain-view.ts'
import type { ProvenReadError } from '../chain/proven-state.ts'
import type { InstanceKeys, Random } from '../keys.ts'
import {
  releaseAad,
  releasedShares,
  releaseInfo,
  releaseInputs,
  sealedShares,
} from '../release/released-shares.ts'

/** Requests for keys that wait at once; the oldest is forgotten beyond it. */
export const MAX_OPEN_RELEASES = 256

export type GrantError =
  | ProvenReadError
  | { readonly code: 'genesis_wrong' }
  /** This gatekeeper did not draw the nonce, it was used before, or it was forgotten since. */
  | { readonly code: 'nonce_unknown' }
  /** The request names a block that is not of this chain, or one too old. */
  | { readonly code: 'recent_unknown' }
  | { readonly code: 'recent_too_old' }
  | { readonly code: 'contract_unknown' }
  | { readonly code: 'contract_failed' }
  | { readonly code: 'epoch_wrong' }
  /** The instance is not registered, or not the newest of the contract's slot. */
  | { readonly code: 'instance_not_assigned' }
  /** Its registration has expired or is for another role. */
  | { readonly code: 'instance_not_serving' }
  /** The quote is genuine but binds something else. */
  | { readonly code: 'report_data_foreign' }
  | { readonly code: 'tcb_refused' }
  | { readonly code: 'measurement_refused' }
  /** The chain's rules refuse the evidence; `reason` is their error. */
  | { readonly code: 'evidence_refused'; readonly reason: string }

export type CollectError =
  | ProvenReadError
  /** No grant was made for this key, or it was forgotten since. */
  | { readonly code: 'grant_unknown' }
  /** The grant is not on the chain yet at this gatekeeper's justified head. */
  | { readonly code: 'grant_not_on_chain' }
  /** The chain holds another grant: this one was superseded. */
  | { readonly code: 'grant_superseded' }
  /** Nothing can be sealed to the key. */
  | { readonly code: 'ephemeral_key_invalid' }
  | AssignmentError

type AssignmentError = Extract<
  GrantError,
  {
    readonly code:
      | 'contract_unknown'
      | 'contract_failed'
      | 'epoch_wrong'
      | 'instance_not_assigned'
      | 'instance_not_serving'
  }
>

export interface SignedGroup {
  readonly group: KeyGroup
  readonly signature: Uint8Array
}

export interface SignedGrant {
  readonly grant: Grant
  readonly signature: Uint8Array
}

/** Holds a share of the committee's master key and decides to whom contract keys go. */
export interface Gatekeeper {
  /** The committee of which this gatekeeper is the only member, announced under its signature. */
  group(): SignedGroup
  /** 32 fresh bytes for one request. */
  nonce(): Uint8Array
  /** Verifies a request completely and promises the keys to its ephemeral key. */
  grant(binding: ReleaseBinding, evidence: CpuEvidence): Promise<Result<SignedGrant, GrantError>>
  /** Hands the promised shares over, sealed, once the chain has noted the grant. */
  collect(ephemeralKey: Uint8Array): Promise<Result<Uint8Array, CollectError>>
}

/** Draws a master key at once; it is lost with the process. */
export function createGatekeeper(options: {
  readonly chain: ChainView
  readonly crypto: CryptoProvider
  readonly instance: InstanceKeys
  readonly random: Random
}): Gatekeeper {
  const { chain, crypto, instance, random } = options
  const self = instance.signing.publicKey
  const master = generateShares(random(32), 1, 1)
  const nonces = createBoundedMap<true>(MAX_OPEN_RELEASES)
  const granted = createBoundedMap<ReleaseBinding>(MAX_OPEN_RELEASES)

  async function grant(
    binding: ReleaseBinding,
    evidence: CpuEvidence,
  ): Promise<Result<SignedGrant, GrantError>> {
    if (!equalBytes(binding.genesis, chain.genesis)) return err({ code: 'genesis_wrong' })
    if (!nonces.take(bytesToHex(binding.gatekeeperNonce))) return err({ code: 'nonce_unknown' })
    const head = chain.head()
    const judged = await chain.read((state) => judgeRequest(state, head, crypto, binding, evidence))
    if (!judged.ok) return judged
    if (!judged.value.ok) return judged.value
    granted.set(bytesToHex(binding.ephemeralKey), binding)
    const { genesis, contract, epoch, ephemeralKey, recentNumber } = binding
    const promise = {
      genesis,
      contract,
      epoch,
      instance: binding.instance,
      ephemeralKey,
      gatekeeper: self,
      recentNumber,
    }
    return ok({ grant: promise, signature: instance.signing.sign(grantMessage(promise)) })
  }

  async function collect(ephemeralKey: Uint8Array): Promise<Result<Uint8Array, CollectError>> {
    const binding = granted.get(bytesToHex(ephemeralKey))
    if (binding === undefined) return err({ code: 'grant_unknown' })
    const head = chain.head()
    const noted = await chain.read((state) => checkNoted(state, head, crypto, binding, self))
    if (!noted.ok) return noted
    if (!noted.value.ok) return noted.value
    return sealShares(master.shares[0], binding, random(32))
  }

  return {
    group() {
      const group = groupOf(chain.genesis, master, self)
      return { group, signature: instance.signing.sign(keyGroupMessage(group)) }
    },
    nonce() {
      const drawn = random(32)
      nonces.set(bytesToHex(drawn), true)
      return drawn
    },
    grant,
    collect,
  }
}

function groupOf(genesis: Hash, master: KeyShares, instance: Uint8Array): KeyGroup {
  const members = master.verificationKeys.map((verificationKey) => ({ instance, verificationKey }))
  return { genesis, threshold: 1, groupKey: master.groupPublicKey, members }
}

function sealShares(
  share: KeyShare,
  binding: ReleaseBinding,
  ephemeralSeed32: Uint8Array,
): Result<Uint8Array, CollectError> {
  const inputs = releaseInputs(binding.genesis, binding.contract, binding.epoch)
  const sealed = hpkeSeal({
    recipientPublicKey: binding.ephemeralKey,
    info: releaseInfo(),
    aad: releaseAad(binding),
    plaintext: encode(releasedShares, {
      inbox: evaluate(share, inputs.inbox),
      state: evaluate(share, inputs.state),
    }),
    ephemeralSeed32,
  })
  if (!sealed.ok) return err({ code: 'ephemeral_key_invalid' })
  return ok(encode(sealedShares, sealed.value))
}

/** Everything that must hold for keys to be promised, cheapest first. */
function judgeRequest(
  state: State,
  head: Head,
  crypto: CryptoProvider,
  binding: ReleaseBinding,
  evidence: CpuEvidence,
): Result<void, GrantError> {
  const recent = checkRecent(state, head, binding)
  if (!recent.ok) return recent
  const assigned = checkRequester(state, head, crypto, binding)
  if (!assigned.ok) return assigned
  const reportData = releaseReportData(state.hashes, binding)
  const ctx = chainContext(state, head, crypto)
  const verdict = verifyCpuEvidence(ctx, evidence, reportData, { type: 'Contracts' })
  return verdict.ok ? ok() : err(toEvidenceError(verdict.error.code))
}

function checkRecent(
  state: State,
  head: Head,
  { recentNumber, recentHash }: ReleaseBinding,
): Result<void, GrantError> {
  if (recentNumber > head.number) return err({ code: 'recent_unknown' })
  if (head.number - recentNumber > MAX_RECENT_AGE) return err({ code: 'recent_too_old' })
  const known =
    recentNumber === head.number ? head.hash : systemStorage.BlockHash.get(state, recentNumber)
  const isKnown = known !== undefined && equalBytes(known, recentHash)
  return isKnown ? ok() : err({ code: 'recent_unknown' })
}

const ASSIGNMENT_CODES: ReadonlyMap<string, AssignmentError['code']> = new Map([
  ['Keys.ContractUnknown', 'contract_unknown'],
  ['Keys.WrongEpoch', 'epoch_wrong'],
  ['Keys.NotAssigned', 'instance_not_assigned'],
  ['Keys.InstanceNotServing', 'instance_not_serving'],
])

function checkRequester(
  state: State,
  head: Head,
  crypto: CryptoProvider,
  { contract, epoch, instance }: ReleaseBinding,
): Result<void, AssignmentError> {
  const assigned = checkAssigned(chainContext(state, head, crypto), contract, epoch, instance)
  if (!assigned.ok) {
    return err({ code: ASSIGNMENT_CODES.get(assigned.error.code) ?? 'instance_not_serving' })
  }
  const info = contractsStorage.Contracts.get(state, contract)
  return info?.status.type === 'Failed' ? err({ code: 'contract_failed' }) : ok()
}

const EVIDENCE_CODES: ReadonlyMap<
  string,
  'report_data_foreign' | 'tcb_refused' | 'measurement_refused'
> = new Map([
  ['Attestation.ReportDataMismatch', 'report_data_foreign'],
  ['Attestation.TcbRefused', 'tcb_refused'],
  ['Attestation.MeasurementRefused', 'measurement_refused'],
])

function toEvidenceError(reason: string): GrantError {
  const code = EVIDENCE_CODES.get(reason)
  return code === undefined ? { code: 'evidence_refused', reason } : { code }
}

function checkNoted(
  state: State,
  head: Head,
  crypto: CryptoProvider,
  binding: ReleaseBinding,
  self: Uint8Array,
): Result<void, CollectError> {
  const { contract, epoch, instance, ephemeralKey } = binding
  const assigned = checkRequester(state, head, crypto, binding)
  if (!assigned.ok) return assigned
  const noted = keysStorage.Grants.get(state, contract, { epoch, instance })
  if (noted === undefined) return err({ code: 'grant_not_on_chain' })
  const isThis = equalBytes(noted.ephemeralKey, ephemeralKey) && equalBytes(noted.gatekeeper, self)
  return isThis ? ok() : err({ code: 'grant_superseded' })
}
