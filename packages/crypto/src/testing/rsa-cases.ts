import { invert, pow } from '@noble/curves/abstract/modular.js'
import { sha256, sha384 } from '@noble/hashes/sha2.js'
import { concatBytes, utf8 } from '@tacit/base'
import { be, fromBe } from './bytes.ts'
import type { Case } from './cases.ts'

/**
 * Primes of 1024 bits: two that `openssl genrsa` made for these tests, and the two largest. With
 * those, moduli of 3072 and 4096 bits have three and four factors, which no verifier can tell.
 */
const PRIMES: readonly bigint[] = [
  0xfaec1c61e87308badfc34ed6f6192f3bb092095713e06e51394232c747ff53f932b8a78d14e410e5c6d0b94c097cc2aa7460c50643a7018963ba1ea651517cde7b1884960c15e7c5ee758888b2543c5fc302c76e011e40c0054d8ba65028595bfef09b3522ed4ecce3f9c25b3fa1d07e64312e24ed6505448c14e2b3efe3dc75n,
  0xcc1df3d277ba9fd0c8c6f76a4b3dd426d058e2dd70ba42ee7cd5974dd5f06af5bdcddb8929e9ef2e71dcc0450d616f0de3351f16c727b3d989a2d9c79894cc3dea22fb474b081f7d958a4ed4da57a09e445bd28d06d12ed7cabae2a430118ed132f40aa01062a57777f99fd494ee018ee4d0823c3ec33a46e1266e27e19a54f1n,
  2n ** 1024n - 105n,
  2n ** 1024n - 179n,
]
const MESSAGE = utf8('sample')

type Hash = (message: Uint8Array) => Uint8Array

/** What EMSA-PSS encodes; by default as it should be. */
interface Encoding {
  readonly message?: Uint8Array
  readonly hash?: Hash
  readonly maskHash?: Hash
  readonly salt?: Uint8Array
  readonly trailer?: number
  /** What stands before the salt, in place of zeros and a one. */
  readonly padding?: (length: number) => Uint8Array
  /** The bits that are masked off in the first byte. */
  readonly topBits?: number
}

/** EMSA-PSS-ENCODE of RFC 8017, section 9.1.1, with its faults wanted. */
function encode(size: number, wanted: Encoding): Uint8Array {
  const {
    message = MESSAGE,
    hash = sha384,
    maskHash = sha384,
    salt = SALT,
    trailer = 0xbc,
  } = wanted
  const digest = hash(concatBytes(new Uint8Array(8), hash(message), salt))
  const length = size - digest.length - 1
  const padding = (wanted.padding ?? onePadded)(length - salt.length)
  const block = concatBytes(padding, salt)
  const mask = mgf1(maskHash, digest, length)
  const masked = block.map((byte, at) => byte ^ (mask[at] ?? 0))
  masked[0] = ((masked[0] ?? 0) & 0x7f) | (wanted.topBits ?? 0)
  return concatBytes(masked, digest, Uint8Array.of(trailer))
}

const SALT = Uint8Array.from({ length: 48 }, (_, at) => at)

function onePadded(length: number): Uint8Array {
  const padding = new Uint8Array(length)
  padding[length - 1] = 1
  return padding
}

function mgf1(hash: Hash, seed: Uint8Array, length: number): Uint8Array {
  const blocks: Uint8Array[] = []
  for (let at = 0; at < 16; at++) blocks.push(hash(concatBytes(seed, be(4, BigInt(at)))))
  return concatBytes(...blocks).subarray(0, length)
}

/** The root of an encoding, by the Chinese remainder theorem. */
function rootOf(value: bigint, primes: readonly bigint[], exponent = 65_537n): bigint {
  const modulus = product(primes)
  let root = 0n
  for (const prime of primes) {
    const part = pow(value % prime, invert(exponent, prime - 1n), prime)
    const others = modulus / prime
    root += part * others * invert(others % prime, prime)
  }
  return root % modulus
}

function product(factors: readonly bigint[]): bigint {
  return factors.reduce((so, factor) => so * factor, 1n)
}

function signed(factors: 2 | 3 | 4, wanted: Encoding = {}): Case['check'] {
  const size = 128 * factors
  const primes = PRIMES.slice(0, factors)
  const root = rootOf(fromBe(encode(size, wanted)), primes)
  const publicKey = be(size, product(primes))
  const message = wanted.message ?? MESSAGE
  return { scheme: 'rsaPss', publicKey, message, signature: be(size, root) }
}

