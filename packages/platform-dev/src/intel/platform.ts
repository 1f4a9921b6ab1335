import { bytesToHex, InvariantError, utf8 } from '@tacit/base'
import {
  CA_USAGE,
  issueCertificate,
  issueCrl,
  LEAF_USAGE,
  toPem,
  type CertificateSpec,
} from '../certificates.ts'
import {
  qeIdentity,
  tcbInfo,
  type DevTcbStatus,
  type DocumentOptions,
  type EnclaveTraits,
  type JsonDocument,
} from './documents.ts'
import { deriveBytes, deriveKey, sha256, type PlatformKey } from '../keys.ts'
import { createMachine, pckExtension, type Machine } from './machine.ts'
import {
  measureTd,
  sgxReport,
  tdReport,
  writeQuote,
  type Certification,
  type TdMeasurements,
} from './quote-writer.ts'

/** The certificates of the platform by role. */
export type DevRole = 'root' | 'pck_ca' | 'pck' | 'tcb_signing'

/** The signed documents of the platform's collateral. */
export type DevDocument = 'root_crl' | 'pck_crl' | 'tcb_info' | 'qe_identity'

export interface DevPlatformOptions {
  /** 32 random bytes; every key and serial number is derived from them. */
  readonly seed: Uint8Array
  /** Unix seconds; collateral is valid from a day before to 30 days after. */
  readonly now: number
  /** The machine's patch level; UpToDate where not given. */
  readonly status?: DevTcbStatus
  /** Advisories of that level. */
  readonly advisories?: readonly string[]
  /** 1 where not given. */
  readonly tcbEvaluationDataNumber?: number
}

/** Deviations from an honest platform, all under its own keys; each is signed as if it were true. */
export interface DevAttack {
  readonly certificates?: Partial<Readonly<Record<DevRole, Partial<CertificateSpec>>>>
  /** Signs a certificate or document with another role's key; the named issuer stays. */
  readonly signers?: Partial<Readonly<Record<DevRole | DevDocument, DevRole>>>
  readonly revoked?: readonly DevRole[]
  /** Unix seconds. */
  readonly windows?: Partial<
    Readonly<Record<DevDocument, { readonly from: number; readonly until: number }>>
  >
  /** The role whose name stands in a revocation list as issuer. */
  readonly crlIssuers?: Partial<Readonly<Record<'root_crl' | 'pck_crl', DevRole>>>
  /** Changes the machine that PCK certificate, TCB info and reports describe. */
  readonly machine?: Partial<Machine>
  readonly editTcbInfo?: (document: JsonDocument) => void
  readonly editQeIdentity?: (document: JsonDocument) => void
  /** Changes the quoting enclave's report, 384 bytes, before the PCK signs it. */
  readonly editQeReport?: (report: Uint8Array) => void
  /** Changes the body before the attestation key signs it. */
  readonly editBody?: (body: Uint8Array) => void
}

/** A root certificate as verifiers pin it; the shape is that of @tacit/attestation's TrustedRoot. */
export interface DevRoot {
  readonly name: string
  readonly vendor: 'intel' | 'amd' | 'nvidia'
  /** DER. */
  readonly certificate: Uint8Array
  /** SHA-256 of the certificate. */
  readonly fingerprint: Uint8Array
}

/** Collateral as verifiers take it; the shape is that of @tacit/attestation's DcapCollateral. */
export interface DevCollateral {
  readonly pckCrlIssuerChain: Uint8Array
  readonly rootCaCrl: Uint8Array
  readonly pckCrl: Uint8Array
  readonly tcbInfoIssuerChain: Uint8Array
  readonly tcbInfo: Uint8Array
  readonly tcbInfoSignature: Uint8Array
  readonly qeIdentityIssuerChain: Uint8Array
  readonly qeIdentity: Uint8Array
  readonly qeIdentitySignature: Uint8Array
}

export interface CollateralOptions {
  /** Whose TCB info and QE identity; TDX where not given. */
  readonly tee?: 'sgx' | 'tdx'
  /** Unix seconds to count validity from; the platform's now where not given. */
  readonly now?: number
}

