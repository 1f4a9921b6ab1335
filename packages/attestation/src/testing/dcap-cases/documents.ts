import type { DevAttack } from '@tacit/platform-dev'
import { DAY, NOW } from '../kit.ts'
import {
  dcapCase,
  editBody,
  editQe,
  editReport,
  editTcb,
  levelsOf,
  modulesOf,
  setSvn,
  type DcapCase,
  type DcapExpectation,
  type Document,
} from './case.ts'

type Row = readonly [name: string, what: string, attack: DevAttack, expected: DcapExpectation]

const EXPIRED = { from: NOW - 40 * DAY, until: NOW - 1 }
const FUTURE = { from: NOW + 1, until: NOW + DAY }
const ITEMS = {
  tcb_info: 'TCB info',
  qe_identity: 'QE identity',
  pck_crl: 'the PCK revocation list',
  root_crl: "the root's revocation list",
} as const

const WINDOWS: readonly Row[] = (Object.keys(ITEMS) as (keyof typeof ITEMS)[]).flatMap(
  (item): Row[] => [
    [
      `${item.replace('_', '-')}-expired`,
      `${ITEMS[item]} expired a second ago`,
      { windows: { [item]: EXPIRED } },
      { code: 'collateral_expired', item },
    ],
    [
      `${item.replace('_', '-')}-not-yet`,
      `${ITEMS[item]} is valid a second from now`,
      { windows: { [item]: FUTURE } },
      { code: 'collateral_not_yet_valid', item },
    ],
  ],
)

const TCB_INFO: readonly Row[] = [
  ['fmspc', 'another FMSPC', tcb('fmspc', '7AC170000001'), { code: 'fmspc_mismatch' }],
  ['pce-id', 'another PCEID', tcb('pceId', '0100'), { code: 'pce_id_mismatch' }],
  ['tcb-type', 'TCB type 1', tcb('tcbType', 1), { code: 'tcb_info_type_unsupported', tcbType: 1 }],
  [
    'tcb-info-version',
    'TCB info version 4',
    tcb('version', 4),
    { code: 'tcb_info_version_unsupported', version: 4 },
  ],
  [
    'tcb-info-sgx',
    'TCB info for SGX',
    editTcb((document) => {
      document['id'] = 'SGX'
      delete document['tdxModule']
      delete document['tdxModuleIdentities']
    }),
    { code: 'tcb_info_tee_mismatch' },
  ],
  [
    'tcb-info-sgx-module',
    'TCB info for SGX that describes a TDX module',
    tcb('id', 'SGX'),
    malformed('value_invalid', 'tdxModule'),
  ],
  [
    'levels-contradict',
    'two levels of the same components and PCESVN',
    editTcb((document) => levelsOf(document).push({ ...levelsOf(document)[0] })),
    malformed('value_invalid', 'tcbLevels'),
  ],
  ['levels-none', 'no level at all', tcb('tcbLevels', []), malformed('value_invalid', 'tcbLevels')],
  [
    'components-15',
    '15 SGX components',
    editTcb((document) => components(document).pop()),
    malformed('value_invalid', 'tcbLevels[0].tcb.sgxtcbcomponents'),
  ],
  [
    'components-17',
    '17 SGX components',
    editTcb((document) => components(document).push({ svn: 0 })),
    malformed('too_many', 'tcbLevels[0].tcb.sgxtcbcomponents'),
  ],
]

const QE_IDENTITY: readonly Row[] = [
  [
    'qe-identity-version',
    'QE identity version 1',
    editQe((document) => (document['version'] = 1)),
    { code: 'qe_identity_version_unsupported', version: 1 },
  ],
  [
    'qe-identity-sgx',
    'QE identity for SGX',
    editQe((document) => (document['id'] = 'QE')),
    { code: 'qe_identity_tee_mismatch' },
  ],
  [
    'qe-identity-qve',
    "the verification enclave's identity",
    editQe((document) => (document['id'] = 'QVE')),
    { code: 'qe_identity_tee_mismatch' },
  ],
  [
    'qe-mr-signer',
    'a quoting enclave by another signer',
    editReport(128),
    { code: 'qe_mr_signer_mismatch' },
  ],
  [
    'qe-isv-prod-id',
    'another product of the same signer as quoting enclave',
    editReport(256),
    { code: 'qe_isv_prod_id_mismatch' },
  ],
  [
    'qe-misc-select',
    'a quoting enclave with another MISCSELECT',
    editReport(16),
    { code: 'qe_misc_select_mismatch' },
  ],
  [
    'qe-attributes',
    'a quoting enclave with other attributes',
    editReport(48, 0x20),
    { code: 'qe_attributes_mismatch' },
  ],
  [
    'qe-attributes-masked',
    'a quoting enclave with attributes that the mask leaves open',
    editReport(56, 0x02),
    { status: 'UpToDate' },
  ],
  ['qe-debug', 'a quoting enclave in debug mode', editReport(48, 0x02), { code: 'qe_debug' }],
  [
    'qe-report-data',
    'a quoting enclave that certified another key',
    editReport(320),
    { code: 'qe_report_data_mismatch' },
  ],
  [
    'qe-report-tail',
    'a quoting enclave that certified more than a key',
    editReport(383),
    { code: 'qe_report_data_mismatch' },
  ],
]

