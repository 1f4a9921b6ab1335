import { bytesToHex } from '@tacit/base'
import { debugLine, shortHex, type Explanation } from '../explain-text.ts'
import type { TcbStatus } from './tcb-status.ts'
import type { DcapVerdict } from './verdict.ts'

const STATUS_MEANING: Readonly<Record<TcbStatus, string>> = {
  UpToDate: 'the platform has every patch',
  SWHardeningNeeded: 'the platform has every patch; the program must defend itself too',
  ConfigurationNeeded: "the platform's firmware settings leave a known weakness open",
  ConfigurationAndSWHardeningNeeded:
    "the platform's firmware settings and the program must close known weaknesses",
  TDRelaunchAdvised: 'the platform was patched while the TD ran; the TD must be started again',
  TDRelaunchAdvisedConfigurationNeeded:
    'the TD must be started again, and firmware settings must be changed',
  OutOfDate: 'the platform lacks patches for known weaknesses',
  OutOfDateConfigurationNeeded: 'the platform lacks patches and needs other firmware settings',
  Revoked: 'Intel no longer vouches for the platform',
  NotSupported: 'Intel lists no patch level that the platform reaches',
}

/** What an Intel platform is, and the lines about it. */
export function describeDcap(verdict: DcapVerdict): Explanation {
  return {
    what: describeTee(verdict),
    lines: [
      `platform   ${verdict.status}: ${STATUS_MEANING[verdict.status]}`,
      ...describeAdvisories(verdict),
      ...describeMeasurements(verdict),
      debugLine(verdict.debug),
      `processor  FMSPC ${bytesToHex(verdict.platform.fmspc)}, PPID ${shortHex(verdict.platform.ppid)}`,
      ...describeModule(verdict),
    ],
  }
}

function describeTee(verdict: DcapVerdict): string {
  const kind = verdict.tee === 'tdx' ? 'Intel TDX trust domain' : 'Intel SGX enclave'
  return `${kind}, quote version ${verdict.quoteVersion}`
}

function describeAdvisories({ advisories, quotingEnclave }: DcapVerdict): string[] {
  const lines = advisories.length === 0 ? [] : [`advisories ${advisories.join(' ')}`]
  const { status, isvSvn } = quotingEnclave
  return [...lines, `quoted by  Intel's quoting enclave, SVN ${isvSvn}, ${status}`]
}

function describeMeasurements(verdict: DcapVerdict): string[] {
  const reportData = `reportData ${bytesToHex(verdict.reportData)}`
  if (verdict.tee === 'sgx') {
    const { mrEnclave, mrSigner, isvProdId, isvSvn } = verdict
    return [
      `MRENCLAVE  ${bytesToHex(mrEnclave)}`,
      `MRSIGNER   ${bytesToHex(mrSigner)}, product ${isvProdId}, SVN ${isvSvn}`,
      reportData,
    ]
  }
  const { mrTd, rtmr0, rtmr1, rtmr2, rtmr3 } = verdict
  const registers = [rtmr0, rtmr1, rtmr2, rtmr3].map(
    (rtmr, at) => `RTMR${at}      ${bytesToHex(rtmr)}`,
  )
  return [`MRTD       ${bytesToHex(mrTd)}`, ...registers, reportData]
}

function describeModule({ module }: DcapVerdict): string[] {
  return module === undefined
    ? []
    : [`TDX module ${module.id}, SVN ${module.isvSvn}, ${module.status}`]
}
