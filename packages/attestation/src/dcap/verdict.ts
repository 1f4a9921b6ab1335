import type { PckPlatform } from './pck-extension.ts'
import type { SgxReport } from './sgx-report.ts'
import type { ComponentName } from './tcb-info.ts'
import type { EnclaveStatus, TcbStatus } from './tcb-status.ts'
import type { TdReport } from './td-report.ts'

/** What is true of a quote whose every signature and rule held, with all that a policy may ask. */
export type DcapVerdict = TdxVerdict | SgxVerdict

export type TdxVerdict = VerdictBase & TdReport & { readonly tee: 'tdx' }
export type SgxVerdict = VerdictBase & SgxReport & { readonly tee: 'sgx' }

interface VerdictBase {
  readonly quoteVersion: 3 | 4 | 5
  /** How the quote names its PCK: 5 for a chain of its own, 1 to 4 where the caller supplied it. */
  readonly certificationType: 1 | 2 | 3 | 4 | 5
  /** 20 bytes by the quoting enclave; Intel's puts its own id into the first 16. */
  readonly userData: Uint8Array
  /** Platform, TDX module and quoting enclave taken together. NotSupported: no level matched. */
  readonly status: TcbStatus
  /**
   * Of the platform's level and the TDX module's level, without repetition. Those of the quoting
   * enclave's level are in quotingEnclave, as Intel's own verifier keeps them apart.
   */
  readonly advisories: readonly string[]
  readonly root: {
    readonly name: string
    readonly vendor: string
    readonly fingerprint: Uint8Array
  }
  /** The enclave or TD was launched with its secrets open to a debugger. */
  readonly debug: boolean
  readonly platform: PckPlatform & {
    /** Which of Intel's two intermediates issued the PCK certificate. */
    readonly ca: 'processor' | 'platform'
    /** Serial number of the PCK certificate, at most 20 bytes. */
    readonly pckSerial: Uint8Array
  }
  /** The platform level that matched; undefined where status is NotSupported for want of one. */
  readonly platformLevel: PlatformLevel | undefined
  /** The TDX module named by the quote; undefined for SGX and for modules before 1.5. */
  readonly module:
    | (MatchedLevel<EnclaveStatus> & { readonly id: string; readonly isvSvn: number })
    | undefined
  readonly quotingEnclave: MatchedLevel<EnclaveStatus> & {
    /** 32 bytes. */
    readonly mrEnclave: Uint8Array
    /** 32 bytes. */
    readonly mrSigner: Uint8Array
    readonly isvProdId: number
    readonly isvSvn: number
  }
  /** Of TCB info; rises with each of Intel's TCB recoveries. */
  readonly tcbEvaluationDataNumber: number
  readonly qeIdentityEvaluationDataNumber: number
  /** When each document was issued. Unix seconds. */
  readonly issued: {
    readonly tcbInfo: number
    readonly qeIdentity: number
    readonly rootCrl: number
    readonly pckCrl: number
  }
  /** Until when each document says that it holds. Unix seconds. */
  readonly nextUpdates: {
    readonly tcbInfo: number
    readonly qeIdentity: number
    readonly rootCrl: number
    readonly pckCrl: number
  }
  /** The time that the verdict is for. Unix seconds. */
  readonly verifiedAt: number
  /** The last of all beginnings of validity. Unix seconds. */
  readonly latestIssue: number
  /** The first of all ends of validity; the verdict holds until then. Unix seconds. */
  readonly earliestExpiry: number
  /** How many signatures it rests on, whether verified now or remembered. */
  readonly signatureChecks: number
}

/** A patch level with Intel's judgement. */
export interface MatchedLevel<S> {
  readonly status: S
  /** Unix seconds; undefined where no level matched. */
  readonly tcbDate: number | undefined
  readonly advisories: readonly string[]
}

/** A platform's patch level, component by component. */
export interface PlatformLevel extends MatchedLevel<TcbStatus> {
  /** What the level demands of the platform's PCESVN. */
  readonly pceSvn: number
  readonly sgxComponents: readonly LevelComponent[]
  /** Empty for SGX. */
  readonly tdxComponents: readonly LevelComponent[]
}

export interface LevelComponent extends ComponentName {
  /** The platform's own security version, 0 to 255. */
  readonly svn: number
  /** What the level demands, 0 to 65535; the TDX module's identity judges TDX components 0 and 1 of module 1.5. */
  readonly levelSvn: number
}
