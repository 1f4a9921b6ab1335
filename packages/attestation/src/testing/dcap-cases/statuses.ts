import type { DevEnclaveStatus, DevTcbStatus } from '@tacit/platform-dev'
import type { TcbStatus } from '../../dcap/tcb-status.ts'
import { dcapCase, editBody, editTcb, levelsOf, type CaseSetup, type DcapCase } from './case.ts'

/** A platform's own status, and what is left of it where module or quoting enclave is out of date. */
const STATUSES: Readonly<Record<DevTcbStatus, TcbStatus>> = {
  UpToDate: 'OutOfDate',
  SWHardeningNeeded: 'OutOfDate',
  ConfigurationNeeded: 'OutOfDateConfigurationNeeded',
  ConfigurationAndSWHardeningNeeded: 'OutOfDateConfigurationNeeded',
  OutOfDate: 'OutOfDate',
  OutOfDateConfigurationNeeded: 'OutOfDateConfigurationNeeded',
  Revoked: 'Revoked',
  NotSupported: 'NotSupported',
}
const ENTRIES = Object.entries(STATUSES) as [DevTcbStatus, TcbStatus][]
const PARTS = ['Revoked', 'NotSupported'] as const satisfies readonly DevEnclaveStatus[]

const PLATFORM: readonly DcapCase[] = ENTRIES.flatMap(([status]) =>
  (['tdx', 'sgx'] as const).map((tee) =>
    state(`${tee}-${kebab(status)}`, `a ${tee.toUpperCase()} platform that is ${status}`, status, {
      tee,
      options: { status },
    }),
  ),
)

const CONVERGED: readonly DcapCase[] = ENTRIES.flatMap(([status, expected]) => [
  state(`module-out-of-date-${kebab(status)}`, `${status} under an old module`, expected, {
    options: { status, module: { status: 'OutOfDate' } },
  }),
  state(`qe-out-of-date-${kebab(status)}`, `${status} with an old quoting enclave`, expected, {
    options: { status, quotingEnclave: { status: 'OutOfDate' } },
  }),
])

const DECIDING: readonly DcapCase[] = PARTS.flatMap((status) => [
  state(`module-${kebab(status)}`, `a TDX module that is ${status}`, status, {
    options: { module: { status }, quotingEnclave: { status: 'OutOfDate' } },
  }),
  state(`qe-${kebab(status)}`, `a quoting enclave that is ${status}`, status, {
    options: { status: 'OutOfDate', quotingEnclave: { status } },
  }),
])

const V5 = { quoteVersion: 5 } as const
const relaunch = { needsRelaunch: true } as const
const RELAUNCH: readonly DcapCase[] = [
  state('relaunch', 'a current module runs, the TD started under an old one', 'TDRelaunchAdvised', {
    options: relaunch,
    launch: V5,
  }),
  state('relaunch-sw-hardening', 'the same where SW hardening is needed', 'TDRelaunchAdvised', {
    options: { ...relaunch, status: 'SWHardeningNeeded' },
    launch: V5,
  }),
  state(
    'relaunch-configuration',
    'the same where configuration is needed',
    'TDRelaunchAdvisedConfigurationNeeded',
    { options: { ...relaunch, status: 'ConfigurationNeeded' }, launch: V5 },
  ),
  state('relaunch-td10', 'the same for TD 1.0, which knows no relaunch', 'OutOfDate', {
    options: relaunch,
    launch: { ...V5, isTd10: true },
  }),
  state('relaunch-module-old', 'the module that runs now is old as well', 'OutOfDate', {
    options: { module: { status: 'OutOfDate' } },
    launch: V5,
  }),
  state('relaunch-component-old', 'the module is current, another component is old', 'OutOfDate', {
    options: relaunch,
    attack: editBody(584 + 2, 4),
    launch: V5,
  }),
  state('relaunch-qe-old', 'the quoting enclave is old as well', 'OutOfDate', {
    options: { ...relaunch, quotingEnclave: { status: 'OutOfDate' } },
    launch: V5,
  }),
  state('relaunch-platform-old', 'the processor is old as well', 'OutOfDate', {
    options: { ...relaunch, status: 'OutOfDate' },
    launch: V5,
  }),
  state('relaunch-platform-revoked', 'the processor was revoked', 'Revoked', {
    options: { ...relaunch, status: 'Revoked' },
    launch: V5,
  }),
  dcapCase(
    'relaunch-module-unknown',
    'the module that runs now has no identity',
    { code: 'tdx_module_unknown', id: 'TDX_02' },
    { options: relaunch, attack: editBody(584 + 1, 2), launch: V5 },
  ),
]

const LEVELS: readonly DcapCase[] = [
  state('levels-unsorted', 'the levels stand in rising order', 'OutOfDate', {
    options: { status: 'OutOfDate' },
    attack: editTcb((document) => levelsOf(document).reverse()),
  }),
  state('tcb-info-v2', 'TCB info of version 2', 'UpToDate', {
    tee: 'sgx',
    options: { tcbInfoVersion: 2 },
  }),
  state('tcb-info-v2-out-of-date', 'the same, out of date', 'OutOfDate', {
    tee: 'sgx',
    options: { tcbInfoVersion: 2, status: 'OutOfDate' },
  }),
  dcapCase(
    'tcb-info-v2-tdx',
    'TCB info of version 2 with a TD',
    { code: 'tcb_info_tee_mismatch' },
    { options: { tcbInfoVersion: 2 } },
  ),
]

function state(name: string, what: string, status: TcbStatus, setup: CaseSetup): DcapCase {
  return dcapCase(name, what, { status }, setup)
}

/** `SWHardeningNeeded` is `sw-hardening-needed`. */
function kebab(status: string): string {
  return status.replaceAll(/(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, '-').toLowerCase()
}

export const STATUS_CASES: readonly DcapCase[] = [
  ...PLATFORM,
  ...CONVERGED,
  ...DECIDING,
  ...RELAUNCH,
  ...LEVELS,
]