export interface TdLaunch {
  /** 48 bytes: identity of the measured code, becomes MRTD. */
  readonly image: Uint8Array
  /** Extended into RTMR3. */
  readonly role: string
  /** 4 (TD 1.0, the default) or 5 (TD 1.5). */
  readonly quoteVersion?: 4 | 5
  readonly debug?: boolean
}

export interface EnclaveLaunch {
  /** 32 bytes. */
  readonly mrEnclave: Uint8Array
  /** 32 bytes. */
  readonly mrSigner: Uint8Array
  readonly isvProdId: number
  readonly isvSvn: number
  readonly debug?: boolean
}

/** A TD that runs on the platform. */
export interface DevTd extends TdMeasurements {
  /** A quote over 64 bytes of report data. */
  quote(reportData: Uint8Array): Uint8Array
}

export interface DevEnclave {
  /** A version 3 quote over 64 bytes of report data. */
  quote(reportData: Uint8Array): Uint8Array
}

/** Plays a machine with Intel SGX and TDX, and Intel's services for it, under a root of its own. */
export interface DevPlatform {
  readonly root: DevRoot
  collateral(options?: CollateralOptions): DevCollateral
  launchTd(launch: TdLaunch): DevTd
  launchEnclave(launch: EnclaveLaunch): DevEnclave
  /** The same platform, keys included, with deviations; for tests. */
  attack(attack: DevAttack): DevPlatform
}

const DAY = 86_400
const VALID_DAYS = 30
const CERTIFICATES_FROM = Date.UTC(2020, 0, 1) / 1000
const CERTIFICATES_UNTIL = Date.UTC(2049, 11, 31, 23, 59, 59) / 1000
const ENCLAVE_ATTRIBUTES = 0x11
const SGX_INITIALIZED_64BIT = 0x05
const DEBUG = 0x02
const AUTH_DATA = Uint8Array.from({ length: 32 }, (_, at) => at)
const ISSUERS: Readonly<Record<DevRole, DevRole>> = {
  root: 'root',
  pck_ca: 'root',
  pck: 'pck_ca',
  tcb_signing: 'root',
}

interface Keys {
  readonly roles: Readonly<Record<DevRole, PlatformKey>>
  readonly attestation: PlatformKey
}

/**
 * Creates a software TEE platform: quotes, certificates, revocation lists and collateral of the
 * real formats under a development root that the seed decides. The root does not depend on now.
 */
export function createDevPlatform(options: DevPlatformOptions): DevPlatform {
  const { seed } = options
  if (seed.length !== 32) throw new InvariantError('createDevPlatform: the seed has 32 bytes')
  const roles = {
    root: deriveKey(seed, 'root'),
    pck_ca: deriveKey(seed, 'pck ca'),
    pck: deriveKey(seed, 'pck'),
    tcb_signing: deriveKey(seed, 'tcb signing'),
  }
  return assemble(options, { roles, attestation: deriveKey(seed, 'attestation') }, {})
}

function assemble(options: DevPlatformOptions, keys: Keys, attack: DevAttack): DevPlatform {
  const machine = { ...createMachine(options.seed), ...attack.machine }
  const specs = specifyCertificates(options.seed, keys, machine, attack)
  const certificates = issueCertificates(specs, keys, attack)
  const parts: Parts = { options, keys, attack, machine, specs, certificates }
  const certify = {
    sgx: once(() => certifyKey(parts, 'sgx')),
    tdx: once(() => certifyKey(parts, 'tdx')),
  }
  const { root } = certificates
  return {
    root: {
      name: specs.root.commonName,
      vendor: 'intel',
      certificate: root,
      fingerprint: sha256(root),
    },
    collateral: (collateral = {}) => issueCollateral(parts, collateral),
    launchTd: (launch) => launchTd(parts, launch, certify.tdx),
    launchEnclave: (launch) => launchEnclave(parts, launch, certify.sgx),
    attack: (further) => assemble(options, keys, { ...attack, ...further }),
  }
}

