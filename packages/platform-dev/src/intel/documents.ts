import { bytesToHex } from '@tacit/base'
import { isoTime } from '@tacit/crypto/der-writer'
import type { Machine } from './machine.ts'

/** How Intel would judge the machine's patch level; NotSupported leaves it without a level. */
export type DevTcbStatus =
  | 'UpToDate'
  | 'SWHardeningNeeded'
  | 'ConfigurationNeeded'
  | 'ConfigurationAndSWHardeningNeeded'
  | 'OutOfDate'
  | 'OutOfDateConfigurationNeeded'
  | 'Revoked'
  | 'NotSupported'

/** How Intel would judge the TDX module or the quoting enclave; NotSupported leaves it without a level. */
export type DevEnclaveStatus = 'UpToDate' | 'OutOfDate' | 'Revoked' | 'NotSupported'

/** An enclave's or module's judgement. */
export interface DevEnclaveLevel {
  readonly status?: DevEnclaveStatus
  readonly advisories?: readonly string[]
}

export interface DocumentOptions {
  readonly tee: 'sgx' | 'tdx'
  /** Unix seconds. */
  readonly from: number
  readonly until: number
  readonly tcbInfoVersion: 2 | 3
  readonly status: DevTcbStatus
  readonly advisories: readonly string[]
  readonly module: DevEnclaveLevel
  readonly quotingEnclave: DevEnclaveLevel
  readonly tcbEvaluationDataNumber: number
}

/** A JSON document before it is signed. */
export type JsonDocument = Record<string, unknown>

/** What the platform's quoting enclave is; the same values stand in its reports. */
export interface EnclaveTraits {
  /** 32 bytes. */
  readonly mrSigner: Uint8Array
  readonly isvProdId: number
  readonly isvSvn: number
}

const TCB_DATE = '2025-01-01T00:00:00Z'
const SGX_NAMES: readonly JsonDocument[] = [
  { category: 'BIOS', type: 'Early Microcode Update' },
  { category: 'OS/VMM', type: 'SGX Late Microcode Update' },
]
const TDX_NAMES: readonly JsonDocument[] = [
  { category: 'OS/VMM', type: 'TDX Module' },
  { category: 'OS/VMM', type: 'TDX Module' },
  { category: 'OS/VMM', type: 'TDX Late Microcode Update' },
]

/** TCB info, version 2 (SGX only) or 3, whose levels give the machine the wanted status. */
export function tcbInfo(machine: Machine, options: DocumentOptions): JsonDocument {
  const { tee, tcbInfoVersion: version } = options
  return {
    ...(version === 2 ? {} : { id: tee.toUpperCase() }),
    version,
    ...dates(options),
    fmspc: bytesToHex(machine.fmspc),
    pceId: bytesToHex(machine.pceId),
    tcbType: 0,
    tcbEvaluationDataNumber: options.tcbEvaluationDataNumber,
    ...(tee === 'tdx' && version === 3 ? moduleIdentities(machine, options) : {}),
    tcbLevels: levels(machine, options),
  }
}

/** QE identity or TD QE identity, version 2. */
export function qeIdentity(enclave: EnclaveTraits, options: DocumentOptions): JsonDocument {
  return {
    id: options.tee === 'tdx' ? 'TD_QE' : 'QE',
    version: 2,
    ...dates(options),
    tcbEvaluationDataNumber: options.tcbEvaluationDataNumber,
    miscselect: '00000000',
    miscselectMask: 'FFFFFFFF',
    attributes: '11000000000000000000000000000000',
    attributesMask: 'FBFFFFFFFFFFFFFF0000000000000000',
    mrsigner: bytesToHex(enclave.mrSigner),
    isvprodid: enclave.isvProdId,
    tcbLevels: enclaveLevels(enclave.isvSvn, options.quotingEnclave),
  }
}

function dates({ from, until }: DocumentOptions): JsonDocument {
  return { issueDate: isoTime(from), nextUpdate: isoTime(until) }
}

function moduleIdentities({ teeTcbSvn }: Machine, options: DocumentOptions): JsonDocument {
  const module = {
    mrsigner: '00'.repeat(48),
    attributes: '0000000000000000',
    attributesMask: 'FFFFFFFFFFFFFFFF',
  }
  // Before 1.5 modules name no version and need no identity.
  const version = Math.max(1, teeTcbSvn[1] ?? 0)
  const id = `TDX_${bytesToHex(Uint8Array.of(version)).toUpperCase()}`
  const tcbLevels = enclaveLevels(teeTcbSvn[0] ?? 0, options.module)
  return { tdxModule: module, tdxModuleIdentities: [{ id, ...module, tcbLevels }] }
}

/** The next patch level is always up to date; the machine's own has the wanted status. */
function levels(machine: Machine, options: DocumentOptions): JsonDocument[] {
  const { status, advisories } = options
  const newer = { ...machine, sgxSvns: machine.sgxSvns.map((svn, at) => svn + (at === 0 ? 1 : 0)) }
  const next = level(newer, options, 'UpToDate', [])
  if (status === 'NotSupported') return [next]
  const own = level(machine, options, status, advisories)
  return status === 'UpToDate' ? [own] : [next, own]
}

function level(
  { sgxSvns, teeTcbSvn, pceSvn }: Machine,
  { tee, tcbInfoVersion }: DocumentOptions,
  tcbStatus: string,
  advisoryIDs: readonly string[],
): JsonDocument {
  // The module's own identity judges the first two components of module 1.5.
  const tdx = teeTcbSvn.map((svn, at) => (at < 2 && (teeTcbSvn[1] ?? 0) > 0 ? 0 : svn))
  const components = {
    sgxtcbcomponents: named(sgxSvns, SGX_NAMES),
    ...(tee === 'tdx' ? { tdxtcbcomponents: named(tdx, TDX_NAMES) } : {}),
  }
  const tcb = tcbInfoVersion === 2 ? flat(sgxSvns) : components
  const said = advisoryIDs.length > 0 ? { advisoryIDs } : {}
  return { tcb: { ...tcb, pcesvn: pceSvn }, tcbDate: TCB_DATE, tcbStatus, ...said }
}

function named(svns: Uint8Array, names: readonly JsonDocument[]): JsonDocument[] {
  return Array.from(svns, (svn, at) => ({ svn, ...names[at] }))
}

/** Version 2 writes components as `sgxtcbcomp01svn` to `sgxtcbcomp16svn`. */
function flat(svns: Uint8Array): JsonDocument {
  const entries = Array.from(svns, (svn, at) => [
    `sgxtcbcomp${String(at + 1).padStart(2, '0')}svn`,
    svn,
  ])
  return Object.fromEntries(entries)
}

/** A newer level that is up to date, unless the own one is, and the own one. */
function enclaveLevels(
  isvsvn: number,
  { status = 'UpToDate', advisories = [] }: DevEnclaveLevel,
): JsonDocument[] {
  const newer = enclaveLevel(isvsvn + 1, 'UpToDate', [])
  if (status === 'NotSupported') return [newer]
  const own = enclaveLevel(isvsvn, status, advisories)
  return status === 'UpToDate' ? [own] : [newer, own]
}

function enclaveLevel(
  isvsvn: number,
  tcbStatus: string,
  advisoryIDs: readonly string[],
): JsonDocument {
  const said = advisoryIDs.length > 0 ? { advisoryIDs } : {}
  return { tcb: { isvsvn }, tcbDate: TCB_DATE, tcbStatus, ...said }
}
