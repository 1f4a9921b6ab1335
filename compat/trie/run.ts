// Compares @tacit/state's trie with Parity's own, which chopsticks-executor carries as WebAssembly.
//   npm test               random tries, a new seed each time
//   npm test -- SEED       the same tries again
//   npm run vectors        writes packages/state/src/trie-vectors.json
import { writeFileSync } from 'node:fs'
import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { bytesToHex, compactU32, encode, equalBytes, toHex } from '../../packages/base/src/index.ts'
import { native } from '../../packages/crypto/src/native/index.ts'
import {
  createMemoryStore,
  orderedTrieRoot,
  proveKeys,
  trieRoot,
  updateTrie,
  verifyProof,
  type MemoryStore,
  type TrieLayout,
} from '../../packages/state/src/index.ts'
import { parityReads, parityRoot } from './parity.ts'
import { createRandom, randomScenario, type Random, type Scenario } from './random-trie.ts'

const hash = native.hashes.blake2b256
const VECTORS = join(import.meta.dirname, '../../packages/state/src/trie-vectors.json')
const counts = { tries: 0, roots: 0, proofs: 0, proved: 0 }

interface Vector {
  readonly layout: TrieLayout
  readonly rounds: readonly {
    readonly changes: readonly (readonly [key: string, value: string | null])[]
    readonly root: string
  }[]
  readonly proof: readonly string[]
  readonly proved: readonly (readonly [key: string, value: string | null])[]
}

async function compare({ layout, rounds, proved }: Scenario): Promise<Vector> {
  const values = createMemoryStore()
  const nodes = new Map<string, Uint8Array>()
  const written: Vector['rounds'][number][] = []
  let root: Uint8Array = new Uint8Array()
  for (const changes of rounds) {
    const update = updateTrie(nodes, changes, { hash, layout })
    for (const [path, node] of update.nodeChanges) {
      if (node) nodes.set(path, node)
      else nodes.delete(path)
    }
    values.apply(changes)
    root = update.root
    const theirs = await parityRoot(entriesOf(values), layout)
    expectSame(toHex(root), theirs, 'root after updates')
    expectSame(toHex(trieRoot(entriesOf(values), { hash, layout })), theirs, 'root of a full build')
    written.push({ changes: changes.map(({ key, value }) => pair(key, value)), root: theirs })
    counts.roots += 2
  }
  const proof = proveKeys({ nodes, values, hash }, proved)
  await compareProof(root, proof, { values, proved })
  counts.tries++
  return {
    layout,
    rounds: written,
    proof: proof.map(toHex),
    proved: proved.map((key) => pair(key, values.get(key))),
  }
}

async function compareProof(
  root: Uint8Array,
  proof: readonly Uint8Array[],
  { values, proved }: { readonly values: MemoryStore; readonly proved: readonly Uint8Array[] },
): Promise<void> {
  const theirs = await parityReads(root, proof)
  const ours = verifyProof({ root, proof, keys: proved, hash })
  if (!ours.ok) throw new Error(`our own proof fails: ${ours.error.code}`)
  for (const key of proved) {
    const value = values.get(key)
    const read = ours.value.get(bytesToHex(key))
    const isSame = read === undefined ? value === undefined : value && equalBytes(read, value)
    if (!isSame) throw new Error(`our proof of ${toHex(key)} reads another value`)
    expectSame(theirs.get(toHex(key)), value && toHex(value), `Parity's reading of ${toHex(key)}`)
    counts.proved++
  }
  counts.proofs++
}

async function compareOrdered(random: Random, layout: TrieLayout): Promise<void> {
  const list = Array.from({ length: random(300) }, () =>
    new Uint8Array(random(90)).fill(random(256)),
  )
  const keyed = list.map((value, at) => [encode(compactU32, at), value] as const)
  expectSame(toHex(orderedTrieRoot(list, hash, layout)), await parityRoot(keyed, layout), 'ordered')
  counts.roots++
}

function entriesOf(values: MemoryStore): (readonly [Uint8Array, Uint8Array])[] {
  return values
    .keysWithPrefix(new Uint8Array())
    .map((key) => [key, values.get(key) ?? new Uint8Array()] as const)
}

function pair(key: Uint8Array, value: Uint8Array | undefined): readonly [string, string | null] {
  return [toHex(key), value ? toHex(value) : null]
}

function expectSame(ours: string | undefined, theirs: string | undefined, what: string): void {
  if (ours !== theirs) throw new Error(`${what}: ${ours} instead of ${theirs}`)
}

async function writeVectors(): Promise<void> {
  const random = createRandom(2026)
  const vectors: Vector[] = []
  for (let at = 0; at < 24; at++)
    vectors.push(await compare(randomScenario(random, 2 + (at % 12), 300)))
  const document = {
    origin:
      'roots and readings by @acala-network/chopsticks-executor 1.5.1 (Parity trie-db, sp-trie)',
    command: 'npm run vectors, in compat/trie',
    count: vectors.length,
    vectors,
  }
  writeFileSync(VECTORS, `${JSON.stringify(document)}\n`)
  console.log(`${vectors.length} vectors written to ${VECTORS}`)
}

async function compareMany(seed: number): Promise<void> {
  console.log(`seed ${seed}`)
  const random = createRandom(seed)
  for (let at = 0; at < 200; at++) await compare(randomScenario(random, 1 + random(120), 20_000))
  for (let at = 0; at < 20; at++) await compareOrdered(random, at % 2 === 0 ? 'v0' : 'v1')
  const { tries, roots, proofs, proved } = counts
  console.log(`${tries} tries: ${roots} roots and ${proofs} proofs of ${proved} keys as Parity's`)
}

const [argument] = process.argv.slice(2)
if (argument === '--write') await writeVectors()
else await compareMany(argument === undefined ? randomInt(2 ** 32) : Number(argument))
