// How fast the trie takes changes and makes proofs: npm run speed, in compat/trie.
// 80-byte values under 80-byte keys as pallets make them, nodes in a Map, libsodium's BLAKE2b; CPU
// time of one thread, the collector's included.
import { concatBytes, encode, u32 } from '../../packages/base/src/index.ts'
import { native } from '../../packages/crypto/src/native/index.ts'
import {
  createMemoryStore,
  proveKeys,
  updateTrie,
  verifyProof,
  type Change,
} from '../../packages/state/src/index.ts'

const KEYS = 100_000
const { blake2b256: hash } = native.hashes
const scheme = { hash, layout: 'v1' } as const
const nodes = new Map<string, Uint8Array>()
const values = createMemoryStore()
const prefix = hash(new Uint8Array())
const keys = Array.from({ length: KEYS }, (_, index) => {
  const account = hash(encode(u32, index))
  return concatBytes(prefix, account.subarray(0, 16), account)
})

function change(index: number, version: number): Change {
  const value = new Uint8Array(80)
  new DataView(value.buffer).setUint32(0, version)
  return { key: keys[index % KEYS] ?? prefix, value }
}

function update(changes: readonly Change[]): Uint8Array {
  const { root, nodeChanges } = updateTrie(nodes, changes, scheme)
  for (const [path, node] of nodeChanges) {
    if (node) nodes.set(path, node)
    else nodes.delete(path)
  }
  values.apply(changes)
  return root
}

function report(what: string, count: number, run: () => void): void {
  const before = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(before)
  console.log(`${what}: ${Math.round(count / ((user + system) / 1e6))}/s`)
}

let root: Uint8Array = prefix
report(`keys built into an empty trie (${KEYS})`, KEYS, () => {
  root = update(keys.map((_, index) => change(index, 0)))
})
for (const perBlock of [100, 1_000, 10_000]) {
  const rounds = 40_000 / perBlock
  report(`keys changed, ${perBlock} a block`, rounds * perBlock, () => {
    for (let round = 0; round < rounds; round++) {
      const start = round * 7_919
      const changes = Array.from({ length: perBlock }, (_, at) =>
        change(start + at * 31, round + 1),
      )
      root = update(changes)
    }
  })
}
const asked = keys.slice(0, 4_000).map((key) => [key])
const proofs: (readonly Uint8Array[])[] = []
report('proofs of one key made', asked.length, () => {
  for (const one of asked) proofs.push(proveKeys({ nodes, values, hash }, one))
})
report('proofs of one key checked', asked.length, () => {
  for (const [at, proof] of proofs.entries()) {
    const read = verifyProof({ root, proof, keys: asked[at] ?? [], hash })
    if (!read.ok) throw new Error(read.error.code)
  }
})
