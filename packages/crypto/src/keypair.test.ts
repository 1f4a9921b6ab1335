import { inspect } from 'node:util'
import { bytesToHex, InvariantError } from '@tacit/base'
import {
  sr25519_derive_keypair_hard,
  sr25519_keypair_from_seed,
  sr25519_sign,
} from '@polkadot-labs/schnorrkel-wasm'
import { describe, expect, test } from 'vitest'
import { deriveKeypair, devKeypair, devSeed } from './derive.ts'
import { keypairFromSeed } from './keypair.ts'
import { ed25519Signer, native } from './native/index.ts'
import { portable } from './portable/index.ts'
import { hex } from './testing/bytes.ts'

const SCHEMES = ['sr25519', 'ed25519', 'ecdsa'] as const
const SEED = hex('fac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e')

/** Substrate's development accounts; sources: sp-keyring and `subkey inspect --scheme`. */
const DEV_KEYS: readonly (readonly [(typeof SCHEMES)[number], path: string, key: string])[] = [
  ['sr25519', 'Alice', 'd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d'],
  ['sr25519', '//Alice', 'd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d'],
  ['sr25519', 'Bob', '8eaf04151687736326c9fea17e25fc5287613693c912909cb226aa4794f26a48'],
  ['sr25519', 'Charlie', '90b5ab205c6974c9ea841be688864633dc9ca8a357843eeacf2314649965fe22'],
  ['sr25519', 'Dave', '306721211d5404bd9da88e0204360a1a9ab8b87c66c1bc2fcdd37f3c2222cc20'],
  ['sr25519', 'Eve', 'e659a7a1628cdd93febc04a4e0646ea20e9f5f0ce097d9a05290d4a9e054df4e'],
  ['sr25519', 'Ferdie', '1cbd2d43530a44705ad088af313e18f80b53ef16b36177cd4b77b846f2a5f07c'],
  ['sr25519', 'Alice//stash', 'be5ddb1579b72e84524fc29e78609e3caf42e85aa118ebfe0b0ad404b5bdd25f'],
  ['ed25519', 'Alice', '88dc3417d5058ec4b4503e0c12ea1a0a89be200fe98922423d4334014fa6b0ee'],
  ['ed25519', 'Bob', 'd17c2d7823ebf260fd138f2d7e27d114c0145d968b5ff5006125f2414fadae69'],
  ['ecdsa', 'Alice', '020a1091341fe5664bfa1782d5e04779689068c916b04cb365ec3153755684d9a1'],
  ['ecdsa', 'Bob', '0390084fdbf27d2b79d26a4f13f0ccd982cb755a661969143c37cbc49ef5b91f27'],
]

describe('development accounts', () => {
  test.each(DEV_KEYS)('%s %s', (scheme, path, key) => {
    expect(bytesToHex(devKeypair(path, scheme).publicKey)).toBe(key)
  })
  test('an ecdsa account is the hash of its key', () => {
    const pair = devKeypair('Alice', 'ecdsa')
    expect(pair.accountId).toEqual(native.hashes.blake2b256(pair.publicKey))
    expect(devKeypair('Alice').accountId).toEqual(devKeypair('Alice').publicKey)
  })
})

