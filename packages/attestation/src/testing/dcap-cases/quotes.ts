import { concatBytes } from '@tacit/base'
import type { CertificationType } from '@tacit/platform-dev'
import type { DcapInput } from '../../dcap/verify.ts'
import { honest } from '../kit.ts'
import { dcapCase, type CaseSetup, type DcapCase, type DcapExpectation } from './case.ts'

type Row = readonly [name: string, what: string, expected: DcapExpectation, setup: CaseSetup]

const GOOD = { status: 'UpToDate' } as const

const FORMATS: readonly Row[] = [
  ['sgx-v3', 'an SGX quote of version 3', GOOD, { tee: 'sgx' }],
  ['sgx-v4', 'an SGX quote of version 4', GOOD, { tee: 'sgx', launch: { quoteVersion: 4 } }],
  ['sgx-v5', 'an SGX quote of version 5', GOOD, { tee: 'sgx', launch: { quoteVersion: 5 } }],
  ['tdx-v4', 'a TD 1.0 quote of version 4', GOOD, {}],
  ['tdx-v5-td15', 'a TD 1.5 quote of version 5', GOOD, { launch: { quoteVersion: 5 } }],
  [
    'tdx-v5-td10',
    'a TD 1.0 quote of version 5',
    GOOD,
    { launch: { quoteVersion: 5, isTd10: true } },
  ],
  [
    'tdx-debug',
    'a TD in debug mode: a claim, for a policy to refuse',
    GOOD,
    { launch: { debug: true } },
  ],
  [
    'sgx-debug',
    'an enclave in debug mode: a claim, for a policy to refuse',
    GOOD,
    { tee: 'sgx', launch: { debug: true } },
  ],
  ['processor-ca', 'a PCK by the Processor CA', GOOD, { options: { pckCa: 'processor' } }],
  [
    'sgx-processor-ca',
    'an SGX PCK by the Processor CA',
    GOOD,
    { tee: 'sgx', options: { pckCa: 'processor' } },
  ],
  ['trailing-bytes', 'zeros behind the quote, as Linux leaves them', GOOD, { edit: padded }],
]

const PCK_CHAIN = { edit: withPckChain } as const
const CARRIED = { 1: 'ppid', 2: 'ppid_rsa2048', 3: 'ppid_rsa3072', 4: 'pck_certificate' } as const

const CERTIFICATION: readonly Row[] = [
  ...([1, 2, 3, 4] as const).flatMap((type): Row[] => [
    [
      `certification-${type}`,
      `certification data of type ${type} without a chain`,
      { code: 'pck_chain_missing', type, carried: CARRIED[type] },
      named(type),
    ],
    [
      `certification-${type}-chain`,
      `certification data of type ${type} with the chain supplied`,
      GOOD,
      { ...named(type), ...PCK_CHAIN },
    ],
  ]),
  [
    'certification-7',
    'a platform manifest in place of a PCK',
    { code: 'certification_data_unsupported', type: 7, content: 'platform_manifest' },
    { ...named(7), ...PCK_CHAIN },
  ],
  ['certification-ppid', 'the supplied PCK has another PPID', mismatch('ppid'), edited(1, 0)],
  ['certification-cpu-svn', 'and another CPUSVN', mismatch('cpu_svn'), edited(2, 256)],
  ['certification-pce-svn', 'and another PCESVN', mismatch('pce_svn'), edited(3, 384 + 16)],
  ['certification-pce-id', 'and another PCEID', mismatch('pce_id'), edited(3, 384 + 18)],
  ['certification-leaf', 'and is another certificate', mismatch('certificate'), edited(4, 100)],
  [
    'certification-length',
    'a PPID record that is a byte too short',
    { code: 'certification_data_malformed', type: 1, length: 35 },
    { ...named(1), ...PCK_CHAIN, attack: { editCertification: (data) => data.subarray(1) } },
  ],
  [
    'certification-no-pce-id',
    'a PPID record without PCEID, as in the first release',
    GOOD,
    { ...named(1), ...PCK_CHAIN, attack: { editCertification: (data) => data.subarray(0, 34) } },
  ],
]

function named(certificationType: CertificationType): CaseSetup {
  return { tee: 'sgx', launch: { certificationType } }
}

function edited(certificationType: CertificationType, at: number): CaseSetup {
  const editCertification = (data: Uint8Array) => data.with(at, (data[at] ?? 0) ^ 1)
  return { ...named(certificationType), ...PCK_CHAIN, attack: { editCertification } }
}

function mismatch(
  field: 'ppid' | 'cpu_svn' | 'pce_svn' | 'pce_id' | 'certificate',
): DcapExpectation {
  return { code: 'pck_chain_mismatch', field }
}

function withPckChain(input: DcapInput): DcapInput {
  return { ...input, pckChain: honest.pckChain }
}

function padded(input: DcapInput): DcapInput {
  return { ...input, quote: concatBytes(input.quote, new Uint8Array(70)) }
}

export const QUOTE_CASES: readonly DcapCase[] = [...FORMATS, ...CERTIFICATION].map(
  ([name, what, expected, setup]) => dcapCase(name, what, expected, setup),
)
