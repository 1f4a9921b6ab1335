import { metadata, type v14, type v15, type v16 } from '@polkadot-api/substrate-bindings'
import { toHex, type TypeInfo } from '@tacit/base'
import type { Api } from '../api/definition.ts'
import { EXTENSIONS } from '../extensions.ts'
import { palletEnum, type Composition } from '../framework/composition.ts'
import { multiAddress } from '../framework/multi-address.ts'
import type { Pallet } from '../framework/pallet.ts'
import type { StorageEntry } from '../framework/storage.ts'
import { multiSignature } from '../protocol/signature.ts'
import { createTypeRegistry, type TypeRegistry } from './registry.ts'

export type MetadataVersion = 14 | 15 | 16

type V14 = Parameters<typeof v14.enc>[0]
type V15 = Parameters<typeof v15.enc>[0]
type V16 = Parameters<typeof v16.enc>[0]
type PalletV15 = V15['pallets'][number]
type PalletV16 = V16['pallets'][number]
type StorageItem = NonNullable<PalletV15['storage']>['items'][number]
type Hasher = Extract<StorageItem['type'], { tag: 'map' }>['value']['hashers'][number]

/** 'meta', little-endian. */
const MAGIC = 0x6174_656d
const EXTRINSIC_VERSION = 4
const CURRENT = { tag: 'NotDeprecated', value: undefined } as const

/** Describes the rules to clients, as RuntimeMetadataPrefixed. */
export function encodeMetadata(
  composition: Composition,
  apis: readonly Api[],
  version: MetadataVersion,
): Uint8Array {
  const made = describe(composition, apis, version)
  return metadata.enc({ magicNumber: MAGIC, metadata: made })
}

function describe(
  composition: Composition,
  apis: readonly Api[],
  version: MetadataVersion,
): Parameters<typeof metadata.enc>[0]['metadata'] {
  if (version === 14) return { tag: 'v14', value: describeV14(composition) }
  if (version === 15) return { tag: 'v15', value: describeV15(composition, apis) }
  return { tag: 'v16', value: describeV16(composition, apis) }
}

const RUNTIME: TypeInfo = {
  kind: 'composite',
  path: ['tacit_runtime', 'Runtime'],
  params: [],
  fields: [],
}

/** What a signer has to know to read any extrinsic: its parts, and the types they are made of. */
export type SignedParts = {
  readonly lookup: V15['lookup']
  readonly extrinsic: Pick<
    V15['extrinsic'],
    'version' | 'address' | 'call' | 'signature' | 'signedExtensions'
  >
}

/** Runtime APIs are left out: no extrinsic needs them, and their types are numbered last. */
export function describeForSigners(composition: Composition): SignedParts {
  return describeV15(composition, [])
}

/** The call comes first: it is the type that contains itself, and what it contains is then equal. */
function typesOf({ call }: Composition): TypeRegistry {
  const types = createTypeRegistry()
  types.id(call.type)
  return types
}

function describeV14(composition: Composition): V14 {
  const types = typesOf(composition)
  const pallets = describePallets(composition, types)
  const extrinsic = {
    type: types.id(composition.extrinsic.type),
    version: EXTRINSIC_VERSION,
    signedExtensions: extensions(types),
  }
  const type = types.id(RUNTIME)
  const without = pallets.map((pallet) => ({ ...pallet, docs: [] }))
  return { lookup: types.lookup(), pallets: without, extrinsic, type, apis: [] }
}

function describeV15(composition: Composition, apis: readonly Api[]): V15 {
  const types = typesOf(composition)
  const pallets = describePallets(composition, types)
  types.id(composition.extrinsic.type)
  const extrinsic = {
    version: EXTRINSIC_VERSION,
    ...extrinsicParts(composition, types),
    extra: types.id({ kind: 'tuple', items: EXTENSIONS.map(({ type }) => type) }),
    signedExtensions: extensions(types),
  }
  const type = types.id(RUNTIME)
  const outerEnums = outer(composition, types)
  const described = apis.map((api) => describeApi(api, types))
  return {
    lookup: types.lookup(),
    pallets,
    extrinsic,
    type,
    apis: described,
    outerEnums,
    custom: [],
  }
}

