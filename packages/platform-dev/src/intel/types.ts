import type { CertificateSpec } from '../certificates.ts'
import type { DevEnclaveLevel, DevTcbStatus, JsonDocument } from './documents.ts'
import type { Machine } from './machine.ts'
import type { TdMeasurements } from './quote-writer.ts'

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
  /** The TDX module's level; UpToDate where not given. */
  readonly module?: DevEnclaveLevel
  /** The quoting enclave's level; UpToDate where not given. */
  readonly quotingEnclave?: DevEnclaveLevel
  /**
   * TDs were started under an old module, while a current one runs now; version 5 quotes of TD 1.5
   * say so. The module's status is then OutOfDate.
   */
  readonly needsRelaunch?: boolean
  /** Which of Intel's intermediates vouches for the machine; the Platform CA where not given. */
  readonly pckCa?: 'processor' | 'platform'
  /** Version 2 is for SGX only; 3 where not given. */
  readonly tcbInfoVersion?: 2 | 3
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
  /** Changes what a quote of certification type 1 to 4 or 7 says of its PCK. */
  readonly editCertification?: (data: Uint8Array) => Uint8Array
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
  /** 4 (the default) has reports of TD 1.0, 5 of TD 1.5. */
  readonly quoteVersion?: 4 | 5
  /** TD 1.0 in a quote of version 5. */
  readonly isTd10?: boolean
  readonly certificationType?: CertificationType
  readonly debug?: boolean
}

export interface EnclaveLaunch {
  /** 32 bytes. */
  readonly mrEnclave: Uint8Array
  /** 32 bytes. */
  readonly mrSigner: Uint8Array
  readonly isvProdId: number
  readonly isvSvn: number
  /** 3 where not given. */
  readonly quoteVersion?: 3 | 4 | 5
  readonly certificationType?: CertificationType
  readonly debug?: boolean
}

/**
 * How quotes name the PCK: 1 to 3 by PPID (in the clear, under RSA-2048, under RSA-3072), 4 by its
 * certificate, 5 (the default) by its chain, 7 with a platform manifest in its place.
 */
export type CertificationType = 1 | 2 | 3 | 4 | 5 | 7

/** A TD that runs on the platform. */
export interface DevTd extends TdMeasurements {
  /** A quote over 64 bytes of report data. */
  quote(reportData: Uint8Array): Uint8Array
}

export interface DevEnclave {
  /** A quote over 64 bytes of report data. */
  quote(reportData: Uint8Array): Uint8Array
}

/** Plays a machine with Intel SGX and TDX, and Intel's services for it, under a root of its own. */
export interface DevPlatform {
  readonly root: DevRoot
  /** PEM text: PCK certificate, PCK CA, root. */
  readonly pckChain: Uint8Array
  collateral(options?: CollateralOptions): DevCollateral
  launchTd(launch: TdLaunch): DevTd
  launchEnclave(launch: EnclaveLaunch): DevEnclave
  /** The same platform, keys included, with deviations; for tests. */
  attack(attack: DevAttack): DevPlatform
}
