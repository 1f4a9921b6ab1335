import {
  compactU128,
  compactU32,
  fixedBytes,
  hash256,
  mapped,
  option,
  struct,
  u32,
  unit,
  variant,
  type Codec,
  type Hash,
  type TypeInfo,
} from '@tacit/base'
import { eraCodec, type Era } from './era.ts'

/** What a signed extrinsic says beside its call; FRAME's signed extensions in its order. */
export type Extensions = {
  readonly era: Era
  /** 0 to 2^32 - 1. */
  readonly nonce: number
  /** Planck, on top of the fee; raises the priority. */
  readonly tip: bigint
  /** Whether the signature also covers a hash of the metadata. */
  readonly metadataHash: boolean
}

/** What a signature covers although the extrinsic does not carry it. */
export type Implicit = {
  readonly specVersion: number
  readonly transactionVersion: number
  readonly genesisHash: Hash
  /** Of the era's first block; of genesis if immortal. */
  readonly birthHash: Hash
  readonly metadataHash?: Uint8Array | undefined
}

const mode: Codec<boolean> = mapped(
  variant({ Disabled: [0], Enabled: [1] }, { path: ['frame_metadata_hash_extension', 'Mode'] }),
  (value) => value.type === 'Enabled',
  (enabled) => ({ type: enabled ? 'Enabled' : 'Disabled' }) as const,
)

export const extensionsCodec: Codec<Extensions> = struct({
  era: eraCodec,
  nonce: compactU32,
  tip: compactU128,
  metadataHash: mode,
})

const metadataHash = option(fixedBytes(32))

export const implicitCodec: Codec<Implicit> = struct({
  specVersion: u32,
  transactionVersion: u32,
  genesisHash: hash256,
  birthHash: hash256,
  metadataHash,
})

/** One extension as the metadata lists it. */
export type ExtensionInfo = {
  readonly identifier: string
  readonly type: TypeInfo
  readonly additionalSigned: TypeInfo
}

/** The codecs above carry exactly these, in this order. */
export const EXTENSIONS: readonly ExtensionInfo[] = [
  system('CheckNonZeroSender', 'check_non_zero_sender'),
  system('CheckSpecVersion', 'check_spec_version', undefined, u32.type),
  system('CheckTxVersion', 'check_tx_version', undefined, u32.type),
  system('CheckGenesis', 'check_genesis', undefined, hash256.type),
  system('CheckMortality', 'check_mortality', eraCodec.type, hash256.type),
  system('CheckNonce', 'check_nonce', compactU32.type),
  system('CheckWeight', 'check_weight'),
  extension(
    'ChargeTransactionPayment',
    ['pallet_transaction_payment'],
    [{ type: compactU128.type }],
  ),
  extension(
    'CheckMetadataHash',
    ['frame_metadata_hash_extension'],
    [{ name: 'mode', type: mode.type }],
    metadataHash.type,
  ),
]

function system(
  name: string,
  module: string,
  carries?: TypeInfo,
  additionalSigned?: TypeInfo,
): ExtensionInfo {
  const fields = carries ? [{ type: carries }] : []
  return extension(name, ['frame_system', 'extensions', module], fields, additionalSigned)
}

function extension(
  name: string,
  crate: readonly string[],
  fields: readonly { readonly name?: string; readonly type: TypeInfo }[],
  additionalSigned: TypeInfo = unit.type,
): ExtensionInfo {
  const type: TypeInfo = { kind: 'composite', path: [...crate, name], params: [], fields }
  return { identifier: name, type, additionalSigned }
}
