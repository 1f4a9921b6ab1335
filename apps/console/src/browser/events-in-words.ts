import { parseUtf8 } from '@tacit/base'
import type { AccountId } from '@tacit/base'
import type {
  AttestationEvents,
  ContractsEvents,
  DecodedEvent,
  DispatchError,
  EventRecord,
  KeysEvents,
  WorkersEvents,
} from '@tacit/runtime'
import {
  assets,
  migrations,
  multisig,
  preimage,
  proxy,
  scheduler,
  utility,
  vesting,
  type Words,
} from './call-events.ts'
import { errorInWords } from './error-in-words.ts'
import { groupDigits, oneLine, shortAddress, shortHex, shortPha } from './format.ts'

/** Characters of what a contract makes public. */
const MAX_DATA_SHOWN = 120

const contracts: Words<ContractsEvents> = {
  CodeStored: ({ codeHash }) => `contract code ${shortHex(codeHash)} stored`,
  Deployed: ({ contract, owner }) =>
    `${shortAddress(owner)} deployed contract ${shortAddress(contract)}`,
  InboxMessage: ({ sequence, entry }) =>
    `sealed command ${sequence} from ${shortAddress(entry.sender)} ordered`,
  Committed: ({ firstSequence, nextSequence, root }) =>
    `enclave committed ${sequences(firstSequence, nextSequence)}; state root ${shortHex(root)}`,
  CommandDone: ({ sequence, code, gasUsed, fee }) =>
    `command ${sequence} ended ${code}: ${groupDigits(gasUsed)} gas, ${shortPha(fee)}`,
  Emitted: ({ topic, data }) =>
    `contract made public: ${oneLine(topic, MAX_DATA_SHOWN)} ${textOf(data)}`,
  TransferFailed: ({ to, amount, error }) =>
    `contract could not pay ${shortPha(amount)} to ${shortAddress(to)}: ${errorInWords(error)}`,
  DeployFailed: ({ contract, code }) =>
    `constructor of contract ${shortAddress(contract)} failed: ${code}`,
}

const workers: Words<WorkersEvents> = {
  Registered: ({ role, signingKey, verdict }) =>
    `${role.type} enclave ${shortHex(signingKey)} admitted: ${verdict.signatureChecks} signatures, ` +
    `TCB ${verdict.status.type}, vouched for by ${verdict.rootName}`,
  Superseded: ({ signingKey }) => `enclave ${shortHex(signingKey)} replaced by a newer one`,
  Deregistered: ({ signingKey }) => `enclave ${shortHex(signingKey)} taken out of service`,
  Expired: ({ signingKey, reason }) =>
    `enclave ${shortHex(signingKey)} left service: ${reason.type}`,
  GraceBegan: ({ signingKey, grace }) =>
    `enclave ${shortHex(signingKey)} gets no keys any more: ${grace.reason.type}`,
  GraceEnded: ({ signingKey }) => `enclave ${shortHex(signingKey)} is in good standing again`,
}

const keys: Words<KeysEvents> = {
  GroupAnnounced: ({ group }) =>
    `gatekeepers took up their work: ${group.threshold} of ${group.members.length} release keys`,
  EpochRotated: ({ contract, epoch }) =>
    `contract ${shortAddress(contract)} entered epoch ${epoch}`,
  Granted: ({ grant }) =>
    `gatekeeper released keys of contract ${shortAddress(grant.contract)} to enclave ${shortHex(grant.instance)}`,
  InboxKeyPublished: ({ note }) =>
    `inbox key of contract ${shortAddress(note.contract)} published for epoch ${note.epoch}`,
}

