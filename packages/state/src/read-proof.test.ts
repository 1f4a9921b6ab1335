import { describe, expect, it } from 'vitest'
import { bytesToHex, concatBytes, InvariantError, unwrap } from '@tacit/base'
import { native } from '@tacit/crypto/native'
import { encodeNode } from './encode-node.ts'
import { proveKeys } from './prove-keys.ts'
import { createTestTrie, type TestTrie } from './testing/stored-trie.ts'
import {
  MAX_PROOF_BYTES,
  MAX_PROOF_NODES,
  verifyProof,
  type ProofError,
  type ProofInput,
} from './verify-proof.ts'

const hash = native.hashes.blake2b256
const account = (index: number): Uint8Array => concatBytes(prefix, hash(Uint8Array.of(index)))
const prefix = new Uint8Array(16).fill(0x26)
const long = (index: number): Uint8Array => new Uint8Array(80).fill(index)
const trie = filled(100)
const keys = [account(1), account(2), account(222)]
const proof = proveKeys(trie, keys)
const input: ProofInput = { root: trie.root, proof, keys, hash }

const codeOf = (change: Partial<ProofInput>): ProofError['code'] | undefined => {
  const result = verifyProof({ ...input, ...change })
  return result.ok ? undefined : result.error.code
}

describe('a read proof', () => {
  it('shows values and that there is none', () => {
    expect(unwrap(verifyProof(input))).toEqual(
      new Map([
        [bytesToHex(account(1)), long(1)],
        [bytesToHex(account(2)), long(2)],
        [bytesToHex(account(222)), undefined],
      ]),
    )
  })

  it('holds in any order', () => {
    expect(codeOf({ proof: [...proof].reverse(), keys: [...keys].reverse() })).toBeUndefined()
  })

  it('shares what keys have in common and the value that two of them hold', () => {
    const twins = createTestTrie({ hash, layout: 'v1' })
    twins.apply([account(1), account(2)].map((key) => ({ key, value: long(9) })))
    const both = proveKeys(twins, [account(1), account(2)])
    expect(both.filter((part) => part.length === 80)).toHaveLength(1)
    expect(
      codeOf({ root: twins.root, proof: both, keys: [account(1), account(2)] }),
    ).toBeUndefined()
  })

  it('needs each of its parts', () => {
    for (const part of proof) {
      const without = proof.filter((other) => other !== part)
      expect(['proof_incomplete', 'proof_root_mismatch']).toContain(codeOf({ proof: without }))
    }
  })

  it('takes asking twice for a key', () => {
    expect(codeOf({ keys: [...keys, account(1)] })).toBeUndefined()
  })

  it('proves absence in an empty trie by its one empty node', () => {
    const none = createTestTrie({ hash, layout: 'v1' })
    const nothing = proveKeys(none, [account(1)])
    expect(nothing).toEqual([Uint8Array.of(0)])
    const read = verifyProof({ root: none.root, proof: nothing, keys: [account(1)], hash })
    expect(unwrap(read).get(bytesToHex(account(1)))).toBeUndefined()
  })

  it('goes through nodes that stand inside their parents', () => {
    const small = createTestTrie({ hash, layout: 'v1' })
    const entries = [0, 1, 2].map((at) => ({ key: Uint8Array.of(1, at), value: Uint8Array.of(at) }))
    small.apply(entries)
    const asked = [Uint8Array.of(1, 1), Uint8Array.of(1, 9), Uint8Array.of(1), new Uint8Array()]
    const parts = proveKeys(small, asked)
    expect(parts).toHaveLength(1)
    const read = unwrap(verifyProof({ root: small.root, proof: parts, keys: asked, hash }))
    expect([...read.values()]).toEqual([Uint8Array.of(1), undefined, undefined, undefined])
  })

  it('is not made from a store that lacks a value', () => {
    const lacking = { ...trie, values: { get: () => undefined } }
    expect(() => proveKeys(lacking, [account(1)])).toThrow(InvariantError)
  })
})

describe('is refused', () => {
  it('under another root', () => {
    expect(codeOf({ root: hash(trie.root) })).toBe('proof_root_mismatch')
    expect(codeOf({ root: new Uint8Array() })).toBe('proof_root_mismatch')
    expect(codeOf({ proof: [] })).toBe('proof_root_mismatch')
    expect(codeOf({ root: filled(101).root })).toBe('proof_root_mismatch')
  })

  it('without a value or an inner node', () => {
    const key = bytesToHex(account(2))
    const without = proof.filter((part) => part[0] !== 2 || part.length !== 80)
    expect(verifyProof({ ...input, proof: without })).toEqual({
      ok: false,
      error: { code: 'proof_incomplete', key },
    })
    expect(codeOf({ keys: [...keys, account(5)] })).toBe('proof_incomplete')
  })

  it('with a part twice', () => {
    expect(codeOf({ proof: [...proof, ...proof.slice(0, 1)] })).toBe('proof_duplicate')
    expect(codeOf({ proof: [...proof, ...proof.slice(0, 1).map((part) => part.slice())] })).toBe(
      'proof_duplicate',
    )
  })

  it('with a part that no key needs', () => {
    expect(codeOf({ proof: [...proof, long(77)] })).toBe('proof_unused')
    expect(codeOf({ keys: keys.slice(1) })).toBe('proof_unused')
    expect(codeOf({ keys: [] })).toBe('proof_unused')
  })

  it('with any byte changed', () => {
    for (const [at, part] of proof.entries()) {
      for (const byte of [0, part.length >> 1, part.length - 1]) {
        const changed = part.slice()
        changed[byte] = (changed[byte] ?? 0) ^ 1
        expect(['proof_incomplete', 'proof_root_mismatch']).toContain(
          codeOf({ proof: proof.with(at, changed) }),
        )
      }
    }
  })

  it('when a node that the root names is no node', () => {
    const garbage = Uint8Array.of(1, 2, 3)
    const refused = verifyProof({ root: hash(garbage), proof: [garbage], keys, hash })
    const key = bytesToHex(account(1))
    expect(refused).toEqual({ ok: false, error: { code: 'proof_malformed', key } })
  })

  it('when a node stands inside its parent and is no node', () => {
    const children = Array.from({ length: 16 }, () => ({
      reference: Uint8Array.of(5),
      node: undefined,
    }))
    const root = encodeNode({ partial: new Uint8Array(), value: undefined, children })
    expect(codeOf({ root: hash(root), proof: [root] })).toBe('proof_malformed')
  })

  it('when it is too large, before anything is hashed', () => {
    const hash = (): never => {
      throw new Error('hashed')
    }
    const many = Array.from({ length: MAX_PROOF_NODES + 1 }, () => new Uint8Array())
    expect(codeOf({ proof: many, hash })).toBe('proof_too_large')
    expect(codeOf({ proof: [new Uint8Array(MAX_PROOF_BYTES + 1)], hash })).toBe('proof_too_large')
  })
})

function filled(count: number): TestTrie {
  const trie = createTestTrie({ hash, layout: 'v1' })
  const indexes = Array.from({ length: count }, (_, index) => index)
  trie.apply(indexes.map((index) => ({ key: account(index), value: long(index) })))
  return trie
}
