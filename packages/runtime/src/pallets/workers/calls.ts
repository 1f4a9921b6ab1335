import {
  boundedStr,
  encode,
  equalBytes,
  err,
  fixedBytes,
  hash256,
  InvariantError,
  ok,
  struct,
  u32,
  type Codec,
  type Hash,
  type Result,
} from '@tacit/base'
import { defineCalls, type Calls, type DispatchResult } from '../../framework/calls.ts'
import type { CallContext, PalletContext } from '../../framework/context.ts'
import type { ModuleError } from '../../framework/errors.ts'
import { ensureSigned } from '../../framework/origin.ts'
import type { State } from '../../framework/state.ts'
import { weigh } from '../../framework/weights.ts'
import {
  evidence,
  evidenceHash,
  gpuEvidenceHash,
  MAX_GPU_DEVICES,
  type Evidence,
} from '../../protocol/evidence.ts'
import {
  MAX_ENDPOINT_BYTES,
  registrationReportData,
  role,
  type RegistrationBinding,
  type Role,
  type SlotId,
} from '../../protocol/registration.ts'
import { verificationEffort, verifyRegistration } from '../attestation/verify.ts'
import type { VerdictRecord } from '../attestation/verdict-record.ts'
import { policyVersion } from '../attestation/policy.ts'
import { collateralInfoOf } from '../attestation/rejudge.ts'
import { depositFor } from '../deposit.ts'
import { genesisHash } from '../genesis-hash.ts'
import { systemStorage } from '../system/types.ts'
import { addInstance, dropInstance } from './instances.ts'
import { instance as instanceCodec, type Grace, type Instance } from './records.ts'
import {
  MAX_EVIDENCE_AGE_MS,
  MAX_RECENT_AGE,
  workersErrors,
  workersEvents,
  workersStorage,
} from './types.ts'

export type RegisterArgs = {
  readonly role: Role
  /** Index of the slot at the operator, who signs. */
  readonly slot: number
  /** ed25519. */
  readonly signingKey: Uint8Array
  /** X25519. */
  readonly encryptionKey: Uint8Array
  readonly recentNumber: number
  readonly recentHash: Hash
  readonly endpoint: string
  readonly evidence: Evidence
}
export type DeregisterArgs = { readonly slot: number }

export const registerArgs: Codec<RegisterArgs> = struct({
  role,
  slot: u32,
  signingKey: fixedBytes(32),
  encryptionKey: fixedBytes(32),
  recentNumber: u32,
  recentHash: hash256,
  endpoint: boundedStr(MAX_ENDPOINT_BYTES),
  evidence,
})

/** An instance, its slot, the mark of its evidence and the count on its platform. */
const ITEMS = 4
const OTHER_BYTES = 256
/** The key and the value of a device that the instance has. */
const DEVICE_BYTES = 96

export const workersCalls: Calls<{ register: RegisterArgs; deregister: DeregisterArgs }> =
  defineCalls<{ register: RegisterArgs; deregister: DeregisterArgs }>({
    register: {
      index: 0,
      args: registerArgs,
      docs: [
        'Register, or renew, the instance that runs in a slot of the caller.',
        '',
        'The evidence of the CPU TEE (TDX, SGX or SEV-SNP) and of GPUs is verified completely, at the',
        'time of this block, with the collateral stored on chain. Its report data must bind this',
        "chain, the role, the slot, both keys, a recent block and the GPUs' evidence, whose nonce",
        'follows from the same. An older instance of the slot is removed. A deposit is held while',
        'the record exists.',
      ],
      weight: (args) => {
        const effort = verificationEffort(args.evidence)
        return weigh({
          ...effort,
          reads: effort.reads + 15 + MAX_GPU_DEVICES,
          writes: 13 + 2 * MAX_GPU_DEVICES,
        })
      },
      dispatch: register,
    },
    deregister: {
      index: 1,
      args: struct({ slot: u32 }),
      docs: ["Take a slot's instance out of service; its deposit is released."],
      weight: () => weigh({ reads: 7, writes: 6 + MAX_GPU_DEVICES }),
      dispatch: deregister,
    },
  })

function register(ctx: CallContext, args: RegisterArgs): DispatchResult {
  const signed = ensureSigned(ctx.origin)
  if (!signed.ok) return signed
  const slot: SlotId = { operator: signed.value, index: args.slot }
  const recent = checkRecentBlock(ctx, args)
  if (!recent.ok) return recent
  const { hashes } = ctx.state
  const binding = bindingOf(ctx, slot, args)
  const mark = hashes.blake2b256(registrationReportData(hashes, binding)) as Hash
  if (workersStorage.SeenEvidence.get(ctx.state, args.recentNumber, mark)) {
    return err(workersErrors.EvidenceReplayed)
  }
  const usable = checkKey(ctx.state, slot, args)
  if (!usable.ok) return usable
  const verdict = verifyRegistration(ctx, args.evidence, binding)
  if (!verdict.ok) return verdict
  workersStorage.SeenEvidence.set(ctx.state, args.recentNumber, mark, true)
  return store(ctx, slot, args, verdict.value)
}