const attestation: Words<AttestationEvents> = {
  CollateralAccepted: ({ info }) =>
    `collateral verified and stored, TCB evaluation ${info.tcbEvaluationDataNumber}`,
  CollateralWithdrawn: ({ reason }) => `collateral taken away: ${reason}`,
  RootAdded: ({ name }) => `root ${oneLine(name, MAX_DATA_SHOWN)} is trusted`,
  RootRemoved: ({ name }) => `root ${oneLine(name, MAX_DATA_SHOWN)} is trusted no more`,
  PolicySet: ({ version }) => `evidence is judged by policy ${version}`,
  MeasurementAllowed: ({ allowed }) =>
    `program ${shortHex(allowed.measurement)} may serve as ${allowed.role.type}`,
  MeasurementDisallowed: ({ allowed }) =>
    `program ${shortHex(allowed.measurement)} may serve as ${allowed.role.type} no more`,
  PlatformRevoked: ({ platform, reason }) =>
    `platform ${shortHex(platform)} revoked: ${oneLine(reason, MAX_DATA_SHOWN)}`,
  PlatformUnrevoked: ({ platform }) => `platform ${shortHex(platform)} may serve again`,
  AmdCollateralAccepted: ({ id }) => `collateral of AMD ${id.family.type} verified and stored`,
  RimAccepted: ({ subject }) =>
    `manifest of ${subject.product} ${subject.kind.type} ${subject.version} verified and stored`,
  AmdCollateralWithdrawn: ({ reason }) => `collateral of AMD taken away: ${reason}`,
  MinimumEvaluationSet: ({ number }) => `collateral needs TCB evaluation ${number}`,
}

const balances = {
  Transfer: ({ from, to, amount }: { from: AccountId; to: AccountId; amount: bigint }) =>
    `${shortAddress(from)} paid ${shortPha(amount)} to ${shortAddress(to)}`,
  Minted: ({ who, amount }: { who: AccountId; amount: bigint }) =>
    `${shortPha(amount)} minted to ${shortAddress(who)}`,
}

const system = {
  ExtrinsicFailed: ({ dispatch_error: error }: { dispatch_error: DispatchError }) =>
    `a call was refused: ${errorInWords(error)}`,
  Remarked: ({ sender }: { sender: AccountId }) => `${shortAddress(sender)} made a remark`,
}

const VOCABULARY: { readonly [pallet: string]: object } = {
  Assets: assets,
  Attestation: attestation,
  Balances: balances,
  Contracts: contracts,
  Keys: keys,
  MultiBlockMigrations: migrations,
  Multisig: multisig,
  Preimage: preimage,
  Proxy: proxy,
  Scheduler: scheduler,
  System: system,
  Utility: utility,
  Vesting: vesting,
  Workers: workers,
}

/** Steps that every call has, and that say nothing of their own. */
const BOOKKEEPING: ReadonlySet<string> = new Set([
  'System.ExtrinsicSuccess',
  'System.NewAccount',
  'System.KilledAccount',
  'TransactionPayment.TransactionFeePaid',
  ...['BurnedHeld', 'Burned', 'Deposit', 'DustLost', 'Endowed', 'Held', 'Released'].map(inBalances),
  ...['TransferOnHold', 'Withdraw', 'Frozen', 'Thawed', 'Locked', 'Unlocked'].map(inBalances),
])

function inBalances(name: string): string {
  return `Balances.${name}`
}

/** An event as a person would say it; undefined where it is bookkeeping of a call. */
export function eventInWords({ type, value }: DecodedEvent): string | undefined {
  const name = `${type}.${value.type}`
  if (BOOKKEEPING.has(name)) return undefined
  const pallet = VOCABULARY[type] as { [event: string]: (value: unknown) => string } | undefined
  return pallet?.[value.type]?.(value.value) ?? name
}

/** What happened in a block, in order. */
export function blockInWords(records: readonly EventRecord[]): readonly string[] {
  return records.flatMap(({ event }) => eventInWords(event) ?? [])
}

function sequences(first: bigint, next: bigint): string {
  return next - first === 1n ? `command ${first}` : `commands ${first} to ${next - 1n}`
}

function textOf(data: Uint8Array): string {
  const text = parseUtf8(data)
  return text === undefined ? shortHex(data) : oneLine(text, MAX_DATA_SHOWN)
}
