import { encode, type Codec, type Result, type TypeInfo } from '@tacit/base'
import type { PalletCalls } from './calls.ts'
import type { DispatchContext, PalletContext, ValidateContext } from './context.ts'
import type { Errors } from './errors.ts'
import type { EventInfo } from './events.ts'
import type { GenesisSpec } from './genesis-spec.ts'
import type { Migration } from './migration.ts'
import type { StorageEntry } from './storage.ts'
import type { TransactionValidityError, ValidTransaction } from './validity.ts'
import type { Weight } from './weights.ts'

/** A value that the code fixes and the metadata shows. */
export type Constant = {
  readonly type: TypeInfo
  readonly bytes: Uint8Array
  readonly doc: string
}

export function constant<T>(codec: Codec<T>, value: T, doc: string): Constant {
  return { type: codec.type, bytes: encode(codec, value), doc }
}

/** One declaration from which dispatch, storage access and metadata are made. */
export interface Pallet {
  readonly name: string
  /** 0 to 255, never reused: it is in every call, event and error. */
  readonly index: number
  readonly docs: readonly string[]
  readonly storage: { readonly [name: string]: StorageEntry }
  readonly calls: PalletCalls
  readonly events: { readonly [name: string]: EventInfo }
  readonly errors: Errors
  readonly constants: { readonly [name: string]: Constant }
  /** Of the layout of its storage, 0 to 65,535: rises with every change of what is there already. */
  readonly storageVersion: number
  /** How storage comes to that version, one version after the other. */
  readonly migrations: readonly Migration[]
  genesis?(context: PalletContext, spec: GenesisSpec): void
  readonly hooks?: {
    /** Runs before the first extrinsic; returns what it cost. */
    onInitialize?(context: DispatchContext): Weight
    /** Runs behind the last extrinsic; its cost belongs to onInitialize's. */
    onFinalize?(context: DispatchContext): void
  }
  /** Judges a call without a signature; a pallet without it has no such calls. */
  validateUnsigned?(
    context: ValidateContext,
    callName: string,
    args: unknown,
  ): Result<ValidTransaction, TransactionValidityError>
}

/** Declares a pallet; absent parts are empty. */
export function definePallet(
  declared: Pick<Pallet, 'name' | 'index' | 'docs'> & Partial<Pallet>,
): Pallet {
  const nothing = { storage: {}, calls: {}, events: {}, errors: {}, constants: {} }
  return { ...nothing, storageVersion: 0, migrations: [], ...declared }
}