interface Parts {
  readonly options: DevPlatformOptions
  readonly keys: Keys
  readonly attack: DevAttack
  readonly machine: Machine
  readonly specs: Readonly<Record<DevRole, CertificateSpec>>
  readonly certificates: Readonly<Record<DevRole, Uint8Array>>
}

function specifyCertificates(
  seed: Uint8Array,
  { roles }: Keys,
  machine: Machine,
  { certificates = {} }: DevAttack,
): Record<DevRole, CertificateSpec> {
  const rootId = bytesToHex(sha256(roles.root.publicKey).subarray(0, 4))
  const spec = (role: DevRole, commonName: string, pathLength?: number): CertificateSpec => ({
    commonName,
    serial: serialNumber(seed, role),
    notBefore: CERTIFICATES_FROM,
    notAfter: CERTIFICATES_UNTIL,
    publicKey: roles[role].publicKey,
    isCa: pathLength !== undefined,
    pathLength,
    keyUsage: pathLength === undefined ? LEAF_USAGE : CA_USAGE,
    extensions: role === 'pck' ? [pckExtension(machine)] : [],
    ...certificates[role],
  })
  return {
    root: spec('root', `Tacit Development Root CA ${rootId}`, 1),
    pck_ca: spec('pck_ca', 'Intel SGX PCK Platform CA', 0),
    pck: spec('pck', 'Intel SGX PCK Certificate'),
    tcb_signing: spec('tcb_signing', 'Intel SGX TCB Signing'),
  }
}

function issueCertificates(
  specs: Readonly<Record<DevRole, CertificateSpec>>,
  { roles }: Keys,
  { signers = {} }: DevAttack,
): Record<DevRole, Uint8Array> {
  const issue = (role: DevRole): Uint8Array => {
    const issuer = ISSUERS[role]
    return issueCertificate(specs[role], specs[issuer].commonName, roles[signers[role] ?? issuer])
  }
  return {
    root: issue('root'),
    pck_ca: issue('pck_ca'),
    pck: issue('pck'),
    tcb_signing: issue('tcb_signing'),
  }
}

/** 20 bytes, positive and never shortened. */
function serialNumber(seed: Uint8Array, role: DevRole): Uint8Array {
  const serial = deriveBytes(seed, `serial ${role}`, 20)
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40
  return serial
}

function issueCollateral(parts: Parts, options: CollateralOptions): DevCollateral {
  const { root, pck_ca: pckCa, tcb_signing: tcbSigning } = parts.certificates
  const issuerChain = toPem([tcbSigning, root])
  const [info, infoSignature] = issueTcbInfo(parts, options)
  const [identity, identitySignature] = issueQeIdentity(parts, options)
  return {
    pckCrlIssuerChain: toPem([pckCa, root]),
    rootCaCrl: issueNamedCrl(parts, options, 'root_crl'),
    pckCrl: issueNamedCrl(parts, options, 'pck_crl'),
    tcbInfoIssuerChain: issuerChain,
    tcbInfo: info,
    tcbInfoSignature: infoSignature,
    qeIdentityIssuerChain: issuerChain,
    qeIdentity: identity,
    qeIdentitySignature: identitySignature,
  }
}

function issueNamedCrl(
  parts: Parts,
  options: CollateralOptions,
  document: 'root_crl' | 'pck_crl',
): Uint8Array {
  const { attack, keys, specs } = parts
  const issuer = document === 'root_crl' ? 'root' : 'pck_ca'
  const serials = (attack.revoked ?? [])
    .filter((role) => ISSUERS[role] === issuer)
    .map((role) => specs[role].serial)
  const name = specs[attack.crlIssuers?.[document] ?? issuer].commonName
  const spec = { issuer: name, ...windowOf(parts, options, document), serials }
  return issueCrl(spec, keys.roles[attack.signers?.[document] ?? issuer])
}

function issueTcbInfo(parts: Parts, options: CollateralOptions): [Uint8Array, Uint8Array] {
  const document = tcbInfo(parts.machine, documentOptions(parts, options, 'tcb_info'))
  parts.attack.editTcbInfo?.(document)
  return signDocument(parts, 'tcb_info', document)
}