describe('derivation', () => {
  /** schnorrkel's own derivation, by the chain code of one junction. */
  const derivedBySchnorrkel = (code: Uint8Array): string =>
    bytesToHex(sr25519_derive_keypair_hard(sr25519_keypair_from_seed(SEED), code).subarray(64))
  const derived = (path: string): string => {
    const pair = deriveKeypair('sr25519', SEED, path)
    return pair.ok ? bytesToHex(pair.value.publicKey) : pair.error.code
  }
  const padded = (start: string): Uint8Array => hex(start.padEnd(64, '0'))

  test('no path is the seed itself', () => {
    for (const scheme of SCHEMES) {
      const pair = deriveKeypair(scheme, SEED, '')
      expect(pair.ok && pair.value.publicKey).toEqual(keypairFromSeed(scheme, SEED).publicKey)
    }
  })
  test('names are SCALE text, hashed where longer than 32 bytes', () => {
    expect(derived('//Alice')).toBe(derivedBySchnorrkel(padded('14416c696365')))
    const name = 'a'.repeat(32)
    const code = native.hashes.blake2b256(hex(`80${'61'.repeat(32)}`))
    expect(derived(`//${name}`)).toBe(derivedBySchnorrkel(code))
    expect(derived(`//${'a'.repeat(31)}`)).toBe(derivedBySchnorrkel(hex(`7c${'61'.repeat(31)}`)))
  })
  test('numbers are u64; beyond it they are names', () => {
    expect(derived('//7')).toBe(derivedBySchnorrkel(padded('07')))
    expect(derived('//+7')).toBe(derivedBySchnorrkel(padded('07')))
    expect(derived('//007')).toBe(derivedBySchnorrkel(padded('07')))
    expect(derived('//18446744073709551615')).toBe(derivedBySchnorrkel(padded('ff'.repeat(8))))
    const asText = `50${bytesToHex(new TextEncoder().encode('18446744073709551616'))}`
    expect(derived('//18446744073709551616')).toBe(derivedBySchnorrkel(padded(asText)))
    expect(derived('//-7')).toBe(derivedBySchnorrkel(padded('082d37')))
  })
  test.each(['Alice', '/Alice', '//', '////', '//Alice/soft', '//Alice//', '///pass'])(
    'path %s is refused',
    (path) => {
      const pair = deriveKeypair('sr25519', SEED, path)
      expect(pair).toEqual({ ok: false, error: { code: 'derivation_path_invalid' } })
    },
  )
  test('a seed that is no secret is refused', () => {
    for (const scheme of SCHEMES) {
      const pair = deriveKeypair(scheme, SEED.subarray(1), '//Alice')
      expect(pair).toEqual({ ok: false, error: { code: 'seed_invalid' } })
    }
    for (const seed of [new Uint8Array(32), new Uint8Array(32).fill(255)]) {
      expect(deriveKeypair('ecdsa', seed, '')).toEqual({
        ok: false,
        error: { code: 'seed_invalid' },
      })
      expect(() => keypairFromSeed('ecdsa', seed)).toThrow(InvariantError)
    }
  })
})

describe('key pairs', () => {
  test('ed25519 signs as RFC 8032 TEST 1', () => {
    const pair = keypairFromSeed(
      'ed25519',
      hex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'),
    )
    expect(bytesToHex(pair.sign(new Uint8Array()))).toBe(
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    )
  })
  test('OpenSSL signs with ed25519 the same bytes, from a copy of the seed', () => {
    const seed = devSeed('Alice')
    const pair = devKeypair('Alice', 'ed25519')
    const sign = ed25519Signer(seed)
    seed.fill(0)
    for (const length of [0, 1, 117, 1_000]) {
      const message = new Uint8Array(length).fill(length)
      expect(sign(message)).toEqual(pair.sign(message))
    }
  })
  test('sr25519 keys are schnorrkel’s, and both verify what schnorrkel signs', () => {
    const pair = keypairFromSeed('sr25519', SEED)
    const other = sr25519_keypair_from_seed(SEED)
    expect(pair.publicKey).toEqual(other.slice(64))
    const message = new Uint8Array([1, 2, 3])
    const signature = sr25519_sign(pair.publicKey, other.subarray(0, 64), message)
    const check = { scheme: 'sr25519', publicKey: pair.publicKey, message, signature } as const
    expect([native.verify(check), portable.verify(check)]).toEqual([true, true])
  })
  test.each(SCHEMES)('%s shows no secret', (scheme) => {
    const seed = Uint8Array.from(SEED)
    const pair = keypairFromSeed(scheme, seed)
    expect(Object.keys(pair).toSorted()).toEqual(['accountId', 'publicKey', 'scheme', 'sign'])
    const shown = JSON.stringify(pair) + inspect(pair, { depth: 9, showHidden: true })
    expect(shown).not.toContain([...SEED].join(','))
    expect(shown).not.toContain(bytesToHex(SEED))
  })
  test.each(SCHEMES)('%s keeps its own copy of the seed', (scheme) => {
    const seed = Uint8Array.from(SEED)
    const pair = keypairFromSeed(scheme, seed)
    const before = pair.sign(Uint8Array.of(1))
    seed.fill(1)
    expect(pair.sign(Uint8Array.of(1))).toEqual(before)
  })
})
