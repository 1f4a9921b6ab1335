import { encode, equalBytes, parseHex, toHex, unwrap, utf8, type Hash } from '@tacit/base'
import { keypairFromSeed } from '@tacit/crypto'
import { native } from '@tacit/crypto/native'
import {
  AUTHORITIES_KEY,
  grandpaJustification,
  headerHash,
  precommitMessage,
  storedAuthorities,
  type Header,
} from '@tacit/light'
import { consensusStorage } from '@tacit/runtime'
import { orderedTrieRoot, proveKeys, updateTrie } from '@tacit/state'
import { expect, it } from 'vitest'
import { followChain } from './chain.ts'
import { TacitError } from './errors.ts'
import type { Rpc } from './rpc.ts'

const { hashes } = native
const hash = hashes.blake2b256
const KEY = keypairFromSeed('ed25519', new Uint8Array(32).fill(1))
const EXTRINSICS = [Uint8Array.of(8, 1, 2), Uint8Array.of(4, 3)]

/** A development chain of one authority, by what its genesis state must hold. */
const ENTRIES = [
  { key: AUTHORITIES_KEY, value: encode(storedAuthorities, [{ id: KEY.publicKey, weight: 1n }]) },
  { key: consensusStorage.ChainClass.key(hashes), value: Uint8Array.of(0) },
]
const { root, nodeChanges } = updateTrie(new Map(), ENTRIES, { hash, layout: 'v1' })

function headerOf(parent: Header | undefined, extrinsics: readonly Uint8Array[]): Header {
  return {
    parentHash: parent ? headerHash(hashes, parent) : (new Uint8Array(32) as Hash),
    number: parent ? parent.number + 1 : 0,
    stateRoot: root,
    extrinsicsRoot: orderedTrieRoot(extrinsics, hash),
    digest: { logs: [] },
  }
}

const GENESIS = headerOf(undefined, [])
const BLOCK = headerOf(GENESIS, EXTRINSICS)

function justify(header: Header): Uint8Array {
  const precommit = { targetHash: headerHash(hashes, header), targetNumber: header.number }
  const signature = KEY.sign(precommitMessage(precommit, 1n, 0n))
  const precommits = [{ precommit, signature, id: KEY.publicKey }]
  const commit = { ...precommit, precommits }
  return encode(grandpaJustification, { round: 1n, commit, votesAncestries: [] })
}

function prove(keys: readonly string[]): readonly string[] {
  const nodes = { get: (path: string) => nodeChanges.get(path) }
  const values = {
    get: (key: Uint8Array) => ENTRIES.find((one) => equalBytes(one.key, key))?.value,
  }
  const wanted = keys.map((key) => unwrap(parseHex(key)))
  return proveKeys({ nodes, values, hash }, wanted).map(toHex)
}

function json(header: Header): object {
  return {
    parentHash: toHex(header.parentHash),
    number: `0x${header.number.toString(16)}`,
    stateRoot: toHex(header.stateRoot),
    extrinsicsRoot: toHex(header.extrinsicsRoot),
    digest: { logs: [] },
  }
}

/** A node whose newest block is BLOCK, with the extrinsics and the justification that it says. */
function nodeWith(
  extrinsics: readonly Uint8Array[],
  justification: unknown = [...justify(BLOCK)],
): Rpc {
  const answers: Readonly<Record<string, (params: readonly unknown[]) => unknown>> = {
    chain_getBlockHash: () => toHex(headerHash(hashes, GENESIS)),
    chain_getHeader: () => json(GENESIS),
    state_getReadProof: ([keys]) => ({ proof: prove(keys as readonly string[]) }),
    chain_getFinalizedHead: () => toHex(headerHash(hashes, BLOCK)),
    chain_getBlock: () => ({
      block: { header: json(BLOCK), extrinsics: extrinsics.map(toHex) },
      justifications: [[[...utf8('FRNK')], justification]],
    }),
  }
  return {
    url: 'ws://node.test',
    request: <T>(method: string, params: readonly unknown[] = []) =>
      Promise.resolve(answers[method]?.(params) as T),
    subscribe: () => Promise.resolve(() => {}),
    closed: new Promise(() => {}),
    close: () => {},
  }
}

it('takes the extrinsics that the justified header commits to', async () => {
  const chain = await followChain(nodeWith(EXTRINSICS), { crypto: native })
  expect(chain.head().number).toBe(1)
  expect(chain.recent(chain.head().hash)?.extrinsics).toEqual(EXTRINSICS)
  chain.close()
})

it.each([
  ['another extrinsic', [EXTRINSICS[0] ?? KEY.publicKey, Uint8Array.of(4, 4)]],
  ['one more', [...EXTRINSICS, Uint8Array.of(4, 3)]],
  ['one less', EXTRINSICS.slice(1)],
  ['another order', EXTRINSICS.toReversed()],
  ['none', []],
])('leaves a node that shows %s under a justified header', async (_, extrinsics) => {
  const failure = await followChain(nodeWith(extrinsics), { crypto: native }).catch(
    (error: unknown) => error,
  )
  expect(failure instanceof TacitError && failure.code).toBe('node_misbehaves')
})

it.each([
  ['hex', toHex(justify(BLOCK))],
  ['numbers that are no bytes', [...justify(BLOCK), 256]],
  ['texts', ['1', '2']],
  ['nothing', null],
  ['one byte less', [...justify(BLOCK)].slice(1)],
])('leaves a node that sends %s as a justification', async (_, justification) => {
  const failure = await followChain(nodeWith(EXTRINSICS, justification), { crypto: native }).catch(
    (error: unknown) => error,
  )
  expect(failure instanceof TacitError && failure.code).toBe('node_misbehaves')
})
