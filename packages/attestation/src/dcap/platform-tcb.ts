import { bytesToHex, equalBytes, err, ok, type Result } from '@tacit/base'
import { isZero } from './bytes-at.ts'
import type { DcapTrustError } from './errors.ts'
import type { PckPlatform } from './pck-extension.ts'
import { matchEnclaveLevel } from './quoting-enclave.ts'
import type { ComponentName, TcbInfo, TcbLevel, TdxModule, TdxModuleIdentity } from './tcb-info.ts'
import {
  convergeStatus,
  needsConfiguration,
  type EnclaveStatus,
  type TcbStatus,
} from './tcb-status.ts'
import type { TdReport } from './td-report.ts'
import type { DcapVerdict, PlatformLevel, LevelComponent } from './verdict.ts'

/** What of a platform's certificate its patch level is judged by. */
export type JudgedPlatform = Pick<PckPlatform, 'componentSvns' | 'pceSvn'>

/** What of a TD report the level of its platform and module is judged by. */
export type JudgedReport = Pick<
  TdReport,
  'teeTcbSvn' | 'teeTcbSvn2' | 'mrSignerSeam' | 'seamAttributes'
>

/** How Intel judges a platform, its TDX module and its quoting enclave together. */
export type TcbJudgement = Pick<DcapVerdict, 'status' | 'advisories' | 'platformLevel' | 'module'>

/**
 * Judges an SGX platform by the first level that it reaches.
 * Source: Intel QVL, TcbLevelCheck.cpp (specification steps 4.1.2.4.17).
 */
export function judgeSgx(
  platform: JudgedPlatform,
  info: TcbInfo,
  quotingEnclave: EnclaveStatus,
): TcbJudgement {
  const level = info.levels.find((candidate) => reachesSgx(platform, candidate))
  if (level === undefined) return unsupported(undefined)
  return {
    status: convergeStatus(level.status, quotingEnclave),
    advisories: unique(level.advisories),
    platformLevel: describeLevel(level, info, platform, new Uint8Array()),
    module: undefined,
  }
}

/**
 * Judges a TDX platform: the first level that both its processor and its TDX components reach,
 * the TDX module by its own identity, and whether a relaunch would bring the TD up to date.
 * Source: Intel QVL, TcbLevelCheck.cpp, TdxModuleCheck.cpp, TDRelaunchCheck.cpp.
 */
export function judgeTdx(
  report: JudgedReport,
  platform: JudgedPlatform,
  info: TcbInfo,
  quotingEnclave: EnclaveStatus,
): Result<TcbJudgement, DcapTrustError> {
  const found = findModule(report, info)
  if (!found.ok) return found
  const module = found.value
  const sgxLevel = info.levels.find((candidate) => reachesSgx(platform, candidate))
  const level = info.levels.find(
    (candidate) => reachesTdx(report.teeTcbSvn, candidate) && reachesSgx(platform, candidate),
  )
  if (level === undefined || sgxLevel === undefined) return ok(unsupported(module))
  const moduleStatus = module?.status ?? 'UpToDate'
  const withModule = convergeStatus(level.status, moduleStatus)
  const relaunch = { report, info, sgx: sgxLevel.status, moduleStatus, quotingEnclave }
  const current = adviseRelaunch(withModule, relaunch)
  if (!current.ok) return current
  const isFinal = withModule === 'NotSupported' || withModule === 'Revoked'
  return ok({
    status: isFinal ? withModule : convergeStatus(current.value, quotingEnclave),
    advisories: unique([...level.advisories, ...(module?.advisories ?? [])]),
    platformLevel: describeLevel(level, info, platform, report.teeTcbSvn),
    module,
  })
}

/** The module that the quote names, checked against its identity; undefined before module 1.5. */
export function findModule(
  report: JudgedReport,
  info: TcbInfo,
): Result<DcapVerdict['module'], DcapTrustError> {
  const [isvSvn = 0, version = 0] = report.teeTcbSvn
  const id = moduleId(version)
  const identity = version === 0 ? undefined : info.tdxModuleIdentities.get(id)
  const module: TdxModule | undefined = version === 0 ? info.tdxModule : identity
  if (module === undefined) return err({ code: 'tdx_module_unknown', id })
  if (!equalBytes(report.mrSignerSeam, module.mrSigner)) {
    return err({ code: 'tdx_module_mr_signer_mismatch' })
  }
  const { seamAttributes } = report
  if (!isZero(seamAttributes) || !equalBytes(seamAttributes, module.attributes)) {
    return err({ code: 'tdx_module_attributes_mismatch' })
  }
  if (identity === undefined) return ok(undefined)
  return ok({ id, isvSvn, ...matchEnclaveLevel(identity.levels, isvSvn) })
}

