import { architectureOf } from '../nvidia/device-chain.ts'
import type { NrasDevice } from '../nvidia/nras/claims.ts'
import type { NrasVerdict } from '../nvidia/nras/nras.ts'
import { checkWindow, failure, ifAbove, type PolicyFailure, type PolicyResult } from './evaluate.ts'
import type { NvidiaPolicy } from './nvidia-policy.ts'
import {
  hasUnnamedDriver,
  NVIDIA_RULES,
  NVIDIA_SET_RULES,
  type DeviceFacts,
} from './nvidia-rules.ts'
import type { Policy } from './policy.ts'
import { findBroken, unlessListed } from './rules.ts'

const FWID_CHECK = 'x-nvidia-gpu-attestation-report-cert-chain-fwid-match'

/**
 * Judges NVIDIA's own verdict by the rules for devices. The policy must take its issuer's word; what
 * tokens do not say is not accepted where a rule asks for it; no check may have failed. `roots` is
 * not asked: such a verdict rests on the key set that the verifier was given.
 * @param at when it is judged, Unix seconds; the time of verifying unless told otherwise.
 */
export function evaluateNras(
  verdict: NrasVerdict,
  policy: Policy,
  at: number = verdict.verifiedAt,
): PolicyResult {
  const { nvidia, tees, maxEvidenceAgeSeconds: maxAge } = policy
  const failed = [
    ...checkWindow(verdict, at),
    ...failure('tees', tees && unlessListed('nvidia', tees), tees ?? []),
    ...failure('maxEvidenceAgeSeconds', ifAbove(at - verdict.verifiedAt, maxAge), maxAge ?? 0),
    ...verdict.devices.flatMap((device, index) => checkDevice(device, policy, index)),
    ...(nvidia ? checkSection(verdict, nvidia) : failure('nvidia', 'nvidia', null)),
  ]
  return { policy: policy.name, accepted: failed.length === 0, failed }
}

/** What the common rules say of one device. */
function checkDevice(
  { debugStatus, chains }: NrasDevice,
  { debug, requireRevocationKnown }: Policy,
  device: number,
): readonly PolicyFailure[] {
  const isOpen = !debug && debugStatus !== 'disabled'
  const unknown = Object.entries(chains).flatMap(([name, { ocspStatus }]) => {
    return ocspStatus === 'good' ? [] : [name]
  })
  const isKnown = unknown.length === 0 && Object.keys(chains).length > 0
  const isRevocationOpen = requireRevocationKnown === true && !isKnown
  return [
    ...failure('debug', isOpen ? (debugStatus ?? null) : undefined, debug),
    ...failure('requireRevocationKnown', isRevocationOpen ? unknown : undefined, true),
  ].map((broken) => ({ ...broken, device }))
}

function checkSection(verdict: NrasVerdict, section: NvidiaPolicy): readonly PolicyFailure[] {
  const { issuer, devices, undisclosed } = verdict
  const { nrasIssuers = [] } = section
  const set = {
    topology: undefined,
    driverVersions: driverVersionsOf(devices),
    hasUnnamedDriver: hasUnnamedDriver(devices),
  }
  return [
    ...failure('nvidia.nrasIssuers', unlessListed(issuer, nrasIssuers), nrasIssuers),
    ...failure('nvidia.nrasDisclosed', undisclosed.length === 0 ? undefined : undisclosed, []),
    ...findBroken(NVIDIA_SET_RULES, set, section, 'nvidia.'),
    ...devices.flatMap((one, device) =>
      [...checkClaims(one), ...findBroken(NVIDIA_RULES, factsOf(one), section, 'nvidia.')].map(
        (broken) => ({ ...broken, device }),
      ),
    ),
  ]
}

/** NVIDIA's overall result is positive, which does not say that of each claim. */
function checkClaims({ checks, secureBoot }: NrasDevice): readonly PolicyFailure[] {
  const failed = Object.entries(checks).flatMap(([name, holds]) => (holds ? [] : [name]))
  const all = secureBoot === true || failed.includes('secboot') ? failed : [...failed, 'secboot']
  return failure('nvidia.nrasChecks', all.length === 0 ? undefined : all, [])
}

function factsOf(device: NrasDevice): DeviceFacts {
  const { kind, hardwareModel, driverVersion, vbiosVersion, ueid, checks } = device
  return {
    kind,
    architecture: hardwareModel === undefined ? undefined : architectureOf(hardwareModel),
    hardwareModel,
    driverVersion,
    vbiosVersion,
    project: undefined,
    projectSku: undefined,
    chipSku: undefined,
    fwid: undefined,
    firmwareId: checks[FWID_CHECK] === true ? 'matched' : 'not_in_report',
    protectedPcie: undefined,
    featureFlag: undefined,
    pdi: undefined,
    ueid,
    rims: rimsOf(device),
    revocation: { onHold: holdsOf(device) },
  }
}

/** Tokens say of both manifests together whether the measurements are theirs. */
function rimsOf({ measurements }: NrasDevice): DeviceFacts['rims'] {
  const result =
    measurements === 'success'
      ? ({ status: 'matched', id: 'NRAS' } as const)
      : ({ status: 'mismatched', id: 'NRAS', mismatches: [], belowFloor: [] } as const)
  return { driver: result, vbios: result }
}

/** A warning is about a hold, as far as NVIDIA documents warnings. */
function holdsOf({ chains, warning }: NrasDevice): readonly string[] {
  const held = Object.entries(chains).flatMap(([name, { revocationReason }]) => {
    return revocationReason === 'certificateHold' ? [name] : []
  })
  return warning === undefined ? held : [...held, warning]
}

function driverVersionsOf(devices: readonly NrasDevice[]): readonly string[] {
  return [...new Set(devices.flatMap(({ driverVersion }) => driverVersion ?? []))]
}