function issueQeIdentity(parts: Parts, options: CollateralOptions): [Uint8Array, Uint8Array] {
  const traits = quotingEnclave(parts.options.seed, options.tee ?? 'tdx')
  const document = qeIdentity(traits, documentOptions(parts, options, 'qe_identity'))
  parts.attack.editQeIdentity?.(document)
  return signDocument(parts, 'qe_identity', document)
}

function signDocument(
  { keys, attack }: Parts,
  document: DevDocument,
  content: JsonDocument,
): [Uint8Array, Uint8Array] {
  const bytes = utf8(JSON.stringify(content))
  return [bytes, keys.roles[attack.signers?.[document] ?? 'tcb_signing'].sign(bytes)]
}

function documentOptions(
  parts: Parts,
  collateral: CollateralOptions,
  document: DevDocument,
): DocumentOptions {
  const { status = 'UpToDate', advisories = [], tcbEvaluationDataNumber = 1 } = parts.options
  const window = windowOf(parts, collateral, document)
  return { tee: collateral.tee ?? 'tdx', ...window, status, advisories, tcbEvaluationDataNumber }
}

function windowOf(
  { options, attack }: Parts,
  { now = options.now }: CollateralOptions,
  document: DevDocument,
): { from: number; until: number } {
  return attack.windows?.[document] ?? { from: now - DAY, until: now + VALID_DAYS * DAY }
}

function quotingEnclave(seed: Uint8Array, tee: 'sgx' | 'tdx'): EnclaveTraits {
  const mrSigner = deriveBytes(seed, 'quoting enclave signer', 32)
  return { mrSigner, isvProdId: tee === 'tdx' ? 2 : 1, isvSvn: 8 }
}

/** The quoting enclave certifies its attestation key, and the PCK signs its report. */
function certifyKey(
  { options, keys, attack, machine, certificates }: Parts,
  tee: 'sgx' | 'tdx',
): Certification {
  const { attestation, roles } = keys
  const reportData = new Uint8Array(64)
  reportData.set(sha256(attestation.publicKey, AUTH_DATA))
  const enclave = {
    ...quotingEnclave(options.seed, tee),
    mrEnclave: sha256(utf8(`quoting enclave ${tee}`)),
    attributes: ENCLAVE_ATTRIBUTES,
  }
  const qeReport = sgxReport(machine, enclave, reportData)
  attack.editQeReport?.(qeReport)
  const { pck, pck_ca: pckCa, root } = certificates
  return {
    attestationKey: attestation,
    qeReport,
    qeReportSignature: roles.pck.sign(qeReport),
    authData: AUTH_DATA,
    pckChain: toPem([pck, pckCa, root]),
  }
}

function launchTd(parts: Parts, launch: TdLaunch, certify: () => Certification): DevTd {
  if (launch.image.length !== 48) throw new InvariantError('launchTd: an image has 48 bytes')
  const measurements = measureTd(launch.image, launch.role)
  const version = launch.quoteVersion ?? 4
  return {
    ...measurements,
    quote: (reportData) => {
      const body = tdReport(parts.machine, measurements, sized(reportData), version === 5)
      if (launch.debug === true) body[120] = 1
      parts.attack.editBody?.(body)
      return writeQuote(version, body, certify())
    },
  }
}

function launchEnclave(
  parts: Parts,
  launch: EnclaveLaunch,
  certify: () => Certification,
): DevEnclave {
  const attributes = SGX_INITIALIZED_64BIT | (launch.debug === true ? DEBUG : 0)
  return {
    quote: (reportData) => {
      const body = sgxReport(parts.machine, { ...launch, attributes }, sized(reportData))
      parts.attack.editBody?.(body)
      return writeQuote(3, body, certify())
    },
  }
}

function sized(reportData: Uint8Array): Uint8Array {
  if (reportData.length === 64) return reportData
  throw new InvariantError('quote: report data has 64 bytes')
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}
