import { equalBytes, toHex } from '@tacit/base'
import { readQuoteScope, readSnpScope } from '@tacit/attestation'
import {
  amdCollateralIdOf,
  attestationStorage,
  collateralIdOf,
  gpuEvidenceHash,
  type CpuEvidence,
  type RegisterArgs,
  type RegistrationBinding,
} from '@tacit/runtime'
import { createRuntime } from '@tacit/runtime/runtime'
import { decode } from '@tacit/base'
import { grandpaJustification } from '@tacit/light'
import type { Chain } from './chain.ts'
import type { FoundCommit } from './contracts.ts'
import { TacitError } from './errors.ts'
import type { EvidenceCollateral } from './evidence-collateral.ts'
import { headerFromJson, nodeBytes, nodeHash, type JsonBlock } from './json-block.ts'
import type { Receipt } from './receipt-format.ts'
import { receiptKeys } from './verify-receipt.ts'
import { workersStorage } from '@tacit/runtime'

const runtime = createRuntime()

/**
 * Puts together everything that verifyReceipt() needs for one command of a commit. Call it soon
 * after the commit: the node proves state of its newest blocks only.
 * @param disclose what to reveal of the command; without it the receipt shows hashes.
 * @throws TacitError `receipt_unavailable` where the node has no history so far back.
 */
export async function collectReceipt(
  chain: Chain,
  commit: FoundCommit,
  sequence: bigint,
  disclose?: Receipt['disclosed'],
): Promise<Receipt> {
  const { block, payload, signature } = commit
  const registration = await collectRegistration(chain, commit)
  const parts = { commit: { payload, signature }, registration }
  const proof = await chain.fetchProof(receiptKeys(parts, chain.crypto), block.hash)
  const justification = decode(grandpaJustification, block.justification)
  if (!justification.ok) throw unavailable('its justification is malformed')
  const receipt = {
    ...parts,
    genesis: chain.checkpoint,
    handovers: [],
    block: { header: block.header, justification: justification.value },
    proof,
    sequence,
  }
  return disclose ? { ...receipt, disclosed: disclose } : receipt
}

async function collectRegistration(
  chain: Chain,
  { block, payload }: FoundCommit,
): Promise<Receipt['registration']> {
  const record = await chain.read(workersStorage.Instances, [payload.instance], block)
  if (!record) throw unavailable('its instance is not registered any more')
  const answer = await blockAt(chain, record.registeredAt)
  const args = findRegistration(answer.extrinsics, payload.instance)
  const { cpu, gpu } = args.evidence
  const collateral = await collateralFor(chain, cpu, answer)
  const binding: RegistrationBinding = {
    genesis: chain.genesisHash,
    role: args.role,
    slot: record.slot,
    signingKey: args.signingKey,
    encryptionKey: args.encryptionKey,
    recentNumber: args.recentNumber,
    recentHash: args.recentHash,
    gpuEvidence: gpu && gpuEvidenceHash(chain.crypto.hashes, gpu),
  }
  const { rootFingerprint, measurement } = record.verdict
  return { binding, evidence: args.evidence, collateral, rootFingerprint, measurement }
}

type OldBlock = {
  readonly hash: ReturnType<typeof nodeHash>
  readonly header: ReturnType<typeof headerFromJson>
  readonly extrinsics: readonly Uint8Array[]
}

async function blockAt(chain: Chain, height: number): Promise<OldBlock> {
  const text = await chain.rpc.request<string | null>('chain_getBlockHash', [height])
  const hash = text === null ? undefined : nodeHash(text)
  const block = hash && (await chain.rpc.request<JsonBlock | null>('chain_getBlock', [toHex(hash)]))
  if (!hash || !block) throw unavailable(`the node has no block ${height}`)
  const header = headerFromJson(block.block.header)
  return { hash, header, extrinsics: block.block.extrinsics.map(nodeBytes) }
}

function findRegistration(extrinsics: readonly Uint8Array[], instance: Uint8Array): RegisterArgs {
  for (const extrinsic of extrinsics) {
    const parsed = runtime.parseExtrinsic(extrinsic)
    if (!parsed.ok || parsed.value.call.type !== 'Workers') continue
    const { type, value } = parsed.value.call.value
    if (type !== 'register') continue
    const args = value as RegisterArgs
    if (equalBytes(args.signingKey, instance)) return args
  }
  throw unavailable('the block of the registration does not hold it')
}

/** The collateral that the chain had when it verified the evidence. */
async function collateralFor(
  chain: Chain,
  cpu: CpuEvidence,
  at: OldBlock,
): Promise<EvidenceCollateral> {
  const missing = unavailable('the chain has no collateral for it')
  if (cpu.type === 'Dcap') {
    const scope = readQuoteScope(cpu.value.quote)
    if (!scope.ok) throw unavailable('the registered quote is malformed')
    const id = collateralIdOf(scope.value)
    const value = await chain.read(attestationStorage.Collateral, [id], at)
    if (value) return { type: 'Dcap', value }
    throw missing
  }
  const scope = readSnpScope(cpu.value.certificate)
  if (!scope.ok) throw unavailable('the registered certificate is malformed')
  const id = amdCollateralIdOf(scope.value)
  const value = await chain.read(attestationStorage.AmdCollateral, [id], at)
  if (value) return { type: 'SevSnp', value }
  throw missing
}

function unavailable(why: string): TacitError {
  return new TacitError({
    code: 'receipt_unavailable',
    shortMessage: `The receipt cannot be put together: ${why}`,
    fix: 'Collect receipts soon after the commit, or from a node that keeps more history.',
  })
}
