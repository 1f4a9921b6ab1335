// Digests of small metadata by other people's libraries, for the runtime's own tests:
//   npm run vectors        writes packages/runtime/src/metadata/metadata-hash-vectors.json
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { merkleizeMetadata } from '@polkadot-api/merkleize-metadata'
import { metadata } from '@polkadot-api/substrate-bindings'
import { MerkleizedMetadata } from 'dedot/merkleized-metadata'
import { toHex } from '../../../packages/base/src/index.ts'

type V15 = Extract<ReturnType<typeof metadata.dec>['metadata'], { tag: 'v15' }>['value']
type Definition = V15['lookup'][number]['def']

const VECTORS = join(
  import.meta.dirname,
  '../../../packages/runtime/src/metadata/metadata-hash-vectors.json',
)
const CHAIN = { specVersion: 7, specName: 'vector', base58Prefix: 30 }
const TOKEN = { decimals: 12, tokenSymbol: 'PHA' }
const PRIMITIVES = ['bool', 'char', 'str', 'u8', 'u16', 'u32', 'u64', 'u128', 'u256'] as const
const SIGNED = ['i8', 'i16', 'i32', 'i64', 'i128', 'i256'] as const
const MAGIC = 0x6174_656d

/** A registry under construction: each call adds a type and gives its number. */
function createRegistry(): { add(def: Definition, ...path: string[]): number; all: V15['lookup'] } {
  const all: V15['lookup'] = []
  const add = (def: Definition, ...path: string[]): number =>
    all.push({ id: all.length, path, params: [], def, docs: [] }) - 1
  return { add, all }
}

const field = (type: number, name?: string, typeName?: string) => ({
  name,
  type,
  typeName,
  docs: [],
})
const variant = (name: string, index: number, types: number[] = []) => ({
  name,
  index,
  fields: types.map((type) => field(type)),
  docs: [],
})

/** Metadata with every kind of type, and with as many cases in one enum as the tree is to grow by. */
function describe(cases: number): Uint8Array {
  const { add, all } = createRegistry()
  const primitive = (tag: (typeof PRIMITIVES)[number] | (typeof SIGNED)[number]): number =>
    add({ tag: 'primitive', value: { tag, value: undefined } })
  const basic = [...PRIMITIVES, ...SIGNED].map(primitive)
  const [, , str, u8, u16, u32] = basic as [number, number, number, number, number, number]
  const version = add({
    tag: 'composite',
    value: [field(str, 'spec_name'), field(u32, 'spec_version')],
  })
  const unit = add({ tag: 'tuple', value: [] })
  const newtype = add({ tag: 'composite', value: [field(u32)] }, 'vector', 'Newtype')
  const compacts = [...basic.slice(3, 9), unit, newtype].map((value) =>
    add({ tag: 'compact', value }),
  )
  const empty = add({ tag: 'composite', value: [] }, 'vector', 'Empty')
  const never = add({ tag: 'variant', value: [] }, 'vector', 'Never')
  const address = add({ tag: 'array', value: { len: 32, type: u8 } })
  const signature = add({ tag: 'sequence', value: u8 })
  const everything = add({ tag: 'tuple', value: [...basic, ...compacts, empty, never, address] })
  // Refers to itself and lists its cases in another order than that of their indices.
  const call = all.length + 1
  const calls = add({ tag: 'sequence', value: call })
  const others = Array.from({ length: cases }, (_, at) => variant(`Case${at}`, 200 - at, [u16]))
  const own = [variant('Many', 9, [calls]), variant('All', 3, [everything]), variant('None', 5)]
  add({ tag: 'variant', value: [...own, ...others] }, 'vector', 'Call')
  const extension = add(
    { tag: 'composite', value: [field(compacts[0] as number, 'tip', 'Balance')] },
    'vector',
    'Tip',
  )
  const version15 = `0x${'18'}${Buffer.from(CHAIN.specName).toString('hex')}07000000`
  const constants = [
    { name: 'Version', type: version, value: version15, docs: [] },
    { name: 'SS58Prefix', type: u16, value: '0x1e00', docs: [] },
  ]
  const system = { name: 'System', constants, index: 0, docs: [] }
  const absent = { storage: undefined, calls: undefined, events: undefined, errors: undefined }
  return metadata.enc({
    magicNumber: MAGIC,
    metadata: {
      tag: 'v15',
      value: {
        lookup: all,
        pallets: [{ ...absent, ...system }],
        extrinsic: {
          version: 4,
          address,
          call,
          signature,
          extra: extension,
          signedExtensions: [
            { identifier: 'ChargeTip', type: extension, additionalSigned: unit },
            { identifier: 'CheckSomething', type: unit, additionalSigned: newtype },
          ],
        },
        type: unit,
        apis: [],
        outerEnums: { call, event: unit, error: unit },
        custom: [],
      },
    },
  })
}

const vectors = [0, 1, 2, 3, 10, 61].map((cases) => {
  const encoded = describe(cases)
  const hash = toHex(merkleizeMetadata(encoded, TOKEN).digest())
  const second = toHex(new MerkleizedMetadata(toHex(encoded), TOKEN).digest())
  if (second !== hash) throw new Error(`the libraries differ: ${hash}, ${second}`)
  return { metadata: toHex(encoded), hash }
})
const document = {
  origin:
    '@polkadot-api/merkleize-metadata 1.3.0 and @dedot/merkleized-metadata 1.3.0, which agree',
  command: 'npm run vectors, in compat/clients',
  chain: { ...CHAIN, ...TOKEN },
  count: vectors.length,
  vectors,
}
writeFileSync(VECTORS, `${JSON.stringify(document)}\n`)
console.log(`${vectors.length} vectors written to ${VECTORS}`)