const MODULE: readonly Row[] = [
  [
    'module-unknown',
    'a TDX module without an identity of its version',
    editTcb((document) => Object.assign(modulesOf(document)[0] ?? {}, { id: 'TDX_02' })),
    { code: 'tdx_module_unknown', id: 'TDX_01' },
  ],
  [
    'module-no-identities',
    'TCB info without module identities',
    editTcb((document) => delete document['tdxModuleIdentities']),
    { code: 'tdx_module_unknown', id: 'TDX_01' },
  ],
  [
    'module-identities-empty',
    'an empty list of module identities',
    tcb('tdxModuleIdentities', []),
    malformed('value_invalid', 'tdxModuleIdentities'),
  ],
  [
    'module-mr-signer',
    'a TDX module by another signer',
    editBody(64),
    { code: 'tdx_module_mr_signer_mismatch' },
  ],
  [
    'module-attributes',
    'a TDX module with attributes',
    editBody(112),
    { code: 'tdx_module_attributes_mismatch' },
  ],
  [
    'module-identity-attributes',
    'an identity that wants attributes',
    editTcb((document) =>
      Object.assign(modulesOf(document)[0] ?? {}, { attributes: '01'.padEnd(16, '0') }),
    ),
    { code: 'tdx_module_attributes_mismatch' },
  ],
  [
    'tdx-component-0',
    'a level that demands more of TDX component 0, which the module identity judges',
    editTcb((document) => setSvn(document, 'tdxtcbcomponents', 0, 200)),
    { status: 'UpToDate' },
  ],
  [
    'tdx-component-2',
    'a level that demands more of TDX component 2',
    editTcb((document) => setSvn(document, 'tdxtcbcomponents', 2, 6)),
    { status: 'NotSupported' },
  ],
  [
    'tdx-component-15',
    'a level that demands more of TDX component 15',
    editTcb((document) => setSvn(document, 'tdxtcbcomponents', 15, 1)),
    { status: 'NotSupported' },
  ],
  [
    'sgx-component-7',
    'a level that demands more of SGX component 7',
    editTcb((document) => setSvn(document, 'sgxtcbcomponents', 7, 6)),
    { status: 'NotSupported' },
  ],
  [
    'sgx-component-256',
    'a level that demands 256 of SGX component 0, whose low byte is 0',
    editTcb((document) => setSvn(document, 'sgxtcbcomponents', 0, 256)),
    { status: 'NotSupported' },
  ],
  [
    'pce-svn',
    'a level that demands more of the PCESVN',
    editTcb((document) => Object.assign(levelsOf(document)[0]?.['tcb'] ?? {}, { pcesvn: 14 })),
    { status: 'NotSupported' },
  ],
]

function tcb(field: string, value: unknown): DevAttack {
  return editTcb((document) => (document[field] = value))
}

function malformed(reason: 'value_invalid' | 'too_many', path: string): DcapExpectation {
  return { code: 'tcb_info_malformed', reason, path }
}

function components(document: Document): unknown[] {
  const tcb = levelsOf(document)[0]?.['tcb'] as { sgxtcbcomponents: unknown[] } | undefined
  return tcb?.sgxtcbcomponents ?? []
}

export const DOCUMENT_CASES: readonly DcapCase[] = [
  ...WINDOWS,
  ...TCB_INFO,
  ...QE_IDENTITY,
  ...MODULE,
].map(([name, what, attack, expected]) => dcapCase(name, what, expected, { attack }))
