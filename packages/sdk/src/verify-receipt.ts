import { bytesToHex, equalBytes, err, ok, type Hash, type Result } from '@tacit/base'
import {
  decideDcap,
  decideSnp,
  developmentPolicy,
  evaluatePolicy,
  measurementId,
  PRODUCTION_POLICY,
  type DcapError,
  type DcapInput,
  type DcapVerdict,
  type PolicyResult,
  type SnpError,
  type SnpVerdict,
} from '@tacit/attestation'
import type { CryptoProvider, SignatureCheck } from '@tacit/crypto'
import {
  advance,
  restsOn,
  startFromCheckpoint,
  type AdvanceError,
  type CheckpointError,
  type LightState,
  type RestsOn,
} from '@tacit/light'
import {
  attestationStorage,
  commitHash,
  commitMessage,
  consensusStorage,
  contractsStorage,
  evidenceHash,
  gpuEvidenceHash,
  registrationReportData,
  saltedHash,
  timestampStorage,
  trustedRoot,
  workersStorage,
  type ChainClass,
  type CommandOutcome,
  type CpuEvidence,
  type Instance,
  type PinnedRoot,
  type StorageItem,
} from '@tacit/runtime'
import { verifyProof, type ProofError } from '@tacit/state'
import type { EvidenceCollateral } from './evidence-collateral.ts'
import type { Receipt } from './receipt-format.ts'

/** What a receipt proves. */
export type ReceiptVerdict = {
  readonly outcome: CommandOutcome
  readonly contract: Uint8Array
  readonly newRoot: Hash
  readonly instance: Instance
  readonly attestation: DcapVerdict | SnpVerdict
  readonly policy: PolicyResult
  readonly chainClass: ChainClass
  /** Which of the disclosed parts were checked against the commit's hashes. */
  readonly disclosed: readonly ('input' | 'output')[]
  readonly restsOn: RestsOn
}

/** Which step of a receipt does not hold. */
export type ReceiptError =
  | CheckpointError
  | AdvanceError
  | ProofError
  /** The proof does not have a value that it must have; names it. */
  | { readonly code: 'state_missing'; readonly item: string }
  /** The commit is not the one that the chain accepted in this block. */
  | { readonly code: 'commit_mismatch' }
  | { readonly code: 'commit_signature_invalid' }
  /** The commit does not answer the command. */
  | { readonly code: 'command_not_in_commit' }
  /** The binding is not that of the instance, or of another chain. */
  | { readonly code: 'registration_mismatch' }
  /** The evidence is not the one that the chain verified. */
  | { readonly code: 'evidence_mismatch' }
  | { readonly code: 'report_data_mismatch' }
  /** The collateral is of another vendor than the evidence. */
  | { readonly code: 'collateral_mismatch' }
  | { readonly code: 'evidence_refused'; readonly reason: DcapError | SnpError }
  | { readonly code: 'policy_refused'; readonly rules: readonly string[] }
  /** The program was not allowed to serve in its role. */
  | { readonly code: 'measurement_refused' }
  | { readonly code: 'input_mismatch' }
  | { readonly code: 'output_mismatch' }

/** The chain's facts at the block of a receipt, proved. */
type Facts = {
  readonly chainClass: ChainClass
  readonly timeMs: bigint
  readonly commitHash: Hash
  readonly instance: Instance
  readonly root: PinnedRoot
}

/**
 * Checks a receipt offline, from a genesis hash that the caller trusts: authorities, justification,
 * read proofs, the enclave's signature, and its registration evidence from the quote up to the
 * pinned root, at the time of registration.
 * @param trustedGenesis where trust starts; nothing in the receipt can change it.
 */
export function verifyReceipt(
  receipt: Receipt,
  trustedGenesis: Hash,
  crypto: CryptoProvider,
): Result<ReceiptVerdict, ReceiptError> {
  const light = followTo(receipt, trustedGenesis, crypto)
  if (!light.ok) return light
  const facts = proveFacts(receipt, light.value, crypto)
  if (!facts.ok) return facts
  const outcome = checkCommit(receipt, facts.value, crypto)
  if (!outcome.ok) return outcome
  const attested = checkRegistration(receipt, facts.value, crypto)
  if (!attested.ok) return attested
  const disclosed = checkDisclosed(receipt, outcome.value, crypto)
  if (!disclosed.ok) return disclosed
  const { chainClass, instance } = facts.value
  const evidenceAgeS = Number(facts.value.timeMs / 1_000n) - attested.value.attestation.latestIssue
  return ok({
    ...attested.value,
    outcome: outcome.value,
    contract: receipt.commit.payload.contract,
    newRoot: receipt.commit.payload.newRoot,
    instance,
    chainClass,
    disclosed: disclosed.value,
    restsOn: restsOn(light.value, { chainClass, evidenceAgeS }),
  })
}

