import {
  boundedStr,
  encode,
  equalBytes,
  err,
  fixedBytes,
  hash256,
  ok,
  struct,
  u32,
  unwrap,
  type Codec,
  type Hash,
  type Result,
} from '@tacit/base'
import { defineCalls, type Calls, type DispatchResult } from '../../framework/calls.ts'
import type { CallContext, PalletContext } from '../../framework/context.ts'
import type { ModuleError } from '../../framework/errors.ts'
import type { HoldReason } from '../../framework/hold-reason.ts'
import { ensureSigned } from '../../framework/origin.ts'
import type { State } from '../../framework/state.ts'
import { weigh } from '../../framework/weights.ts'
import { evidence, evidenceHash, gpuEvidenceHash, type Evidence } from '../../protocol/evidence.ts'
import {
  MAX_ENDPOINT_BYTES,
  registrationReportData,
  role,
  type RegistrationBinding,
  type Role,
  type SlotId,
} from '../../protocol/registration.ts'
import { VERIFICATION_EFFORT, verifyCpuEvidence } from '../attestation/verify.ts'
import type { VerdictRecord } from '../attestation/records.ts'
import { attestationErrors } from '../attestation/types.ts'
import { hold, release } from '../balances/ops.ts'
import { depositFor } from '../deposit.ts'
import { genesisHash } from '../genesis-hash.ts'
import { systemStorage } from '../system/types.ts'
import { instance as instanceCodec, type Instance } from './records.ts'
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

const REASON: HoldReason = { type: 'Workers', value: { type: 'Registration' } }
/** An instance, its slot and the mark of its evidence. */
const ITEMS = 3
const SLOT_AND_MARK_BYTES = 160

export const workersCalls: Calls<{ register: RegisterArgs; deregister: DeregisterArgs }> =
  defineCalls<{ register: RegisterArgs; deregister: DeregisterArgs }>({
    register: {
      index: 0,
      args: registerArgs,
      docs: [
        'Register, or renew, the instance that runs in a slot of the caller.',
        '',
        'The evidence is verified completely: certificates, revocation lists, TCB info, quoting',
        'enclave and quote, at the time of this block, with the collateral stored on chain. Its',
        'report data must bind this chain, the role, the slot, both keys and a recent block. An',
        'older instance of the slot is removed. A deposit is held while the record exists.',
      ],
      weight: (args) =>
        weigh({
          ...VERIFICATION_EFFORT,
          reads: VERIFICATION_EFFORT.reads + 10,
          writes: 10,
          bytes: VERIFICATION_EFFORT.bytes + 2 * encode(evidence, args.evidence).length,
        }),
      dispatch: register,
    },
    deregister: {
      index: 1,
      args: struct({ slot: u32 }),
      docs: ["Take a slot's instance out of service; its deposit is released."],
      weight: () => weigh({ reads: 6, writes: 5 }),
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
  const reportData = registrationReportData(hashes, bindingOf(ctx, slot, args))
  const mark = hashes.blake2b256(reportData) as Hash
  if (workersStorage.SeenEvidence.get(ctx.state, args.recentNumber, mark)) {
    return err(workersErrors.EvidenceReplayed)
  }
  const usable = checkKey(ctx.state, slot, args)
  if (!usable.ok) return usable
  if (args.evidence.gpu !== undefined) return err(attestationErrors.EvidenceUnsupported)
  const verdict = verifyCpuEvidence(ctx, args.evidence.cpu, reportData, args.role)
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
  const record = recordOf(ctx, slot, args, verdict)
  const paid = hold(ctx, REASON, slot.operator, record.deposit)
  if (!paid.ok) return paid
  workersStorage.Instances.set(ctx.state, args.signingKey, record)
  workersStorage.Slots.set(ctx.state, slot, args.signingKey)
  const { signingKey, role: as } = args
  ctx.deposit(workersEvents.Registered({ signingKey, slot, role: as, verdict }))
  return ok()
}

/** Removes the slot's instance with its deposit; a renewal is no removal to report. */
function removeNewest(ctx: CallContext, slot: SlotId, successor: Uint8Array): void {
  const signingKey = workersStorage.Slots.get(ctx.state, slot)
  if (signingKey === undefined) return
  drop(ctx, slot, signingKey)
  if (!equalBytes(signingKey, successor)) {
    ctx.deposit(workersEvents.Superseded({ signingKey, slot }))
  }
}

function drop(ctx: CallContext, slot: SlotId, signingKey: Uint8Array): void {
  const known = workersStorage.Instances.get(ctx.state, signingKey)
  if (known !== undefined) unwrap(release(ctx, REASON, slot.operator, known.deposit), 'deposit')
  workersStorage.Instances.delete(ctx.state, signingKey)
  workersStorage.Slots.delete(ctx.state, slot)
}

function recordOf(
  ctx: CallContext,
  slot: SlotId,
  args: RegisterArgs,
  verdict: VerdictRecord,
): Instance {
  const nowMs = ctx.block.nowMs
  const collateralEndsMs = verdict.earliestExpiry * 1_000n
  const oldestMs = nowMs + MAX_EVIDENCE_AGE_MS
  const record: Instance = {
    slot,
    role: args.role,
    encryptionKey: args.encryptionKey,
    evidenceHash: evidenceHash(ctx.state.hashes, args.evidence) as Hash,
    verdict,
    endpoint: args.endpoint,
    registeredAt: ctx.block.number,
    registeredMs: nowMs,
    expiresMs: collateralEndsMs < oldestMs ? collateralEndsMs : oldestMs,
    recentNumber: args.recentNumber,
    deposit: 0n,
  }
  const bytes = encode(instanceCodec, record).length + SLOT_AND_MARK_BYTES
  return { ...record, deposit: depositFor(ITEMS, bytes) }
}

function deregister(ctx: CallContext, args: DeregisterArgs): DispatchResult {
  const signed = ensureSigned(ctx.origin)
  if (!signed.ok) return signed
  const slot: SlotId = { operator: signed.value, index: args.slot }
  const signingKey = workersStorage.Slots.get(ctx.state, slot)
  if (signingKey === undefined) return err(workersErrors.SlotEmpty)
  drop(ctx, slot, signingKey)
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
