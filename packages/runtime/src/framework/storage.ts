import {
  decode,
  encode,
  unwrap,
  type Codec,
  type DecodeError,
  type Result,
  type TypeInfo,
} from '@tacit/base'
import type { Hashes } from '@tacit/crypto'
import type { ValueForm } from '@tacit/state'
import type { State } from './state.ts'
import { createKeyMaker, readKeys, type StorageHasher } from './storage-key.ts'

export type { StorageHasher }

/** A storage item as the metadata describes it. */
export interface StorageEntry {
  readonly name: string
  readonly modifier: 'Default' | 'Optional'
  readonly hashers: readonly StorageHasher[]
  readonly keyTypes: readonly TypeInfo[]
  readonly valueType: TypeInfo
  /** What an absent value reads as, encoded; one zero byte where it reads as nothing. */
  readonly fallback: Uint8Array
  readonly docs: readonly string[]
}

/**
 * One kind of stored value under keys K (none, one or several). G is what `get` gives: V where the
 * item has a default, V or undefined where it has none.
 */
export interface StorageItem<K extends readonly unknown[], V, G> extends StorageEntry {
  get(state: State, ...keys: K): G
  has(state: State, ...keys: K): boolean
  set(state: State, ...keysAndValue: readonly [...K, V]): void
  delete(state: State, ...keys: K): void
  /** The raw storage key, for proofs and queries. */
  key(hashes: Hashes, ...keys: K): Uint8Array
  /** The raw prefix of all entries, or of those under the first keys. */
  prefix(hashes: Hashes, ...firstKeys: readonly unknown[]): Uint8Array
  /** Reads raw bytes of a value, which may come from a proof. */
  decode(bytes: Uint8Array): Result<V, DecodeError>
  /** Reads the keys back from a raw storage key of this item. */
  decodeKey(rawKey: Uint8Array): Result<K, DecodeError>
  /** Entries in the order of their raw keys. */
  entries(state: State, options?: EntriesOptions<K>): { keys: K; value: V }[]
}

export type EntriesOptions<K extends readonly unknown[]> = {
  /** Only entries under these first keys. */
  readonly under?: readonly unknown[]
  /** Continues behind this entry. */
  readonly startAfter?: K
  readonly limit?: number
}

export type StorageValue<V> = StorageItem<readonly [], V, V>
export type OptionalValue<V> = StorageItem<readonly [], V, V | undefined>
export type StorageMap<K, V> = StorageItem<readonly [K], V, V>
export type OptionalMap<K, V> = StorageItem<readonly [K], V, V | undefined>
export type StorageDoubleMap<K1, K2, V> = StorageItem<readonly [K1, K2], V, V>
export type OptionalDoubleMap<K1, K2, V> = StorageItem<readonly [K1, K2], V, V | undefined>

export type OptionalTripleMap<K1, K2, K3, V> = StorageItem<readonly [K1, K2, K3], V, V | undefined>

/** An item before defineStorage gives it its pallet and name. */
export type Declared<Item> = { bind(pallet: string, name: string): Item }

type ValueOptions<V> = { readonly value: Codec<V>; readonly docs: readonly string[] }
type MapOptions<K, V> = ValueOptions<V> & {
  readonly hasher: StorageHasher
  readonly key: Codec<K>
}
type DoubleMapOptions<K1, K2, V> = ValueOptions<V> & {
  readonly hashers: readonly [StorageHasher, StorageHasher]
  readonly keys: readonly [Codec<K1>, Codec<K2>]
}
type WithDefault<V> = { readonly default: V }

/** One value. Without a default an absent value reads as undefined. */
export function storageValue<V>(
  options: ValueOptions<V> & WithDefault<V>,
): Declared<StorageValue<V>>
export function storageValue<V>(options: ValueOptions<V>): Declared<OptionalValue<V>>
export function storageValue<V>(
  options: ValueOptions<V> & Partial<WithDefault<V>>,
): Declared<OptionalValue<V>> {
  return declare<readonly [], V>(options, [], [])
}

/** Values under one key. Without a default an absent value reads as undefined. */
export function storageMap<K, V>(
  options: MapOptions<K, V> & WithDefault<V>,
): Declared<StorageMap<K, V>>
export function storageMap<K, V>(options: MapOptions<K, V>): Declared<OptionalMap<K, V>>
export function storageMap<K, V>(
  options: MapOptions<K, V> & Partial<WithDefault<V>>,
): Declared<OptionalMap<K, V>> {
  return declare<readonly [K], V>(options, [options.hasher], [options.key])
}