function describeV16(composition: Composition, apis: readonly Api[]): V16 {
  const types = typesOf(composition)
  const pallets = describePallets(composition, types).map(toV16)
  types.id(composition.extrinsic.type)
  const extrinsic = {
    version: [EXTRINSIC_VERSION],
    ...extrinsicParts(composition, types),
    signedExtensionsByVersion: [[0, EXTENSIONS.map((_, at) => at)]] satisfies [number, number[]][],
    signedExtensions: extensions(types),
  }
  const outerEnums = outer(composition, types)
  const described = apis.map((api) => {
    const { name, docs, methods } = describeApi(api, types)
    const current = methods.map((method) => ({ ...method, deprecationInfo: CURRENT }))
    return { name, docs, methods: current, version: api.version, deprecationInfo: CURRENT }
  })
  return { lookup: types.lookup(), pallets, extrinsic, apis: described, outerEnums, custom: [] }
}

function toV16(pallet: PalletV15): PalletV16 {
  const current = <T>(item: T): T & { deprecationInfo: typeof CURRENT } => ({
    ...item,
    deprecationInfo: CURRENT,
  })
  const { storage, calls, events, errors, constants } = pallet
  return {
    ...current(pallet),
    storage: storage && { ...storage, items: storage.items.map(current) },
    calls: enumReference(calls),
    events: enumReference(events),
    errors: enumReference(errors),
    constants: constants.map(current),
    associatedTypes: [],
    viewFns: [],
  }
}

function enumReference(type: number | undefined): PalletV16['calls'] {
  return type === undefined ? undefined : { type, deprecationInfo: [] }
}

function describePallets(composition: Composition, types: TypeRegistry): PalletV15[] {
  return composition.pallets.map((pallet) => describePallet(composition, pallet, types))
}

function describePallet(composition: Composition, pallet: Pallet, types: TypeRegistry): PalletV15 {
  const events = pallet.name === 'System' ? composition.eventsStorage : {}
  const items = Object.values<StorageEntry>({ ...pallet.storage, ...events })
  const constants = Object.entries(pallet.constants).map(([name, { type, bytes, doc }]) => ({
    name,
    type: types.id(type),
    value: toHex(bytes),
    docs: [doc],
  }))
  const described = items.map((item) => describeStorage(item, types))
  const reference = (kind: Parameters<typeof palletEnum>[1]): number | undefined => {
    const outerEnum = palletEnum(pallet, kind)
    return outerEnum && types.id(outerEnum.type)
  }
  return {
    name: pallet.name,
    storage: items.length > 0 ? { prefix: pallet.name, items: described } : undefined,
    calls: reference('Call'),
    events: reference('Event'),
    errors: reference('Error'),
    constants,
    index: pallet.index,
    docs: [...pallet.docs],
  }
}

function describeStorage(entry: StorageEntry, types: TypeRegistry): StorageItem {
  return {
    name: entry.name,
    modifier: entry.modifier === 'Optional' ? 0 : 1,
    type: storageType(entry, types),
    fallback: toHex(entry.fallback),
    docs: [...entry.docs],
  }
}

function storageType(entry: StorageEntry, types: TypeRegistry): StorageItem['type'] {
  const value = types.id(entry.valueType)
  const [first, ...others] = entry.keyTypes
  if (!first) return { tag: 'plain', value }
  const key = types.id(others.length > 0 ? { kind: 'tuple', items: entry.keyTypes } : first)
  return { tag: 'map', value: { hashers: entry.hashers.map((name) => HASHERS[name]), key, value } }
}

const HASHERS: { readonly [H in StorageEntry['hashers'][number]]: Hasher } = {
  Blake2_128Concat: { tag: 'Blake2128Concat', value: undefined },
  Twox64Concat: { tag: 'Twox64Concat', value: undefined },
  Identity: { tag: 'Identity', value: undefined },
}

function extensions(types: TypeRegistry): V14['extrinsic']['signedExtensions'] {
  return EXTENSIONS.map(({ identifier, type, additionalSigned }) => ({
    identifier,
    type: types.id(type),
    additionalSigned: types.id(additionalSigned),
  }))
}

function extrinsicParts(
  { call }: Composition,
  types: TypeRegistry,
): { address: number; call: number; signature: number } {
  return {
    address: types.id(multiAddress.type),
    call: types.id(call.type),
    signature: types.id(multiSignature.type),
  }
}

function outer({ call, event, error }: Composition, types: TypeRegistry): V15['outerEnums'] {
  return { call: types.id(call.type), event: types.id(event.type), error: types.id(error.type) }
}

function describeApi(api: Api, types: TypeRegistry): V15['apis'][number] {
  const methods = Object.entries(api.methods).map(([name, { inputs, output, doc }]) => ({
    name,
    inputs: Object.entries(inputs).map(([input, codec]) => ({
      name: input,
      type: types.id(codec.type),
    })),
    output: types.id(output.type),
    docs: [doc],
  }))
  return { name: api.name, methods, docs: [api.doc] }
}
