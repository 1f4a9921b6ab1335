import { fixedBytes, mapped, struct, u8, variant, type Codec } from '@tacit/base'
import type { ModuleError } from './errors.ts'

const TOKEN = [
  'FundsUnavailable',
  'OnlyProvider',
  'BelowMinimum',
  'CannotCreate',
  'UnknownAsset',
  'Frozen',
  'Unsupported',
  'CannotCreateHold',
  'NotExpendable',
  'Blocked',
] as const
const ARITHMETIC = ['Underflow', 'Overflow', 'DivisionByZero'] as const

export type TokenError = { readonly code: 'token'; readonly reason: (typeof TOKEN)[number] }
export type ArithmeticError = {
  readonly code: 'arithmetic'
  readonly reason: (typeof ARITHMETIC)[number]
}

/**
 * Why a call that was included did not take effect. Source: sp_runtime::DispatchError, less the
 * cases that this chain cannot produce.
 */
export type DispatchError =
  | ModuleError
  | TokenError
  | ArithmeticError
  | { readonly code: PlainCode }

type PlainCode = keyof typeof PLAIN

const PLAIN = {
  other: 'Other',
  cannot_lookup: 'CannotLookup',
  bad_origin: 'BadOrigin',
  consumer_remaining: 'ConsumerRemaining',
  no_providers: 'NoProviders',
  too_many_consumers: 'TooManyConsumers',
  exhausted: 'Exhausted',
  corruption: 'Corruption',
  unavailable: 'Unavailable',
  root_not_allowed: 'RootNotAllowed',
} as const

const runtimePath = (name: string): { readonly path: readonly string[] } => ({
  path: ['sp_runtime', name],
})
const moduleError = struct({ index: u8, error: fixedBytes(4) }, runtimePath('ModuleError'))
const tokenError = variant(
  {
    FundsUnavailable: [0],
    OnlyProvider: [1],
    BelowMinimum: [2],
    CannotCreate: [3],
    UnknownAsset: [4],
    Frozen: [5],
    Unsupported: [6],
    CannotCreateHold: [7],
    NotExpendable: [8],
    Blocked: [9],
  },
  { path: ['sp_runtime', 'TokenError'] },
)
const arithmeticError = variant(
  { Underflow: [0], Overflow: [1], DivisionByZero: [2] },
  { path: ['sp_arithmetic', 'ArithmeticError'] },
)
const onWire = variant(
  {
    Other: [0],
    CannotLookup: [1],
    BadOrigin: [2],
    Module: [3, moduleError],
    ConsumerRemaining: [4],
    NoProviders: [5],
    TooManyConsumers: [6],
    Token: [7, tokenError],
    Arithmetic: [8, arithmeticError],
    Exhausted: [10],
    Corruption: [11],
    Unavailable: [12],
    RootNotAllowed: [13],
  },
  runtimePath('DispatchError'),
)
type OnWire = typeof onWire extends Codec<infer T> ? T : never

/** sp_runtime::DispatchError. A decoded module error has its numbers as name and code. */
export const dispatchError: Codec<DispatchError> = mapped<OnWire, DispatchError>(
  onWire,
  fromWire,
  toWire,
)

function toWire(error: DispatchError): OnWire {
  if ('pallet' in error) {
    const details = { index: error.pallet, error: Uint8Array.of(error.index, 0, 0, 0) }
    return { type: 'Module', value: details }
  }
  if (error.code === 'token') return { type: 'Token', value: { type: error.reason } }
  if (error.code === 'arithmetic') return { type: 'Arithmetic', value: { type: error.reason } }
  return { type: PLAIN[error.code] }
}

function fromWire(error: OnWire): DispatchError | undefined {
  if (error.type === 'Module') {
    const { index: pallet, error: bytes } = error.value
    const index = bytes[0] ?? 0
    return { code: `${pallet}.${index}`, pallet, index, name: String(index), doc: '' }
  }
  if (error.type === 'Token') return { code: 'token', reason: error.value.type }
  if (error.type === 'Arithmetic') return { code: 'arithmetic', reason: error.value.type }
  const plain = Object.entries(PLAIN).find(([, name]) => name === error.type)
  return plain && { code: plain[0] as PlainCode }
}
