import { bytesToHex, err, ok, parseHex, unwrap, type Result } from '@tacit/base'
import {
  assessDevices,
  decide,
  evaluatePolicy,
  parseNvidiaCollateral,
  readDeviceScope,
  type GpuSetVerdict,
  type NvidiaVerdict,
  type RimVerdict,
} from '@tacit/attestation'
import type { ModuleError } from '../../framework/errors.ts'
import type { State } from '../../framework/state.ts'
import type { GpuEvidence } from '../../protocol/evidence.ts'
import { platformId } from '../../protocol/platform.ts'
import { unixSeconds } from './collateral.ts'
import { chainPolicy } from './policy.ts'
import { readRims } from './rims.ts'
import { readRoots } from './roots.ts'
import { attestationErrors, attestationStorage } from './types.ts'
import type { GpuRecord, VerdictRecord } from './verdict-record.ts'
import { evidenceError, type VerifyContext } from './verify-cpu.ts'

/** More than any name in a certificate has. */
const MAX_MODEL_CHARACTERS = 64

/** What GPU evidence adds to the verdict of an instance. */
export type GpuFindings = Pick<VerdictRecord, 'gpus' | 'gpuRoots'> & {
  /** Unix seconds. */
  readonly earliestExpiry: bigint
  readonly signatureChecks: number
}

/**
 * Verifies all GPUs and switches of an instance, each and as a set: against the chain's roots, the
 * manifests that it keeps, the stapled OCSP responses, its policy and its revocations.
 * @param nonce gpuNonce() of what the caller claims.
 */
export function verifyGpus(
  ctx: VerifyContext,
  { devices: given, ocsp }: GpuEvidence,
  nonce: Uint8Array,
): Result<GpuFindings, ModuleError> {
  const { state } = ctx
  const now = unixSeconds(ctx)
  const devices = given.map(({ certificateChain, report }) => ({ chain: certificateChain, report }))
  const rims: RimVerdict[] = []
  for (const device of devices) {
    const scope = readDeviceScope(device)
    if (!scope.ok) return err(evidenceError(scope.error))
    rims.push(...readRims(state, scope.value, now))
  }
  const verifiedRims = [...new Map(rims.map((rim) => [rim.id, rim])).values()]
  const parsed = parseNvidiaCollateral({ rims: [], ocsp }, state.hashes)
  if (!parsed.ok) return err(evidenceError(parsed.error))
  const collateral = { ...parsed.value, verifiedRims }
  const { hashes } = state
  const input = { devices, collateral, nonce, roots: readRoots(state), now, hashes }
  const assessed = assessDevices(input)
  if (!assessed.ok) return err(evidenceError(assessed.error))
  const decided = decide(assessed.value, (check) => ctx.host.verify(check))
  if (!decided.ok) return err(evidenceError(decided.error))
  const refused = findRefused(state, decided.value)
  return refused === undefined ? ok(describe(state, decided.value, verifiedRims)) : err(refused)
}

/** Switches alone are no machine that could work for anybody. */
function findRefused(state: State, verdict: GpuSetVerdict): ModuleError | undefined {
  if (verdict.gpus === 0) return attestationErrors.DeviceRefused
  const [failure] = evaluatePolicy(verdict, chainPolicy(state, verdict.root)).failed
  if (failure?.rule === 'debug') return attestationErrors.DebugRefused
  if (failure !== undefined) return attestationErrors.DeviceRefused
  const isRevoked = verdict.devices.some((device) =>
    attestationStorage.RevokedPlatforms.has(state, idOf(state, device)),
  )
  return isRevoked ? attestationErrors.PlatformRevoked : undefined
}

function idOf(state: State, { pdi }: NvidiaVerdict): GpuRecord['platform'] {
  return platformId(state.hashes, { type: 'Nvidia', value: pdi })
}

function describe(
  state: State,
  { devices, root, earliestExpiry, signatureChecks }: GpuSetVerdict,
  rims: readonly RimVerdict[],
): GpuFindings {
  const gpus = devices.map((verdict): GpuRecord => {
    const { kind, hardwareModel, driverVersion, vbiosVersion } = verdict
    return {
      platform: idOf(state, verdict),
      kind: { type: kind === 'gpu' ? 'Gpu' : 'Switch' },
      model: hardwareModel.slice(0, MAX_MODEL_CHARACTERS),
      driverVersion,
      vbiosVersion,
      driverRim: matchedId(verdict.rims.driver),
      vbiosRim: matchedId(verdict.rims.vbios),
      isRevocationKnown: verdict.revocation.unknown.length === 0,
    }
  })
  const used = devices.flatMap(({ rims: { driver, vbios } }) =>
    [driver, vbios].flatMap((one) => (one.status === 'matched' ? [one.id] : [])),
  )
  const vouched = [root, ...rims.filter(({ id }) => used.includes(id)).map((rim) => rim.root)]
  const gpuRoots = [
    ...new Map(vouched.map(({ fingerprint }) => [bytesToHex(fingerprint), fingerprint])).values(),
  ]
  return { gpus, gpuRoots, earliestExpiry: BigInt(earliestExpiry), signatureChecks }
}

function matchedId(comparison: NvidiaVerdict['rims']['driver']): Uint8Array | undefined {
  if (comparison.status !== 'matched') return undefined
  return unwrap(parseHex(comparison.id), 'the id of a manifest')
}
