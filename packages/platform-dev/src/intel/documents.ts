import { bytesToHex } from '@tacit/base'
import { isoTime } from '../der-writer.ts'
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

export interface DocumentOptions {
  readonly tee: 'sgx' | 'tdx'
  /** Unix seconds. */
  readonly from: number
  readonly until: number
  readonly status: DevTcbStatus
  readonly advisories: readonly string[]
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

/** TCB info, version 3, whose levels give the machine the wanted status. */
export function tcbInfo(machine: Machine, options: DocumentOptions): JsonDocument {
  const isTdx = options.tee === 'tdx'
  return {
    id: isTdx ? 'TDX' : 'SGX',
    version: 3,
    ...dates(options),
    fmspc: bytesToHex(machine.fmspc),
    pceId: bytesToHex(machine.pceId),
    tcbType: 0,
    tcbEvaluationDataNumber: options.tcbEvaluationDataNumber,
    ...(isTdx ? moduleIdentities(machine) : {}),
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
    tcbLevels: [enclaveLevel(enclave.isvSvn, 'UpToDate')],
  }
}

function dates({ from, until }: DocumentOptions): JsonDocument {
  return { issueDate: isoTime(from), nextUpdate: isoTime(until) }
}

function moduleIdentities({ teeTcbSvn }: Machine): JsonDocument {
  const module = {
    mrsigner: '00'.repeat(48),
    attributes: '0000000000000000',
    attributesMask: 'FFFFFFFFFFFFFFFF',
  }
  const tcbLevels = [enclaveLevel(teeTcbSvn[0] ?? 0, 'UpToDate')]
  return { tdxModule: module, tdxModuleIdentities: [{ id: 'TDX_01', ...module, tcbLevels }] }
}

/** The next patch level is always up to date; the machine's own has the wanted status. */
function levels(machine: Machine, options: DocumentOptions): JsonDocument[] {
  const { status, advisories } = options
  const newer = { ...machine, sgxSvns: machine.sgxSvns.map((svn, at) => svn + (at === 0 ? 1 : 0)) }
  const next = level(newer, options.tee, 'UpToDate', [])
  if (status === 'NotSupported') return [next]
  const own = level(machine, options.tee, status, advisories)
  return status === 'UpToDate' ? [own] : [next, own]
}

function level(
  { sgxSvns, teeTcbSvn, pceSvn }: Machine,
  tee: 'sgx' | 'tdx',
  tcbStatus: string,
  advisoryIDs: readonly string[],
): JsonDocument {
  const components = (svns: Uint8Array) => Array.from(svns, (svn) => ({ svn }))
  // The module's own identity judges the first two components.
  const tdx = teeTcbSvn.map((svn, at) => (at < 2 ? 0 : svn))
  return {
    tcb: {
      sgxtcbcomponents: components(sgxSvns),
      pcesvn: pceSvn,
      ...(tee === 'tdx' ? { tdxtcbcomponents: components(tdx) } : {}),
    },
    tcbDate: '2025-01-01T00:00:00Z',
    tcbStatus,
    ...(advisoryIDs.length > 0 ? { advisoryIDs } : {}),
  }
}

function enclaveLevel(isvsvn: number, tcbStatus: string): JsonDocument {
  return { tcb: { isvsvn }, tcbDate: '2025-01-01T00:00:00Z', tcbStatus }
}