/** 2048 bits; the other vectors are real certificates by AMD. */
export function goodRsaPss(): Case['check'] {
  return signed(2)
}

const VALID: readonly (readonly [name: string, check: Case['check']])[] = [
  ['2048 bits', signed(2)],
  ['3072 bits', signed(3)],
  ['4096 bits', signed(4)],
  ['an empty message', signed(2, { message: new Uint8Array() })],
  ['a salt of zeros', signed(2, { salt: new Uint8Array(48) })],
  ['a salt of ones', signed(2, { salt: new Uint8Array(48).fill(255) })],
  ['a signature that begins with 00', signed(2, { salt: be(48, 380n) })],
]

const BAD_ENCODINGS: readonly (readonly [name: string, wanted: Encoding])[] = [
  ['no salt', { salt: new Uint8Array() }],
  ['a salt of 32 bytes', { salt: SALT.subarray(0, 32) }],
  ['a salt of 47 bytes', { salt: SALT.subarray(1) }],
  ['a salt of 49 bytes', { salt: Uint8Array.of(...SALT, 48) }],
  ['a salt of 49 bytes that begins with 01', { salt: Uint8Array.of(1, ...SALT) }],
  ['SHA-256 throughout', { hash: sha256, maskHash: sha256, salt: SALT.subarray(0, 32) }],
  ['SHA-256 in the mask', { maskHash: sha256 }],
  ['SHA-256 over the message', { hash: sha256 }],
  ['trailer bb', { trailer: 0xbb }],
  ['trailer cc', { trailer: 0xcc }],
  ['trailer 00', { trailer: 0 }],
  ['padding that begins with 01', { padding: (length) => onePadded(length).with(0, 1) }],
  ['padding with 80 in the middle', { padding: (length) => onePadded(length).with(100, 0x80) }],
  ['padding without its 01', { padding: (length) => new Uint8Array(length) }],
  ['padding with 02 for 01', { padding: (length) => onePadded(length).with(length - 1, 2) }],
  [
    'padding with its 01 a byte early',
    { padding: (length) => new Uint8Array(length).with(length - 2, 1) },
  ],
  ['the top bit set', { topBits: 0x80, salt: be(48, 1n) }],
]

function rangeCases(): Case[] {
  const good = goodRsaPss()
  const size = good.publicKey.length
  const modulus = fromBe(good.publicKey)
  const s = fromBe(good.signature)
  const raw = (value: bigint): Case['check'] => ({ ...good, signature: be(size, value) })
  const keyed = (key: bigint): Case['check'] => ({ ...good, publicKey: be(size, key) })
  const cut = (bytes: number): Case['check'] => ({
    ...good,
    publicKey: good.publicKey.subarray(0, bytes),
    signature: good.signature.subarray(0, bytes),
  })
  const long = signed(4)
  return [
    { name: 'signature 0', check: raw(0n), expected: 'equation' },
    { name: 'signature 1', check: raw(1n), expected: 'equation' },
    { name: 'n - s', check: raw(modulus - s), expected: 'equation' },
    { name: 'n - 1', check: raw(modulus - 1n), expected: 'equation' },
    { name: 'signature n', check: raw(modulus), expected: 'form' },
    { name: 's of ones', check: raw(256n ** BigInt(size) - 1n), expected: 'form' },
    {
      name: 'exponent 3',
      check: raw(rootOf(fromBe(encode(size, {})), PRIMES.slice(0, 2), 3n)),
      expected: 'equation',
    },
    { name: 'other modulus', check: keyed(modulus - 2n), expected: 'equation' },
    { name: 'even modulus', check: keyed(modulus - 1n), expected: 'form' },
    { name: 'modulus of 2047 bits', check: keyed((modulus >> 1n) | 1n), expected: 'form' },
    { name: 'modulus of 2040 bits', check: cut(255), expected: 'form' },
    { name: 'modulus of 1024 bits', check: cut(128), expected: 'form' },
    {
      name: 'signature of another length of modulus',
      check: { ...good, signature: long.signature },
      expected: 'form',
    },
    { name: 'other message', check: { ...good, message: utf8('test') }, expected: 'equation' },
  ]
}

const named = (expected: Case['expected'], cases: readonly (readonly [string, Case['check']])[]) =>
  cases.map(([name, check]): Case => ({ name, check, expected }))

export const RSA_PSS_CASES: readonly Case[] = [
  ...named('valid', VALID),
  ...named(
    'equation',
    BAD_ENCODINGS.map(([name, wanted]) => [name, signed(2, wanted)]),
  ),
  ...rangeCases(),
]