/** Values under two keys. Without a default an absent value reads as undefined. */
export function storageDoubleMap<K1, K2, V>(
  options: DoubleMapOptions<K1, K2, V> & WithDefault<V>,
): Declared<StorageDoubleMap<K1, K2, V>>
export function storageDoubleMap<K1, K2, V>(
  options: DoubleMapOptions<K1, K2, V>,
): Declared<OptionalDoubleMap<K1, K2, V>>
export function storageDoubleMap<K1, K2, V>(
  options: DoubleMapOptions<K1, K2, V> & Partial<WithDefault<V>>,
): Declared<OptionalDoubleMap<K1, K2, V>> {
  return declare<readonly [K1, K2], V>(options, options.hashers, options.keys)
}

/** Values under three keys; an absent one reads as undefined. */
export function storageTripleMap<K1, K2, K3, V>(
  options: ValueOptions<V> & {
    readonly hashers: readonly [StorageHasher, StorageHasher, StorageHasher]
    readonly keys: readonly [Codec<K1>, Codec<K2>, Codec<K3>]
  },
): Declared<OptionalTripleMap<K1, K2, K3, V>> {
  return declare<readonly [K1, K2, K3], V>(options, options.hashers, options.keys)
}

/** Binds a pallet's items: their keys begin with twox128(pallet) ++ twox128(item's name). */
export function defineStorage<T extends { readonly [name: string]: StorageEntry }>(
  pallet: string,
  items: { readonly [K in keyof T]: Declared<T[K]> },
): T {
  const bound = Object.entries<Declared<StorageEntry>>(items).map(([name, item]) => [
    name,
    item.bind(pallet, name),
  ])
  return Object.fromEntries(bound) as T
}

function declare<K extends readonly unknown[], V>(
  options: ValueOptions<V> & Partial<WithDefault<V>>,
  hashers: readonly StorageHasher[],
  keys: readonly Codec<unknown>[],
): Declared<StorageItem<K, V, V | undefined>> {
  return { bind: (pallet, name) => bindItem(pallet, name, options, hashers, keys) }
}

function bindItem<K extends readonly unknown[], V>(
  pallet: string,
  name: string,
  options: ValueOptions<V> & Partial<WithDefault<V>>,
  hashers: readonly StorageHasher[],
  keyCodecs: readonly Codec<unknown>[],
): StorageItem<K, V, V | undefined> {
  const { value: codec, docs } = options
  const prefix = createKeyMaker(pallet, name, hashers, keyCodecs)
  const read = (raw: Uint8Array): V => unwrap(decode(codec, raw), `${pallet}.${name}`)
  const form: ValueForm<V> = { decode: read, encode: (value) => encode(codec, value) }
  const decodeKey = (raw: Uint8Array): Result<K, DecodeError> =>
    readKeys(raw, hashers, keyCodecs) as Result<K, DecodeError>
  return {
    name,
    modifier: options.default === undefined ? 'Optional' : 'Default',
    hashers,
    keyTypes: keyCodecs.map((key) => key.type),
    valueType: codec.type,
    fallback: options.default === undefined ? Uint8Array.of(0) : encode(codec, options.default),
    docs,
    get: (state, ...keys) => state.load(prefix(state.hashes, ...keys), form) ?? options.default,
    has: (state, ...keys) => state.get(prefix(state.hashes, ...keys)) !== undefined,
    set: (state, ...rest) => {
      const keys = rest.slice(0, -1)
      state.store(prefix(state.hashes, ...keys), rest.at(-1) as V, form)
    },
    delete: (state, ...keys) => state.delete(prefix(state.hashes, ...keys)),
    key: prefix,
    prefix,
    decode: (raw) => decode(codec, raw),
    decodeKey,
    entries: (state, { under = [], startAfter, limit } = {}) => {
      const after = startAfter && prefix(state.hashes, ...startAfter)
      const rawKeys = state.keysWithPrefix(prefix(state.hashes, ...under), after, limit)
      return rawKeys.flatMap((rawKey) => {
        const raw = state.get(rawKey)
        return raw
          ? [{ keys: unwrap(decodeKey(rawKey), `${pallet}.${name}`), value: read(raw) }]
          : []
      })
    },
  }
}
