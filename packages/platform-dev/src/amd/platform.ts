import { bytesToHex, InvariantError } from '@tacit/base'
import {
  CA_USAGE,
  issueCertificate,
  issueCrl,
  toPem,
  type CertificateSpec,
} from '../certificates.ts'
import type { DevRoot } from '../intel/types.ts'
import { deriveBytes, deriveKey, sha256, type PlatformKey } from '../keys.ts'
import { deriveRsaKey, type RsaBits } from '../rsa-key.ts'
import {
  createChip,
  DEV_AMD_TCB,
  endorse,
  endorsementExtensions,
  type DevAmdChip,
  type DevAmdFamily,
  type DevAmdTcb,
  type DevEndorsement,
} from './chip.ts'
import { hclRuntime, writeHcl, type HclOptions } from './hcl-writer.ts'
import {
  REPORT_SIGNED_BYTES,
  writeReport,
  writeSignature,
  type DevAmdTcbs,
  type GuestLaunch,
} from './report-writer.ts'

/** The certificates of the platform by role. */
export type DevAmdRole = 'root' | 'ask' | 'asvk' | 'vcek' | 'vlek'

export interface DevAmdOptions {
  /** 32 random bytes; every key is derived from them. */
  readonly seed: Uint8Array
  /** Unix seconds; the revocation list is valid from a day before to 30 days after. */
  readonly now: number
  /** Genoa where not given. */
  readonly family?: DevAmdFamily
  /** All four patch levels where no other is given; up to date where not given. */
  readonly tcb?: Partial<DevAmdTcb>
  /** Of AMD's own keys: 2048 where not given, which is a second to derive; AMD's have 4096. */
  readonly rsaBits?: RsaBits
}

/** Deviations from an honest platform, all under its own keys; each is signed as if it were true. */
export interface DevAmdAttack {
  readonly certificates?: Partial<Readonly<Record<DevAmdRole, Partial<CertificateSpec>>>>
  /** Signs a certificate or the revocation list with another role's key; the named issuer stays. */
  readonly signers?: Partial<Readonly<Record<DevAmdRole | 'crl', DevAmdRole>>>
  /** Signs the report with the other of the two keys. */
  readonly reportSigner?: 'vcek' | 'vlek'
  /** Whose certificate goes with the report, where not that of the key which the report names. */
  readonly endorsed?: 'vcek' | 'vlek'
  readonly revoked?: readonly DevAmdRole[]
  /** Unix seconds. */
  readonly crlWindow?: { readonly from: number; readonly until: number }
  /** The role whose name stands in the revocation list as issuer. */
  readonly crlIssuer?: DevAmdRole
  /** Changes what the certificate of VCEK or VLEK says. */
  readonly endorsement?: Partial<DevEndorsement>
  readonly tcbs?: Partial<DevAmdTcbs>
  readonly chip?: Partial<DevAmdChip>
  /** Changes the report before it is signed. */
  readonly editReport?: (report: Uint8Array) => void
  /** Changes the report after it was signed. */
  readonly editSigned?: (report: Uint8Array) => void
}

/** Collateral as verifiers take it; the shape is that of @tacit/attestation's SnpCollateral. */
export interface DevSnpCollateral {
  readonly endorsement: Uint8Array
  readonly chain: Uint8Array
  readonly crl: Uint8Array
}

export interface SnpCollateralOptions {
  /** Whose certificate; the VCEK's where not given. */
  readonly signingKey?: 'vcek' | 'vlek'
  /** Unix seconds to count the revocation list's validity from; the platform's where not given. */
  readonly now?: number
}

/** A guest that runs on the platform. */
export interface DevGuest {
  /** A report over 64 bytes of report data. */
  report(reportData: Uint8Array): Uint8Array
  /** Azure's HCL report: a report over the hash of its runtime data, and that data. */
  hclReport(options?: Partial<HclOptions>): Uint8Array
}

