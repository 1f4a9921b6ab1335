import { err, ok, type Result } from '@tacit/base'
import type { DcapFormError } from './errors.ts'
import { readJson, type JsonField } from '../json-document.ts'
import {
  ENCLAVE_STATUSES,
  LEVEL_STATUSES,
  type EnclaveStatus,
  type TcbStatus,
} from './tcb-status.ts'

/** Intel's judgement of every patch level of one processor family. */
export interface TcbInfo {
  readonly version: 2 | 3
  readonly tee: 'sgx' | 'tdx'
  /** Unix seconds, inclusive. */
  readonly issueDate: number
  /** Unix seconds, inclusive. */
  readonly nextUpdate: number
  /** 6 bytes. */
  readonly fmspc: Uint8Array
  /** 2 bytes. */
  readonly pceId: Uint8Array
  readonly tcbEvaluationDataNumber: number
  /** The module identity for quotes that name no module version; TDX only. */
  readonly tdxModule: TdxModule | undefined
  /** Identities by upper-case id, `TDX_01` and so on. */
  readonly tdxModuleIdentities: ReadonlyMap<string, TdxModuleIdentity>
  /** What the 16 SGX and the 16 TDX components are; as long as a level's SVNs. */
  readonly sgxComponents: readonly ComponentName[]
  readonly tdxComponents: readonly ComponentName[]
  /** Highest first. */
  readonly levels: readonly TcbLevel[]
}

/** Who patches a component and what it is, in Intel's words; undefined where Intel names neither. */
export interface ComponentName {
  /** `BIOS`, `OS/VMM` and so on. */
  readonly category: string | undefined
  /** `Early Microcode Update`, `TDX Module` and so on. */
  readonly type: string | undefined
}

export interface TcbLevel {
  /**
   * 16 component SVNs. A platform's own never exceed 255; where a level demands more, nothing
   * reaches it. (Intel's library keeps the low byte, so that 256 would demand nothing.)
   */
  readonly sgxSvns: Uint16Array
  readonly pceSvn: number
  /** 16 component SVNs; empty for SGX. */
  readonly tdxSvns: Uint16Array
  /** Unix seconds. */
  readonly tcbDate: number
  readonly status: TcbStatus
  readonly advisories: readonly string[]
}

export interface TdxModule {
  /** 48 bytes. */
  readonly mrSigner: Uint8Array
  /** 8 bytes. */
  readonly attributes: Uint8Array
}

export interface TdxModuleIdentity extends TdxModule {
  /** Highest first. */
  readonly levels: readonly EnclaveLevel[]
}

/** One patch level of an enclave or TDX module. */
export interface EnclaveLevel {
  readonly isvSvn: number
  /** Unix seconds. */
  readonly tcbDate: number
  readonly status: EnclaveStatus
  readonly advisories: readonly string[]
}

const COMPONENTS = 16
const MAX_LEVELS = 256
const MAX_NAME = 64
const MAX_SVN = 0xffff
const MAX_EVALUATION = 0xffff_ffff

/**
 * Reads the JSON that Intel signs as TCB info, version 2 or 3. Fields that are not known are left
 * alone; levels are sorted, since nothing in the format promises their order.
 * Source: Intel SGX and TDX Provisioning Certification Service API v4, "Get TCB Info".
 */
export function parseTcbInfo(bytes: Uint8Array): Result<TcbInfo, DcapFormError> {
  const read = readJson(bytes, (root): Result<TcbInfo, DcapFormError> => {
    const version = root.get('version').integer(0xffff)
    if (version !== 2 && version !== 3)
      return err({ code: 'tcb_info_version_unsupported', version })
    const tcbType = root.get('tcbType').integer(0xffff)
    if (tcbType !== 0) return err({ code: 'tcb_info_type_unsupported', tcbType })
    return ok(readTcbInfo(root, version))
  })
  return read.ok ? read.value : err({ code: 'tcb_info_malformed', ...read.error })
}

function readTcbInfo(root: JsonField, version: 2 | 3): TcbInfo {
  const tee = version === 3 && root.get('id').oneOf(['SGX', 'TDX']) === 'TDX' ? 'tdx' : 'sgx'
  const module = root.maybe('tdxModule')
  const identities = root.maybe('tdxModuleIdentities')
  if (tee === 'sgx') (module ?? identities)?.fail('value_invalid')
  const [first] = root.get('tcbLevels').items(1, MAX_LEVELS)
  const tcb = first?.get('tcb')
  return {
    version,
    tee,
    issueDate: root.get('issueDate').time(),
    nextUpdate: root.get('nextUpdate').time(),
    fmspc: root.get('fmspc').hex(6),
    pceId: root.get('pceId').hex(2),
    tcbEvaluationDataNumber: root.get('tcbEvaluationDataNumber').integer(MAX_EVALUATION),
    tdxModule: tee === 'tdx' ? readModule(root.get('tdxModule')) : undefined,
    tdxModuleIdentities: readIdentities(identities?.items(1, MAX_LEVELS) ?? []),
    sgxComponents: readNames(version === 3 ? tcb?.get('sgxtcbcomponents') : undefined),
    tdxComponents: readNames(tee === 'tdx' ? tcb?.get('tdxtcbcomponents') : undefined),
    levels: readLevels(root.get('tcbLevels'), version, tee),
  }
}

