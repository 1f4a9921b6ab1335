import { bytesToHex } from '@tacit/base'
import { findOpenAdvisories } from '../sev-snp/advisories.ts'
import { TCB_COMPONENTS, type SnpTcb } from '../sev-snp/tcb.ts'
import type { SnpFirmwareVersion, SnpVerdict } from '../sev-snp/verdict.ts'
import type { Json } from '../verdict-json.ts'
import {
  deviatingFlags,
  ifRequired,
  isVersionBelow,
  unlessListed,
  unlessMeasured,
  type Rules,
} from './rules.ts'
import type { SnpPolicy } from './snp-policy.ts'

/** What the policy for SEV-SNP demands; ages of collateral are judged with the others'. */
export const SNP_RULES: Rules<SnpVerdict, Omit<SnpPolicy, 'maxCollateralAgeSeconds'>> = {
  families: ({ family }, accepted) => unlessListed(family, accepted),
  deniedAdvisories: (verdict, denied) => {
    const found = findOpenAdvisories(verdict).filter((advisory) => denied.includes(advisory))
    return found.length === 0 ? undefined : found
  },
  minimumTcb: ({ family, tcb }, minimum) => findTooOld(tcb.reported, minimum[family]),
  minimumLaunchTcb: ({ family, tcb }, minimum) => findTooOld(tcb.launch, minimum[family]),
  minimumFirmware: ({ firmware }, minimum) => {
    const version = formatVersion(firmware.committed)
    return isVersionBelow(version, minimum, 10) ? version : undefined
  },
  refuseProvisionalFirmware: ({ firmware: { current, committed } }, isRequired) => {
    const [running, kept] = [formatVersion(current), formatVersion(committed)]
    return ifRequired(isRequired, running === kept, { current: running, committed: kept })
  },
  vmpls: ({ vmpl }, accepted) => unlessListed(vmpl, accepted),
  signingKeys: ({ signingKey }, accepted) => unlessListed(signingKey, accepted),
  cspIds: ({ cspId, signingKey }, accepted) => {
    return signingKey === 'vlek' ? unlessListed(cspId, accepted) : undefined
  },
  chipIds: ({ chipId, chipIdMasked }, accepted) => {
    return unlessListed(chipIdMasked ? undefined : bytesToHex(chipId), accepted)
  },
  guestPolicy: ({ policy }, wanted) => deviatingFlags({ ...policy }, wanted),
  platformInfo: ({ platformInfo }, wanted) => deviatingFlags({ ...platformInfo }, wanted),
  refuseUnknownPolicyBits: ({ policy: { unknownBits } }, isRequired) => {
    return ifRequired(isRequired, unknownBits.length === 0, unknownBits)
  },
  refuseUnknownPlatformBits: ({ platformInfo: { unknownBits } }, isRequired) => {
    return ifRequired(isRequired, unknownBits.length === 0, unknownBits)
  },
  measurements: (verdict, accepted) => unlessMeasured(describeGuest(verdict), accepted),
}

/** The components below their floors; a component that the family has not counts as 0. */
function findTooOld(tcb: SnpTcb, floors: Partial<SnpTcb> = {}): Json | undefined {
  const low = TCB_COMPONENTS.filter((name) => (tcb[name] ?? 0) < (floors[name] ?? 0))
  return low.length === 0
    ? undefined
    : Object.fromEntries(low.map((name) => [name, tcb[name] ?? 0]))
}

function formatVersion({ major, minor, build }: SnpFirmwareVersion): string {
  return `${major}.${minor}.${build}`
}

/** Under the names that allow lists use. */
function describeGuest(verdict: SnpVerdict): Readonly<Record<string, string | number>> {
  const { measurement, hostData, idKeyDigest, authorKeyDigest, familyId, imageId } = verdict
  return {
    measurement: bytesToHex(measurement),
    hostData: bytesToHex(hostData),
    idKeyDigest: bytesToHex(idKeyDigest),
    ...(verdict.authorKeyEnabled ? { authorKeyDigest: bytesToHex(authorKeyDigest) } : {}),
    familyId: bytesToHex(familyId),
    imageId: bytesToHex(imageId),
    guestSvn: verdict.guestSvn,
  }
}