function followTo(
  { genesis, handovers, block }: Receipt,
  trusted: Hash,
  crypto: CryptoProvider,
): Result<LightState, CheckpointError | AdvanceError> {
  let light: Result<LightState, CheckpointError | AdvanceError> = startFromCheckpoint(
    trusted,
    genesis,
    crypto,
  )
  for (const { header, justification } of [...handovers, block]) {
    if (!light.ok) return light
    light = advance(light.value, header, justification, crypto)
  }
  return light
}

/** The raw keys that a receipt's proof must show, in the order of readFacts(). */
export function receiptKeys(
  { commit, registration }: Pick<Receipt, 'commit' | 'registration'>,
  { hashes }: CryptoProvider,
): readonly Uint8Array[] {
  const { contract, instance } = commit.payload
  const { binding, measurement, rootFingerprint } = registration
  return [
    consensusStorage.ChainClass.key(hashes),
    timestampStorage.Now.key(hashes),
    contractsStorage.LastCommits.key(hashes, contract),
    workersStorage.Instances.key(hashes, instance),
    attestationStorage.Roots.key(hashes, rootFingerprint),
    attestationStorage.Measurements.key(hashes, { role: binding.role, measurement }),
  ]
}

function proveFacts(
  receipt: Receipt,
  light: LightState,
  crypto: CryptoProvider,
): Result<Facts, ReceiptError> {
  const keys = receiptKeys(receipt, crypto)
  const root = light.head.header.stateRoot
  const hash = crypto.hashes.blake2b256
  const values = verifyProof({ root, proof: receipt.proof, keys, hash })
  if (!values.ok) return values
  return readFacts(keys.map((key) => values.value.get(bytesToHex(key))))
}

type Raw = Uint8Array | undefined

function readFacts(raw: readonly Raw[]): Result<Facts, ReceiptError> {
  const [rawClass, rawNow, rawCommit, rawInstance, rawRoot, rawMeasurement] = raw
  const chainClass = read(consensusStorage.ChainClass, rawClass)
  const timeMs = read(timestampStorage.Now, rawNow)
  const commit = read(contractsStorage.LastCommits, rawCommit)
  const instance = read(workersStorage.Instances, rawInstance)
  const root = read(attestationStorage.Roots, rawRoot)
  if (chainClass === undefined) return missing('Consensus.ChainClass')
  if (timeMs === undefined) return missing('Timestamp.Now')
  if (commit === undefined) return missing('Contracts.LastCommits')
  if (instance === undefined) return missing('Workers.Instances')
  if (root === undefined) return missing('Attestation.Roots')
  const isAllowed = read(attestationStorage.Measurements, rawMeasurement) === true
  if (!isAllowed) return err({ code: 'measurement_refused' })
  return ok({ chainClass, timeMs, commitHash: commit.hash, instance, root })
}

function read<K extends readonly unknown[], V, G>(
  item: StorageItem<K, V, G>,
  raw: Raw,
): V | undefined {
  const value = raw && item.decode(raw)
  return value?.ok ? value.value : undefined
}

function missing(item: string): Result<never, ReceiptError> {
  return err({ code: 'state_missing', item })
}

function checkCommit(
  { commit, sequence }: Receipt,
  facts: Facts,
  crypto: CryptoProvider,
): Result<CommandOutcome, ReceiptError> {
  const { hashes } = crypto
  const { payload, signature } = commit
  if (!equalBytes(commitHash(hashes, payload), facts.commitHash)) {
    return err({ code: 'commit_mismatch' })
  }
  const message = commitMessage(payload)
  const publicKey = payload.instance
  if (!crypto.verify({ scheme: 'ed25519', publicKey, message, signature })) {
    return err({ code: 'commit_signature_invalid' })
  }
  const outcome = payload.outcomes.find((one) => one.sequence === sequence)
  return outcome ? ok(outcome) : err({ code: 'command_not_in_commit' })
}

type Attested = { readonly attestation: DcapVerdict | SnpVerdict; readonly policy: PolicyResult }