/** Plays a machine with AMD SEV-SNP, and AMD's key service for it, under a root of its own. */
export interface DevAmd {
  readonly root: DevRoot
  readonly chip: DevAmdChip
  collateral(options?: SnpCollateralOptions): DevSnpCollateral
  launchGuest(launch: GuestLaunch): DevGuest
  /** The same platform, keys included, with deviations; for tests. */
  attack(attack: DevAmdAttack): DevAmd
}

const DAY = 86_400
const VALID_DAYS = 30
const CERTIFICATES_FROM = Date.UTC(2020, 0, 1) / 1000
const CERTIFICATES_UNTIL = Date.UTC(2049, 11, 31, 23, 59, 59) / 1000
/** AMD's intermediates sign certificates only. */
const INTERMEDIATE_USAGE = 0x04
const ISSUERS: Readonly<Record<DevAmdRole, DevAmdRole>> = {
  root: 'root',
  ask: 'root',
  asvk: 'root',
  vcek: 'ask',
  vlek: 'asvk',
}

/**
 * Creates a software SEV-SNP platform: reports, certificates and revocation lists of the real
 * formats under a development root that seed and family decide. The root does not depend on now.
 */
export function createDevAmd(options: DevAmdOptions): DevAmd {
  if (options.seed.length !== 32) throw new InvariantError('createDevAmd: the seed has 32 bytes')
  return assemble(options, createKeys(options), {})
}

type Keys = (role: DevAmdRole) => PlatformKey

/** Derives each key when it is first asked for. */
function createKeys({ seed, family = 'Genoa', rsaBits = 2048 }: DevAmdOptions): Keys {
  const keys = new Map<DevAmdRole, PlatformKey>()
  return (role) => {
    const isLeaf = role === 'vcek' || role === 'vlek'
    const label = `${role} ${family}`
    const key =
      keys.get(role) ??
      (isLeaf ? deriveKey(seed, label, 'p384') : deriveRsaKey(seed, label, rsaBits))
    keys.set(role, key)
    return key
  }
}

interface Parts {
  readonly options: DevAmdOptions
  readonly attack: DevAmdAttack
  readonly chip: DevAmdChip
  readonly tcbs: DevAmdTcbs
  readonly keyOf: Keys
}

function assemble(options: DevAmdOptions, keyOf: Keys, attack: DevAmdAttack): DevAmd {
  const { seed, family = 'Genoa', tcb: levels } = options
  const chip = { ...createChip(seed, family), ...attack.chip }
  const tcb = { ...DEV_AMD_TCB, ...levels }
  const tcbs = { reported: tcb, committed: tcb, current: tcb, launch: tcb, ...attack.tcbs }
  const parts: Parts = { options, attack, chip, tcbs, keyOf }
  return {
    chip,
    get root() {
      return describeRoot(parts)
    },
    collateral: (wanted = {}) => issueCollateral(parts, wanted),
    launchGuest: (launch) => launchGuest(parts, launch),
    attack: (further) => assemble(options, keyOf, { ...attack, ...further }),
  }
}

function describeRoot(parts: Parts): DevRoot {
  const certificate = issue(parts, 'root')
  const name = specify(parts, 'root').commonName
  return { name, vendor: 'amd', certificate, fingerprint: sha256(certificate) }
}

function specify(parts: Parts, role: DevAmdRole): CertificateSpec {
  const { options, attack, chip, tcbs, keyOf } = parts
  const isLeaf = role === 'vcek' || role === 'vlek'
  const { publicKey } = keyOf(role)
  const endorsement = isLeaf
    ? { ...endorse(chip, tcbs.reported, role), ...attack.endorsement }
    : undefined
  return {
    commonName: nameOf(role, options.family ?? 'Genoa', publicKey),
    serial: isLeaf ? Uint8Array.of(0) : serialNumber(options.seed, role),
    notBefore: CERTIFICATES_FROM,
    notAfter: CERTIFICATES_UNTIL,
    publicKey,
    isCa: !isLeaf,
    pathLength: role === 'ask' || role === 'asvk' ? 0 : undefined,
    keyUsage: isLeaf ? 0 : role === 'root' ? CA_USAGE : INTERMEDIATE_USAGE,
    extensions: endorsement === undefined ? [] : endorsementExtensions(endorsement),
    ...attack.certificates?.[role],
  }
}

