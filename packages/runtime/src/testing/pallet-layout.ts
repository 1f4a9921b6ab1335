import { decAnyMetadata, unifyMetadata } from '@polkadot-api/substrate-bindings'

type Unified = ReturnType<typeof unifyMetadata>
type Lookup = Unified['lookup']
type Entry = Lookup[number]
type UnifiedPallet = Unified['pallets'][number]
type Item = NonNullable<UnifiedPallet['storage']>['items'][number]
/** Cases by name: the index, then what each carries. */
type Cases = { readonly [name: string]: readonly (number | string)[] }

/** What clients see of a pallet: types are written out, named ones by their path. */
export type PalletLayout = {
  readonly calls: Cases
  readonly events: Cases
  readonly errors: Cases
  readonly storage: { readonly [name: string]: string }
  readonly constants: { readonly [name: string]: string }
  /** Pallets' own types that occur in the others, by path. */
  readonly types: { readonly [path: string]: Cases | readonly string[] }
}

/** Reads a pallet's layout from metadata of any version; a runtime's own crate is `runtime`. */
export function palletLayout(metadata: Uint8Array, name: string): PalletLayout | undefined {
  const { lookup, pallets } = unifyMetadata(decAnyMetadata(metadata))
  const pallet = pallets.find((one) => one.name === name)
  return pallet && createReader(lookup).read(pallet)
}

function createReader(lookup: Lookup): { read(pallet: UnifiedPallet): PalletLayout } {
  const types: Record<string, Cases | readonly string[]> = {}

  const nameOf = (id: number): string => {
    const entry = lookup[id]
    if (!entry) return '?'
    return entry.path.length > 0 ? namedType(entry) : plainType(entry)
  }

  const namedType = (entry: Entry): string => {
    const [crate = '', ...rest] = entry.path
    const isRuntime = crate.endsWith('_runtime') && crate !== 'sp_runtime'
    const path = [isRuntime ? 'runtime' : crate, ...rest].join('::')
    if (crate.startsWith('pallet_') && !(path in types)) {
      types[path] = []
      types[path] = contentOf(entry)
    }
    // Elsewhere parameters are marks for Rust, which chains fill as they like.
    const shown = rest.length === 0 || crate === 'bounded_collections' ? entry.params : []
    const given = shown.flatMap(({ type }) => (type === undefined ? [] : [nameOf(type)]))
    return given.length > 0 ? `${path}<${given.join(', ')}>` : path
  }

  const plainType = ({ def }: Entry): string => {
    switch (def.tag) {
      case 'primitive':
        return def.value.tag
      case 'compact':
        return `Compact<${nameOf(def.value)}>`
      case 'sequence':
        return `Vec<${nameOf(def.value)}>`
      case 'array':
        return `[${nameOf(def.value.type)}; ${def.value.len}]`
      case 'tuple':
        return `(${def.value.map(nameOf).join(', ')})`
      case 'composite':
      case 'variant':
      case 'bitSequence':
        return def.tag
    }
  }

  const contentOf = ({ def }: Entry): Cases | readonly string[] => {
    if (def.tag === 'composite') return def.value.map(fieldOf)
    return def.tag === 'variant' ? casesOf(def.value) : []
  }

  const fieldOf = ({ name, type }: { name: string | undefined; type: number }): string =>
    name === undefined ? nameOf(type) : `${name}: ${nameOf(type)}`

  const casesOf = (cases: Extract<Entry['def'], { tag: 'variant' }>['value']): Cases =>
    Object.fromEntries(
      cases.map(({ name, index, fields }) => [name, [index, ...fields.map(fieldOf)]]),
    )

  const enumOf = (reference: { type: number } | undefined): Cases => {
    const def = reference && lookup[reference.type]?.def
    return def?.tag === 'variant' ? casesOf(def.value) : {}
  }

  const storageOf = ({ modifier, type }: Item): string => {
    const kind = modifier === 0 ? 'optional' : 'default'
    if (type.tag === 'plain') return `${kind} ${nameOf(type.value)}`
    const hashers = type.value.hashers.map(({ tag }) => tag).join(' ')
    return `${kind} ${hashers} ${nameOf(type.value.key)} => ${nameOf(type.value.value)}`
  }

  const read = ({ calls, events, errors, storage, constants }: UnifiedPallet): PalletLayout => ({
    calls: enumOf(calls),
    events: enumOf(events),
    errors: enumOf(errors),
    storage: Object.fromEntries((storage?.items ?? []).map((item) => [item.name, storageOf(item)])),
    constants: Object.fromEntries(constants.map(({ name, type }) => [name, nameOf(type)])),
    types,
  })
  return { read }
}