function checkRegistration(
  { commit, registration }: Receipt,
  facts: Facts,
  crypto: CryptoProvider,
): Result<Attested, ReceiptError> {
  const { binding, evidence, measurement, rootFingerprint } = registration
  const { hashes } = crypto
  const isOfInstance =
    equalBytes(binding.signingKey, commit.payload.instance) &&
    equalBytes(binding.encryptionKey, facts.instance.encryptionKey) &&
    equalBytes(binding.genesis, commit.payload.genesis) &&
    binding.role.type === facts.instance.role.type
  if (!isOfInstance) return err({ code: 'registration_mismatch' })
  if (!equalBytes(evidenceHash(hashes, evidence), facts.instance.evidenceHash)) {
    return err({ code: 'evidence_mismatch' })
  }
  if (!bindsGpus(registration, crypto)) return err({ code: 'report_data_mismatch' })
  const decided = decideEvidence(registration, facts, crypto)
  if (!decided.ok) return decided
  const attestation = decided.value
  if (!equalBytes(attestation.reportData, registrationReportData(hashes, binding))) {
    return err({ code: 'report_data_mismatch' })
  }
  const isAllowed =
    equalBytes(measurementId(attestation, hashes), measurement) &&
    equalBytes(attestation.root.fingerprint, rootFingerprint)
  if (!isAllowed) return err({ code: 'measurement_refused' })
  return judge(attestation, facts.chainClass)
}

/** Whether the binding names the GPUs' evidence where there is any, and none where there is none. */
function bindsGpus(
  { binding, evidence: { gpu } }: Receipt['registration'],
  { hashes }: CryptoProvider,
): boolean {
  const bound = binding.gpuEvidence
  if (gpu === undefined || bound === undefined) return gpu === bound
  return equalBytes(gpuEvidenceHash(hashes, gpu), bound)
}

/** As the chain decided it: with the root that it pins, at the time of the registration. */
function decideEvidence(
  { evidence: { cpu }, collateral, rootFingerprint }: Receipt['registration'],
  { root, instance }: Facts,
  crypto: CryptoProvider,
): Result<DcapVerdict | SnpVerdict, ReceiptError> {
  const now = Number(instance.registeredMs / 1_000n)
  const input = { roots: [trustedRoot(root, rootFingerprint)], now, hashes: crypto.hashes }
  const verify = (check: SignatureCheck): boolean => crypto.verify(check)
  const decided = decideWith(cpu, collateral, input, verify)
  if (decided === undefined) return err({ code: 'collateral_mismatch' })
  return decided.ok ? decided : err({ code: 'evidence_refused', reason: decided.error })
}

function decideWith(
  cpu: CpuEvidence,
  collateral: EvidenceCollateral,
  input: Pick<DcapInput, 'roots' | 'now' | 'hashes'>,
  verify: (check: SignatureCheck) => boolean,
): Result<DcapVerdict | SnpVerdict, DcapError | SnpError> | undefined {
  if (cpu.type === 'Dcap' && collateral.type === 'Dcap') {
    const { quote } = cpu.value
    return decideDcap({ ...input, quote, collateral: collateral.value }, verify)
  }
  if (cpu.type === 'SevSnp' && collateral.type === 'SevSnp') {
    const { report, certificate: endorsement } = cpu.value
    return decideSnp({ ...input, report, collateral: { ...collateral.value, endorsement } }, verify)
  }
  return undefined
}

function judge(
  attestation: DcapVerdict | SnpVerdict,
  chainClass: ChainClass,
): Result<Attested, ReceiptError> {
  const policy = evaluatePolicy(
    attestation,
    chainClass === 'production'
      ? PRODUCTION_POLICY
      : { ...developmentPolicy([attestation.root]), debug: false },
  )
  const rules = policy.failed.map(({ rule }) => rule)
  return policy.accepted ? ok({ attestation, policy }) : err({ code: 'policy_refused', rules })
}

function checkDisclosed(
  { disclosed }: Receipt,
  outcome: CommandOutcome,
  { hashes }: CryptoProvider,
): Result<readonly ('input' | 'output')[], ReceiptError> {
  if (!disclosed) return ok([])
  const { salt, input, output } = disclosed
  if (input && !equalBytes(saltedHash(hashes, salt, input), outcome.inputHash)) {
    return err({ code: 'input_mismatch' })
  }
  if (output && !equalBytes(saltedHash(hashes, salt, output), outcome.outputHash)) {
    return err({ code: 'output_mismatch' })
  }
  return ok([...(input ? (['input'] as const) : []), ...(output ? (['output'] as const) : [])])
}
