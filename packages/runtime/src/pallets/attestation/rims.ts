import {
  boundedBytes,
  bytesToHex,
  encode,
  err,
  ok,
  parseHex,
  struct,
  unwrap,
  type AccountId,
  type Codec,
  type Hash,
} from '@tacit/base'
import { decideRim, type MeasuredDevice, type RimVerdict } from '@tacit/attestation'
import type { DispatchResult } from '../../framework/calls.ts'
import type { CallContext } from '../../framework/context.ts'
import { ensureSigned } from '../../framework/origin.ts'
import type { State } from '../../framework/state.ts'
import { collateralDeposit, exchangeDeposit } from './collateral-deposit.ts'
import { unixSeconds } from './collateral.ts'
import { evidenceErrorName } from './evidence-errors.ts'
import { rimRecord, type RimRecord, type RimSubject } from './rim-record.ts'
import { readRoots } from './roots.ts'
import {
  attestationErrors,
  attestationEvents,
  attestationStorage,
  MAX_RIM_BYTES,
  MAX_RIMS_PER_SUBJECT,
} from './types.ts'

export type SubmitRimArgs = {
  /** XML, as NVIDIA signed it. */
  readonly document: Uint8Array
}

export const submitRimArgs: Codec<SubmitRimArgs> = struct({
  document: boundedBytes(MAX_RIM_BYTES),
})

/** Keeps what a manifest that verifies now says; the document itself is in the block alone. */
export function submitRim(ctx: CallContext, { document }: SubmitRimArgs): DispatchResult {
  const signed = ensureSigned(ctx.origin)
  if (!signed.ok) return signed
  const { state } = ctx
  const { hashes } = state
  const input = { rim: document, roots: readRoots(state), now: unixSeconds(ctx), hashes }
  const verdict = decideRim(input, (check) => ctx.host.verify(check))
  if (!verdict.ok) return err(attestationErrors[evidenceErrorName(verdict.error.code)])
  return store(ctx, verdict.value, recordOf(ctx, verdict.value, signed.value, document))
}

function store(ctx: CallContext, verdict: RimVerdict, record: RimRecord): DispatchResult {
  const { state } = ctx
  const { Rims } = attestationStorage
  const subject = subjectOf(verdict.device, verdict.kind, verdict.product, verdict.version)
  const id = unwrap(parseHex(verdict.id), 'the id of a manifest')
  const old = Rims.get(state, subject, id)
  if (old && record.earliestExpiry <= old.earliestExpiry) {
    return err(attestationErrors.CollateralKnown)
  }
  const limit = MAX_RIMS_PER_SUBJECT
  if (!old && Rims.entries(state, { under: [subject], limit }).length === limit) {
    return err(attestationErrors.TooManyRims)
  }
  const paid = exchangeDeposit(ctx, old, record)
  if (!paid.ok) return paid
  Rims.set(state, subject, id, record)
  ctx.deposit(attestationEvents.RimAccepted({ subject, id, hash: record.hash }))
  return ok()
}

/** What the store has about a device, under roots that are still trusted. */
export function readRims(state: State, device: MeasuredDevice, now: number): RimVerdict[] {
  const { kind, product, driverVersion, vbiosVersion } = device
  const subjects = [
    ...(driverVersion === undefined ? [] : [subjectOf(kind, 'driver', product, driverVersion)]),
    ...(vbiosVersion === undefined ? [] : [subjectOf(kind, 'vbios', product, vbiosVersion)]),
  ]
  return subjects.flatMap((subject) =>
    attestationStorage.Rims.entries(state, { under: [subject] }).flatMap(
      ({ keys: [, id], value }) => verdictOf(state, subject, id, value, now) ?? [],
    ),
  )
}

function subjectOf(
  device: MeasuredDevice['kind'],
  kind: RimVerdict['kind'],
  product: string,
  version: string,
): RimSubject {
  return {
    device: { type: device === 'gpu' ? 'Gpu' : 'Switch' },
    kind: { type: kind === 'driver' ? 'Driver' : 'Vbios' },
    product,
    version: version.toUpperCase(),
  }
}

function recordOf(
  ctx: CallContext,
  { values, minimumSvns, root, latestIssue, earliestExpiry }: RimVerdict,
  submitter: AccountId,
  document: Uint8Array,
): RimRecord {
  const record: RimRecord = {
    values: [...values].map(([index, value]) => ({ index, ...value })),
    minimumSvns,
    root: root.fingerprint,
    hash: ctx.state.hashes.blake2b256(document) as Hash,
    latestIssue: BigInt(latestIssue),
    earliestExpiry: BigInt(earliestExpiry),
    submitter,
    deposit: 0n,
    acceptedAt: ctx.block.number,
  }
  return { ...record, deposit: collateralDeposit(encode(rimRecord, record).length) }
}

function verdictOf(
  state: State,
  { device, kind, product, version }: RimSubject,
  id: Uint8Array,
  record: RimRecord,
  now: number,
): RimVerdict | undefined {
  const root = attestationStorage.Roots.get(state, record.root)
  if (root === undefined) return undefined
  return {
    id: bytesToHex(id),
    device: device.type === 'Gpu' ? 'gpu' : 'switch',
    kind: kind.type === 'Driver' ? 'driver' : 'vbios',
    product,
    version,
    values: new Map(record.values.map(({ index, ...value }) => [index, value])),
    names: new Map(),
    minimumSvns: record.minimumSvns,
    root: { name: root.name, vendor: 'nvidia', fingerprint: record.root },
    verifiedAt: now,
    latestIssue: Number(record.latestIssue),
    earliestExpiry: Number(record.earliestExpiry),
    signatureChecks: 0,
  }
}
