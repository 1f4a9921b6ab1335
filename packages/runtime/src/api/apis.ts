import {
  accountId,
  bytes,
  codec,
  hash256,
  option,
  struct,
  u128,
  u32,
  vec,
  type Codec,
} from '@tacit/base'
import { dispatchInfo } from '../execution/check.ts'
import { validate } from '../execution/validate.ts'
import type { DispatchClass } from '../framework/calls.ts'
import type { Composition } from '../framework/composition.ts'
import type { RuntimeCall } from '../framework/runtime-call.ts'
import { transactionSource, validityError, validTransaction } from '../framework/validity.ts'
import { weightCodec, type Weight } from '../framework/weights.ts'
import { baseWeight } from '../limits.ts'
import { dispatchClass, systemStorage } from '../pallets/system/types.ts'
import {
  computeFeeDetails,
  feeDetails,
  lengthToFee,
  totalFee,
  weightToFee,
  type FeeDetails,
} from '../pallets/transaction-payment/fees.ts'
import type { MultiSignature } from '../protocol/signature.ts'
import { runtimeVersion, type RuntimeVersion } from '../version.ts'
import { method, type Api } from './definition.ts'
import { API_IDS } from './ids.ts'
import { resultCodec } from './result.ts'

/** Versions in which the metadata exists. */
export const METADATA_VERSIONS = [14, 15, 16] as const

const opaqueMetadata: Codec<Uint8Array> = codec<Uint8Array>(
  {
    kind: 'composite',
    path: ['sp_core', 'OpaqueMetadata'],
    params: [],
    fields: [{ type: bytes.type, typeName: 'Vec<u8>' }],
  },
  (value, out) => bytes.encode(value, out),
  (input) => bytes.decode(input),
)

/** pallet_transaction_payment::types::RuntimeDispatchInfo. */
type RuntimeDispatchInfo = {
  readonly weight: Weight
  readonly class: DispatchClass
  readonly partial_fee: bigint
}
const runtimeDispatchInfo: Codec<RuntimeDispatchInfo> = struct(
  { weight: weightCodec, class: dispatchClass, partial_fee: u128 },
  {
    path: ['pallet_transaction_payment', 'types', 'RuntimeDispatchInfo'],
    params: [
      { name: 'Balance', type: u128.type },
      { name: 'Weight', type: weightCodec.type },
    ],
  },
)

/** The runtime APIs that exist, with FRAME's names and versions. */
export function runtimeApis(composition: Composition, version: RuntimeVersion): readonly Api[] {
  return [
    api('Core', 'What runs.', {
      version: method({
        inputs: {},
        output: runtimeVersion,
        doc: 'Version of the rules.',
        run: () => version,
      }),
    }),
    metadataApi(),
    api('TaggedTransactionQueue', 'The pool.', {
      validate_transaction: method({
        inputs: { source: transactionSource, tx: composition.extrinsic, block_hash: hash256 },
        output: resultCodec(validTransaction, validityError),
        doc: 'Whether an extrinsic may wait in the pool.',
        run: ({ environment }, { source, tx }) => validate(environment, source, tx),
      }),
    }),
    api('AccountNonceApi', 'Nonces.', {
      account_nonce: method({
        inputs: { account: accountId },
        output: u32,
        doc: "The account's next nonce.",
        run: ({ environment }, { account }) =>
          systemStorage.Account.get(environment.state, account).nonce,
      }),
    }),
    transactionPaymentApi(composition),
    transactionPaymentCallApi(composition),
  ]
}

function api(name: keyof typeof API_IDS, doc: string, methods: Api['methods']): Api {
  return { name, ...API_IDS[name], doc, methods }
}

function metadataApi(): Api {
  return api('Metadata', 'The description of the rules.', {
    metadata: method({
      inputs: {},
      output: opaqueMetadata,
      doc: 'Version 14.',
      run: ({ metadata }) => metadata(14) ?? new Uint8Array(),
    }),
    metadata_at_version: method({
      inputs: { version: u32 },
      output: option(opaqueMetadata),
      doc: 'A given version.',
      run: ({ metadata }, { version }) => metadata(version),
    }),
    metadata_versions: method({
      inputs: {},
      output: vec(u32),
      doc: 'The versions that exist.',
      run: () => METADATA_VERSIONS,
    }),
  })
}

function transactionPaymentApi({ extrinsic: uxt, find }: Composition): Api {
  const inputs = { uxt, len: u32 }
  return api('TransactionPaymentApi', 'Fees of extrinsics.', {
    query_info: method({
      inputs,
      output: runtimeDispatchInfo,
      doc: 'Weight and fee of an extrinsic, without its tip.',
      run: (_, { uxt: { call, signed }, len }) => describe(find, call, len, signed?.signature.type),
    }),
    query_fee_details: method({
      inputs,
      output: feeDetails,
      doc: 'Parts of the fee of an extrinsic.',
      run: (_, { uxt: { call, signed }, len }) => details(find, call, len, signed?.signature.type),
    }),
    ...feeTables(),
  })
}

function transactionPaymentCallApi({ call, find }: Composition): Api {
  const inputs = { call, len: u32 }
  return api('TransactionPaymentCallApi', 'Fees of calls.', {
    query_call_info: method({
      inputs,
      output: runtimeDispatchInfo,
      doc: 'Weight and fee of a call in an extrinsic of a length.',
      run: (_, args) => describe(find, args.call, args.len, 'Sr25519'),
    }),
    query_call_fee_details: method({
      inputs,
      output: feeDetails,
      doc: 'Parts of the fee of a call.',
      run: (_, args) => details(find, args.call, args.len, 'Sr25519'),
    }),
    ...feeTables(),
  })
}

function feeTables(): Api['methods'] {
  return {
    query_weight_to_fee: method({
      inputs: { weight: weightCodec },
      output: u128,
      doc: 'Planck for a weight.',
      run: (_, { weight }) => weightToFee(weight),
    }),
    query_length_to_fee: method({
      inputs: { length: u32 },
      output: u128,
      doc: 'Planck for a number of bytes.',
      run: (_, { length }) => lengthToFee(length),
    }),
  }
}

function describe(
  find: Composition['find'],
  call: RuntimeCall,
  length: number,
  signature: MultiSignature['type'] | undefined,
): RuntimeDispatchInfo {
  const { weight, class: kind } = dispatchInfo(find(call))
  return { weight, class: kind, partial_fee: totalFee(details(find, call, length, signature)) }
}

/** Nobody pays for an extrinsic without a signature. */
function details(
  find: Composition['find'],
  call: RuntimeCall,
  lengthBytes: number,
  signature: MultiSignature['type'] | undefined,
): FeeDetails {
  const info = dispatchInfo(find(call))
  const paysFee = info.paysFee && signature !== undefined
  const base = baseWeight(signature)
  return computeFeeDetails({ ...info, base, paysFee, lengthBytes, tip: 0n })
}
