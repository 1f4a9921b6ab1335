import { bytesToHex } from '@tacit/base'
import type { DcapError } from './dcap/errors.ts'
import type { TcbStatus } from './dcap/tcb-status.ts'
import type { DcapVerdict } from './dcap/verdict.ts'
import type { PolicyResult } from './policy/evaluate.ts'
import { explainPolicy } from './policy/explain-policy.ts'

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

/** Says to a person what was proved, by whom, until when, and what the policy makes of it. */
export function explainVerdict(verdict: DcapVerdict, policy?: PolicyResult): readonly string[] {
  return [
    `${describeTee(verdict)}; ${verdict.signatureChecks} signatures verified`,
    `vouched for by ${verdict.root.name} (${shortHex(verdict.root.fingerprint)})`,
    `platform   ${verdict.status}: ${STATUS_MEANING[verdict.status]}`,
    ...describeAdvisories(verdict),
    ...describeMeasurements(verdict),
    `debug      ${verdict.debug ? 'YES: its memory is open to its host' : 'no'}`,
    `processor  FMSPC ${bytesToHex(verdict.platform.fmspc)}, PPID ${shortHex(verdict.platform.ppid)}`,
    ...describeModule(verdict),
    `valid      ${formatTime(verdict.latestIssue)} to ${formatTime(verdict.earliestExpiry)}, ` +
      `checked for ${formatTime(verdict.verifiedAt)}`,
    ...(policy === undefined ? [] : explainPolicy(policy)),
  ]
}

/** Says in one line why evidence was rejected; codes alone stand for themselves. */
export function explainError(error: DcapError): string {
  const { code, ...details } = error
  if (!('verifiable' in error)) return [code, ...formatDetails(details)].join(' ')
  const what = 'item' in error ? error.item : `the ${error.certificate} certificate`
  const { validFrom, validUntil, verifiable } = error
  const own = `${what} is valid from ${formatTime(validFrom)} to ${formatTime(validUntil)}`
  const whole =
    verifiable.from > verifiable.until
      ? 'no time suits all of it'
      : `all of it from ${formatTime(verifiable.from)} to ${formatTime(verifiable.until)}`
  return `${code}: ${own}; ${whole}`
}

/** `2026-01-31T10:20:30Z`. */
export function formatTime(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toISOString().replace('.000Z', 'Z')
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

function formatDetails(details: object): string[] {
  return Object.entries(details).map(([name, value]) => `${name}=${String(value)}`)
}

function shortHex(bytes: Uint8Array): string {
  return bytesToHex(bytes.subarray(0, 8))
}