function checkRecentBlock(ctx: PalletContext, args: RegisterArgs): Result<void, ModuleError> {
  const age = ctx.block.number - args.recentNumber
  if (age > MAX_RECENT_AGE) return err(workersErrors.RecentBlockTooOld)
  const known = systemStorage.BlockHash.get(ctx.state, args.recentNumber)
  const isKnown = known !== undefined && equalBytes(known, args.recentHash)
  return isKnown ? ok() : err(workersErrors.RecentBlockUnknown)
}

/** A signing key belongs to one boot of one enclave; it may only be renewed as it was. */
function checkKey(state: State, slot: SlotId, args: RegisterArgs): Result<void, ModuleError> {
  const known = workersStorage.Instances.get(state, args.signingKey)
  if (known === undefined) return ok()
  const isSame =
    equalBytes(known.slot.operator, slot.operator) &&
    known.slot.index === slot.index &&
    known.role.type === args.role.type &&
    equalBytes(known.encryptionKey, args.encryptionKey)
  if (!isSame) return err(workersErrors.KeyInUse)
  return args.recentNumber > known.recentNumber ? ok() : err(workersErrors.RenewalNotNewer)
}

function bindingOf(ctx: PalletContext, slot: SlotId, args: RegisterArgs): RegistrationBinding {
  const { role: as, signingKey, encryptionKey, recentNumber, recentHash } = args
  const { gpu } = args.evidence
  return {
    genesis: genesisHash(ctx),
    role: as,
    slot,
    signingKey,
    encryptionKey,
    recentNumber,
    recentHash,
    gpuEvidence: gpu && gpuEvidenceHash(ctx.state.hashes, gpu),
  }
}

function store(
  ctx: CallContext,
  slot: SlotId,
  args: RegisterArgs,
  verdict: VerdictRecord,
): DispatchResult {
  removeNewest(ctx, slot, args.signingKey)
  const { signingKey, role: as } = args
  const added = addInstance(ctx, signingKey, recordOf(ctx, slot, args, verdict))
  if (!added.ok) return added
  ctx.deposit(workersEvents.Registered({ signingKey, slot, role: as, verdict }))
  return ok()
}

/** Removes the slot's instance with its deposit; a renewal is no removal to report. */
function removeNewest(ctx: CallContext, slot: SlotId, successor: Uint8Array): void {
  const newest = newestOf(ctx.state, slot)
  if (newest === undefined) return
  const { signingKey, instance } = newest
  dropInstance(ctx, signingKey, instance)
  if (!equalBytes(signingKey, successor)) {
    ctx.deposit(workersEvents.Superseded({ signingKey, slot }))
  }
}

function newestOf(
  state: State,
  slot: SlotId,
): { readonly signingKey: Uint8Array; readonly instance: Instance } | undefined {
  const signingKey = workersStorage.Slots.get(state, slot)
  const instance = signingKey && workersStorage.Instances.get(state, signingKey)
  return signingKey && instance && { signingKey, instance }
}

function recordOf(
  ctx: CallContext,
  slot: SlotId,
  args: RegisterArgs,
  verdict: VerdictRecord,
): Instance {
  const { state, block } = ctx
  const collateralEndsMs = verdict.earliestExpiry * 1_000n
  const oldestMs = block.nowMs + MAX_EVIDENCE_AGE_MS
  const judged = collateralInfoOf(state, verdict.facts)
  if (judged === undefined) throw new InvariantError('evidence was verified without collateral')
  const record: Instance = {
    slot,
    role: args.role,
    encryptionKey: args.encryptionKey,
    evidenceHash: evidenceHash(state.hashes, args.evidence) as Hash,
    verdict,
    endpoint: args.endpoint,
    registeredAt: block.number,
    registeredMs: block.nowMs,
    expiresMs: collateralEndsMs < oldestMs ? collateralEndsMs : oldestMs,
    recentNumber: args.recentNumber,
    judgedBy: judged.hash,
    policyVersion: policyVersion(state),
    grace: undefined,
    deposit: 0n,
  }
  return { ...record, deposit: depositOf(record) }
}

/** For the record at its largest. */
function depositOf(record: Instance): bigint {
  const grace: Grace = { reason: { type: 'EvidenceExpired' }, untilMs: 0n }
  const devices = record.verdict.gpus.length
  const bytes = encode(instanceCodec, { ...record, grace }).length + OTHER_BYTES
  return depositFor(ITEMS + devices, bytes + DEVICE_BYTES * devices)
}

function deregister(ctx: CallContext, args: DeregisterArgs): DispatchResult {
  const signed = ensureSigned(ctx.origin)
  if (!signed.ok) return signed
  const slot: SlotId = { operator: signed.value, index: args.slot }
  const newest = newestOf(ctx.state, slot)
  if (newest === undefined) return err(workersErrors.SlotEmpty)
  const { signingKey, instance } = newest
  dropInstance(ctx, signingKey, instance)
  ctx.deposit(workersEvents.Deregistered({ signingKey, slot }))
  return ok()
}

/** Forgets the evidence that names a block too old for any registration. */
export function forgetEvidence(ctx: PalletContext): number {
  const tooOld = ctx.block.number - MAX_RECENT_AGE - 1
  if (tooOld < 0) return 0
  const seen = workersStorage.SeenEvidence.entries(ctx.state, { under: [tooOld] })
  for (const { keys } of seen) workersStorage.SeenEvidence.delete(ctx.state, ...keys)
  return seen.length
}