function readModule(field: JsonField): TdxModule {
  return { mrSigner: field.get('mrsigner').hex(48), attributes: field.get('attributes').hex(8) }
}

function readIdentities(fields: readonly JsonField[]): Map<string, TdxModuleIdentity> {
  const identities = new Map<string, TdxModuleIdentity>()
  for (const field of fields) {
    const id = field.get('id').text(16).toUpperCase()
    if (identities.has(id)) field.fail('value_invalid')
    const levels = readEnclaveLevels(field.get('tcbLevels'), 255)
    identities.set(id, { ...readModule(field), levels })
  }
  return identities
}

/** Levels of a QE identity or TDX module identity, highest first. */
export function readEnclaveLevels(field: JsonField, maxSvn: number): readonly EnclaveLevel[] {
  const levels = field.items(1, MAX_LEVELS).map((level) => ({
    isvSvn: level.get('tcb').get('isvsvn').integer(maxSvn),
    ...readLevelDate(level),
    status: level.get('tcbStatus').oneOf(ENCLAVE_STATUSES),
  }))
  return levels.toSorted((a, b) => b.isvSvn - a.isvSvn)
}

function readLevels(field: JsonField, version: 2 | 3, tee: 'sgx' | 'tdx'): readonly TcbLevel[] {
  const levels = field.items(1, MAX_LEVELS).map((level) => {
    const tcb = level.get('tcb')
    return {
      sgxSvns: version === 3 ? readComponents(tcb.get('sgxtcbcomponents')) : readFlat(tcb),
      pceSvn: tcb.get('pcesvn').integer(0xffff),
      tdxSvns: tee === 'tdx' ? readComponents(tcb.get('tdxtcbcomponents')) : new Uint16Array(),
      ...readLevelDate(level),
      status: level.get('tcbStatus').oneOf(LEVEL_STATUSES),
    }
  })
  const sorted = levels.toSorted(compareLevels)
  const isDuplicate = sorted.some((level, at) => {
    const before = sorted[at - 1]
    return before !== undefined && compareLevels(before, level) === 0
  })
  return isDuplicate ? field.fail('value_invalid') : sorted
}

/** The order of levels, equal for two that would contradict each other: descending by SGX components, PCESVN, TDX components. Source: Intel QVL, TcbLevel.cpp. */
function compareLevels(a: TcbLevel, b: TcbLevel): number {
  return (
    compareSvns(b.sgxSvns, a.sgxSvns) || b.pceSvn - a.pceSvn || compareSvns(b.tdxSvns, a.tdxSvns)
  )
}

function compareSvns(a: Uint16Array, b: Uint16Array): number {
  const at = a.findIndex((svn, index) => svn !== b[index])
  return (a[at] ?? 0) - (b[at] ?? 0)
}

function readComponents(field: JsonField): Uint16Array {
  const svns = new Uint16Array(COMPONENTS)
  const components = field.array(COMPONENTS, COMPONENTS)
  for (let at = 0; at < COMPONENTS; at++) {
    const svn = svnOf(components[at])
    svns[at] = svn ?? field.item(at).get('svn').integer(MAX_SVN)
  }
  return svns
}

/** Components are most of a document: only one that is wrong is read again, for its path. */
function svnOf(component: unknown): number | undefined {
  if (typeof component !== 'object' || component === null || !('svn' in component)) return undefined
  const { svn } = component
  const isSvn = typeof svn === 'number' && Number.isInteger(svn) && svn >= 0 && svn <= MAX_SVN
  return isSvn ? svn : undefined
}

function readNames(field: JsonField | undefined): readonly ComponentName[] {
  const components = field?.items(COMPONENTS, COMPONENTS) ?? []
  return components.map((component) => ({
    category: component.maybe('category')?.text(MAX_NAME),
    type: component.maybe('type')?.text(MAX_NAME),
  }))
}

/** Version 2 writes the components as `sgxtcbcomp01svn` to `sgxtcbcomp16svn`. */
function readFlat(tcb: JsonField): Uint16Array {
  return Uint16Array.from({ length: COMPONENTS }, (_, index) =>
    tcb.get(`sgxtcbcomp${String(index + 1).padStart(2, '0')}svn`).integer(MAX_SVN),
  )
}

function readLevelDate(level: JsonField): { tcbDate: number; advisories: readonly string[] } {
  const advisories = level.maybe('advisoryIDs')?.items(0, MAX_LEVELS) ?? []
  return {
    tcbDate: level.get('tcbDate').time(),
    advisories: advisories.map((advisory) => advisory.text(64)),
  }
}
