import { fixedBytes, str, struct, tuple, u32, u8, vec, type Codec } from '@tacit/base'

/** sp_version::RuntimeVersion. */
export type RuntimeVersion = {
  readonly spec_name: string
  readonly impl_name: string
  readonly authoring_version: number
  readonly spec_version: number
  readonly impl_version: number
  /** First eight bytes of BLAKE2b-64 of each API's name, and its version. */
  readonly apis: readonly (readonly [id: Uint8Array, version: number])[]
  readonly transaction_version: number
  /** 1: Substrate's state layout V1. */
  readonly system_version: number
}

/** Name of the rules; signatures do not cover it, the genesis hash names the chain. */
export const SPEC_NAME = 'tacit'
/**
 * Rises with every change of the rules, a type's name among them: signatures may cover the hash of
 * the metadata. Part of what every signature covers.
 */
export const SPEC_VERSION = 3
/** Rises when a call's index or arguments change; part of what every signature covers. */
export const TRANSACTION_VERSION = 2

/** Symbol of the native token. */
export const TOKEN_SYMBOL = 'PHA'
/** Decimal places of the native token: a PHA is 10^12 planck. */
export const TOKEN_DECIMALS = 12

export const runtimeVersion: Codec<RuntimeVersion> = struct(
  {
    spec_name: str,
    impl_name: str,
    authoring_version: u32,
    spec_version: u32,
    impl_version: u32,
    apis: vec(tuple(fixedBytes(8), u32)),
    transaction_version: u32,
    system_version: u8,
  },
  { path: ['sp_version', 'RuntimeVersion'] },
)