function nameOf(role: DevAmdRole, family: DevAmdFamily, publicKey: Uint8Array): string {
  const rootId = bytesToHex(sha256(publicKey).subarray(0, 4))
  const names = {
    root: `Tacit Development ARK-${family} ${rootId}`,
    ask: `SEV-${family}`,
    asvk: `SEV-VLEK-${family}`,
    vcek: 'SEV-VCEK',
    vlek: 'SEV-VLEK',
  }
  return names[role]
}

function issue(parts: Parts, role: DevAmdRole): Uint8Array {
  const issuer = ISSUERS[role]
  const signer = parts.attack.signers?.[role] ?? issuer
  const issuerName = specify(parts, issuer).commonName
  return issueCertificate(specify(parts, role), issuerName, parts.keyOf(signer))
}

/** 4 bytes, positive and never shortened. */
function serialNumber(seed: Uint8Array, role: DevAmdRole): Uint8Array {
  const serial = deriveBytes(seed, `serial ${role}`, 4)
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40
  return serial
}

function issueCollateral(parts: Parts, wanted: SnpCollateralOptions): DevSnpCollateral {
  const role = parts.attack.endorsed ?? wanted.signingKey ?? 'vcek'
  return {
    endorsement: issue(parts, role),
    chain: toPem([issue(parts, ISSUERS[role]), issue(parts, 'root')]),
    crl: issueRevocations(parts, wanted),
  }
}

function issueRevocations(parts: Parts, { now = parts.options.now }: SnpCollateralOptions) {
  const { attack, keyOf } = parts
  const serials = (attack.revoked ?? []).map((role) => specify(parts, role).serial)
  const window = attack.crlWindow ?? { from: now - DAY, until: now + VALID_DAYS * DAY }
  const issuer = specify(parts, attack.crlIssuer ?? 'root').commonName
  return issueCrl({ issuer, ...window, serials }, keyOf(attack.signers?.crl ?? 'root'))
}

function launchGuest(parts: Parts, launch: GuestLaunch): DevGuest {
  if (launch.measurement.length !== 48) {
    throw new InvariantError('launchGuest: a measurement has 48 bytes')
  }
  const sign = (reportData: Uint8Array): Uint8Array => signReport(parts, launch, reportData)
  return {
    report: sign,
    hclReport: (options = {}) => {
      const attestationKey = options.attestationKey ?? defaultTpmKey(parts)
      const { text, reportData } = hclRuntime({ ...options, attestationKey })
      return writeHcl(sign(reportData), text, options.version)
    },
  }
}

function signReport(
  { chip, tcbs, attack, keyOf }: Parts,
  launch: GuestLaunch,
  reportData: Uint8Array,
): Uint8Array {
  if (reportData.length !== 64) throw new InvariantError('report: report data has 64 bytes')
  const report = writeReport(chip, tcbs, launch, reportData)
  attack.editReport?.(report)
  const signer = keyOf(attack.reportSigner ?? launch.signingKey ?? 'vcek')
  writeSignature(report, signer.sign(report.subarray(0, REPORT_SIGNED_BYTES)))
  attack.editSigned?.(report)
  return report
}

/** No key of a TPM, which nothing here signs with. */
function defaultTpmKey({ options }: Parts): Uint8Array {
  const modulus = deriveBytes(options.seed, 'tpm', 256)
  modulus[0] = (modulus[0] ?? 0) | 0x80
  return modulus
}
