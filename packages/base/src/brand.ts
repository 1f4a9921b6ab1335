import { err, ok, type Result } from './result.ts'

declare const brand: unique symbol

/** A value that a parseX function has checked; made nowhere else. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name }

/** 32 bytes that name an account: a public key, a hash of one, or a pallet's derived id. */
export type AccountId = Brand<Uint8Array, 'AccountId'>
/** 32 bytes of BLAKE2b-256 unless a field says otherwise. */
export type Hash = Brand<Uint8Array, 'Hash'>
/** Planck: 10^-12 PHA, 0 to 2^128 - 1. */
export type Balance = Brand<bigint, 'Balance'>

export type LengthError = {
  readonly code: 'length_wrong'
  readonly expected: number
  readonly actual: number
}
export type NumberError = { readonly code: 'number_out_of_range' }

export const MAX_BALANCE: bigint = 2n ** 128n - 1n

export function parseAccountId(bytes: Uint8Array): Result<AccountId, LengthError> {
  return parse32<AccountId>(bytes)
}

export function parseHash(bytes: Uint8Array): Result<Hash, LengthError> {
  return parse32<Hash>(bytes)
}

export function parseBalance(value: bigint): Result<Balance, NumberError> {
  if (value < 0n || value > MAX_BALANCE) return err({ code: 'number_out_of_range' })
  return ok(value as Balance)
}

function parse32<T extends Uint8Array>(bytes: Uint8Array): Result<T, LengthError> {
  if (bytes.length !== 32) return err({ code: 'length_wrong', expected: 32, actual: bytes.length })
  return ok(bytes as T)
}
