import { bytesToHex } from '@tacit/base'
import { debugLine, formatTime, shortHex, type Explanation } from '../explain-text.ts'
import { findOpenAdvisories } from './advisories.ts'
import { findTcbDifference, TCB_COMPONENTS, type SnpTcb } from './tcb.ts'
import type { SnpFirmwareVersion, SnpVerdict } from './verdict.ts'

/** What an AMD guest is, and the lines about it. */
export function describeSnp(verdict: SnpVerdict): Explanation {
  return {
    what: `AMD SEV-SNP guest on ${verdict.family}, report version ${verdict.reportVersion}`,
    lines: [
      ...describeLevels(verdict),
      ...describeAdvisories(verdict),
      `measured   ${bytesToHex(verdict.measurement)}`,
      `reportData ${bytesToHex(verdict.reportData)}`,
      ...describeOwner(verdict),
      `level      VMPL ${verdict.vmpl}, guest SVN ${verdict.guestSvn}`,
      debugLine(verdict.debug),
      ...describeFreedoms(verdict),
      ...describeUnknown(verdict),
      describeKey(verdict),
      describeRevocation(verdict),
    ],
  }
}

function describeLevels({ tcb, firmware }: SnpVerdict): string[] {
  const { reported, committed, current, launch } = tcb
  const others = { committed, current, launch }
  const differing = Object.entries(others).filter(
    ([, other]) => findTcbDifference(other, reported) !== undefined,
  )
  return [
    `platform   ${formatTcb(reported)}; firmware ${formatVersion(firmware.current)}`,
    ...differing.map(([name, other]) => `${name.padEnd(10)} ${formatTcb(other)}`),
  ]
}

function formatTcb(tcb: SnpTcb): string {
  const present = TCB_COMPONENTS.filter((component) => tcb[component] !== undefined)
  return present.map((component) => `${component} ${tcb[component]}`).join(', ')
}

function formatVersion({ major, minor, build }: SnpFirmwareVersion): string {
  return `${major}.${minor}.${build}`
}

function describeAdvisories(verdict: SnpVerdict): string[] {
  const open = findOpenAdvisories(verdict)
  return open.length === 0 ? [] : [`advisories ${open.join(' ')}`]
}

/** Who chose what was launched, where the guest says so. */
function describeOwner({ hostData, idKeyDigest, authorKeyDigest }: SnpVerdict): string[] {
  const named = { hostData, 'ID key': idKeyDigest, 'author key': authorKeyDigest }
  return Object.entries(named)
    .filter(([, bytes]) => bytes.some((byte) => byte !== 0))
    .map(([name, bytes]) => `${name.padEnd(10)} ${bytesToHex(bytes)}`)
}

function describeFreedoms({ policy }: SnpVerdict): string[] {
  return policy.migrationAgentAllowed
    ? ['migration  YES: an agent of its host may read and move it']
    : []
}

function describeUnknown({ policy, platformInfo }: SnpVerdict): string[] {
  const line = (what: string, bits: readonly number[]): string[] =>
    bits.length === 0 ? [] : [`unknown    ${what} bits ${bits.join(', ')}`]
  return [
    ...line('policy', policy.unknownBits),
    ...line('platform information', platformInfo.unknownBits),
  ]
}

function describeKey({ signingKey, cspId, productName, chipId, chipIdMasked }: SnpVerdict): string {
  const chip = chipIdMasked ? 'a chip that its host does not name' : `chip ${shortHex(chipId)}`
  const key = signingKey === 'vcek' ? 'a key of the chip' : `a key lent to ${cspId ?? 'a cloud'}`
  return `processor  ${productName}, ${chip}; signed by ${key}`
}

function describeRevocation({ revocationKnownUntil }: SnpVerdict): string {
  return revocationKnownUntil === undefined
    ? 'revocation not known: no revocation list was given'
    : `revocation none known, by a list that speaks until ${formatTime(revocationKnownUntil)}`
}