interface RelaunchInput {
  readonly report: JudgedReport
  readonly info: TcbInfo
  readonly sgx: TcbStatus
  readonly moduleStatus: EnclaveStatus
  readonly quotingEnclave: EnclaveStatus
}

/**
 * TD 1.5: the TD started under an old module, but the module that runs now is current, so that a
 * relaunch is all it needs.
 */
function adviseRelaunch(
  status: TcbStatus,
  { report, info, sgx, moduleStatus, quotingEnclave }: RelaunchInput,
): Result<TcbStatus, DcapTrustError> {
  const isOld = status === 'OutOfDate' || status === 'OutOfDateConfigurationNeeded'
  const isSgxCurrent = sgx !== 'Revoked' && !sgx.startsWith('OutOfDate')
  const { teeTcbSvn2 } = report
  const [latest] = info.levels
  if (teeTcbSvn2 === undefined || latest === undefined) return ok(status)
  if (!isOld || !isSgxCurrent || moduleStatus !== 'OutOfDate') return ok(status)
  if (quotingEnclave !== 'UpToDate') return ok(status)
  const [isvSvn = 0, version = 0, component = 0] = teeTcbSvn2
  const identity = version === 0 ? undefined : info.tdxModuleIdentities.get(moduleId(version))
  if (version !== 0 && identity === undefined) {
    return err({ code: 'tdx_module_unknown', id: moduleId(version) })
  }
  const isCurrent = isvSvn >= latestSvn(identity, latest) && component >= (latest.tdxSvns[2] ?? 0)
  if (!isCurrent) return ok(status)
  const needs = needsConfiguration(sgx) || needsConfiguration(status)
  return ok(needs ? 'TDRelaunchAdvisedConfigurationNeeded' : 'TDRelaunchAdvised')
}

function latestSvn(identity: TdxModuleIdentity | undefined, latest: TcbLevel): number {
  return (identity === undefined ? latest.tdxSvns[0] : identity.levels[0]?.isvSvn) ?? 0
}

function moduleId(version: number): string {
  return `TDX_${bytesToHex(Uint8Array.of(version)).toUpperCase()}`
}

function reachesSgx({ componentSvns, pceSvn }: JudgedPlatform, level: TcbLevel): boolean {
  return pceSvn >= level.pceSvn && reachesFrom(0, componentSvns, level.sgxSvns)
}

/** Where the module has an identity of its own, that judges components 0 and 1. */
function reachesTdx(teeTcbSvn: Uint8Array, level: TcbLevel): boolean {
  return reachesFrom((teeTcbSvn[1] ?? 0) > 0 ? 2 : 0, teeTcbSvn, level.tdxSvns)
}

function reachesFrom(first: number, svns: ArrayLike<number>, levelSvns: Uint16Array): boolean {
  for (let at = first; at < levelSvns.length; at++) {
    if ((svns[at] ?? 0) < (levelSvns[at] ?? 0)) return false
  }
  return true
}

function unsupported(module: TcbJudgement['module']): TcbJudgement {
  return { status: 'NotSupported', advisories: [], platformLevel: undefined, module }
}

function describeLevel(
  { status, tcbDate, advisories, pceSvn, sgxSvns, tdxSvns }: TcbLevel,
  { sgxComponents, tdxComponents }: TcbInfo,
  { componentSvns }: Pick<PckPlatform, 'componentSvns'>,
  teeTcbSvn: Uint8Array,
): PlatformLevel {
  return {
    status,
    tcbDate,
    advisories,
    pceSvn,
    sgxComponents: describeComponents(sgxSvns, sgxComponents, componentSvns),
    tdxComponents: describeComponents(tdxSvns, tdxComponents, teeTcbSvn),
  }
}

function describeComponents(
  levelSvns: Uint16Array,
  names: readonly ComponentName[],
  svns: ArrayLike<number>,
): readonly LevelComponent[] {
  const components: LevelComponent[] = []
  for (let at = 0; at < levelSvns.length; at++) {
    const name = names[at]
    const [svn = 0, levelSvn = 0] = [svns[at], levelSvns[at]]
    components.push({ category: name?.category, type: name?.type, svn, levelSvn })
  }
  return components
}

function unique(advisories: readonly string[]): readonly string[] {
  return [...new Set(advisories)]
}
