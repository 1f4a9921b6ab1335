import { err, ok, type Result } from '@tacit/base'
import { isRevoked } from '@tacit/crypto/x509'
import type { ParsedCollateral } from './collateral.ts'
import type { DcapTrustError } from './errors.ts'
import { judgeSgx, judgeTdx, type JudgedPlatform, type JudgedReport } from './platform-tcb.ts'
import { matchEnclaveLevel } from './quoting-enclave.ts'
import type { DcapVerdict } from './verdict.ts'

/** What of a verified quote a later judgement needs: some 150 bytes in place of 5,000. */
export interface DcapFacts {
  /** Serial number of the platform's certificate, at most 20 bytes. */
  readonly pckSerial: Uint8Array
  readonly platform: JudgedPlatform
  readonly qeIsvSvn: number
  /** Undefined for SGX. */
  readonly tdx: JudgedReport | undefined
}

/** How other collateral judges a platform. */
export interface DcapRejudgement {
  readonly status: DcapVerdict['status']
  /** Of platform, TDX module and quoting enclave, without repetition. */
  readonly advisories: readonly string[]
}

/** Takes the facts out of a verdict; bytes are copied. */
export function dcapFacts(verdict: DcapVerdict): DcapFacts {
  const { pckSerial, componentSvns, pceSvn } = verdict.platform
  return {
    pckSerial: pckSerial.slice(),
    platform: { componentSvns: [...componentSvns], pceSvn },
    qeIsvSvn: verdict.quotingEnclave.isvSvn,
    tdx: verdict.tee === 'tdx' ? reportFacts(verdict) : undefined,
  }
}

function reportFacts(report: JudgedReport): JudgedReport {
  return {
    teeTcbSvn: report.teeTcbSvn.slice(),
    teeTcbSvn2: report.teeTcbSvn2?.slice(),
    mrSignerSeam: report.mrSignerSeam.slice(),
    seamAttributes: report.seamAttributes.slice(),
  }
}

/**
 * Judges a platform again, by other collateral of its family than its quote was verified with:
 * revocation of its certificate, patch level, TDX module and quoting enclave, by the rules of
 * decideDcap().
 * @param collateral verified by decideCollateral(); nothing of it is decided here.
 */
export function rejudgeDcap(
  { pckSerial, platform, qeIsvSvn, tdx }: DcapFacts,
  { tcbInfo, qeIdentity, pckCrl }: ParsedCollateral,
): Result<DcapRejudgement, DcapTrustError> {
  if (isRevoked(pckCrl, pckSerial)) return err({ code: 'pck_revoked' })
  const enclave = matchEnclaveLevel(qeIdentity.value.levels, qeIsvSvn)
  const judged = tdx
    ? judgeTdx(tdx, platform, tcbInfo.value, enclave.status)
    : ok(judgeSgx(platform, tcbInfo.value, enclave.status))
  if (!judged.ok) return judged
  const { status, advisories } = judged.value
  return ok({ status, advisories: [...new Set([...advisories, ...enclave.advisories])] })
}
