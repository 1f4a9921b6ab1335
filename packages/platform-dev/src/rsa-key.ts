import { checkPrimeSync, constants, createPrivateKey, privateEncrypt } from 'node:crypto'
import { bytesToHex, concatBytes, parseHex, unwrap } from '@tacit/base'
import { deriveBytes, sha384, type PlatformKey } from './keys.ts'

/** Lengths of a modulus in bits; AMD's own keys have 4096. */
export type RsaBits = 2048 | 3072 | 4096

const EXPONENT = 65_537n
const HASH_BYTES = 48
const SALT_BYTES = 48
const SIEVE_LIMIT = 20_000
const known = new Map<string, PlatformKey>()

/**
 * Derives an RSA key of a label: two primes from derived starting points, each the next one up. It
 * takes about half a second for 2048 bits and two for 4096, so that keys are remembered.
 */
export function deriveRsaKey(seed: Uint8Array, label: string, bits: RsaBits): PlatformKey {
  const name = `${bytesToHex(seed)} ${label} ${bits}`
  const key = known.get(name) ?? createKey(seed, label, bits)
  known.set(name, key)
  return key
}

function createKey(seed: Uint8Array, label: string, bits: RsaBits): PlatformKey {
  const [p, q] = [1, 2].map((index) => findPrime(seed, `rsa ${label} ${index}`, bits / 2))
  const modulus = (p ?? 1n) * (q ?? 1n)
  const key = toPrivateKey(p ?? 1n, q ?? 1n, bits)
  return {
    scheme: 'rsaPss',
    publicKey: toBytes(modulus, bits / 8),
    sign: (message) => {
      const encoded = encodePss(message, deriveBytes(seed, `salt ${label}`, SALT_BYTES), bits / 8)
      const padding = constants.RSA_NO_PADDING
      return new Uint8Array(privateEncrypt({ key, padding }, encoded))
    },
  }
}

/** The first prime from a derived number up, whose upper two bits are set, not one above e's multiples. */
function findPrime(seed: Uint8Array, label: string, bits: number): bigint {
  const start = toNumber(deriveBytes(seed, label, bits / 8)) | (3n << BigInt(bits - 2)) | 1n
  const residues = SMALL_PRIMES.map((prime) => Number(start % BigInt(prime)))
  for (let step = 0; ; step += 2) {
    const isSieved = SMALL_PRIMES.some((prime, at) => ((residues[at] ?? 0) + step) % prime === 0)
    if (isSieved) continue
    const candidate = start + BigInt(step)
    if (candidate % EXPONENT !== 1n && checkPrimeSync(candidate)) return candidate
  }
}

const SMALL_PRIMES: readonly number[] = listOddPrimes(SIEVE_LIMIT)

function listOddPrimes(limit: number): number[] {
  const isComposite = new Uint8Array(limit)
  const primes: number[] = []
  for (let number = 3; number < limit; number += 2) {
    if (isComposite[number] === 1) continue
    primes.push(number)
    for (let at = number * number; at < limit; at += number) isComposite[at] = 1
  }
  return primes
}

function toPrivateKey(p: bigint, q: bigint, bits: number) {
  const d = invert(EXPONENT, (p - 1n) * (q - 1n))
  const field = (value: bigint, length: number): string =>
    Buffer.from(toBytes(value, length)).toString('base64url')
  const half = bits / 16
  return createPrivateKey({
    format: 'jwk',
    key: {
      kty: 'RSA',
      n: field(p * q, bits / 8),
      e: 'AQAB',
      d: field(d, bits / 8),
      p: field(p, half),
      q: field(q, half),
      dp: field(d % (p - 1n), half),
      dq: field(d % (q - 1n), half),
      qi: field(invert(q, p), half),
    },
  })
}

/** Extended Euclid; the two have no common divisor. */
function invert(value: bigint, modulus: bigint): bigint {
  let [a, b] = [value % modulus, modulus]
  let [x, y] = [1n, 0n]
  while (b !== 0n) {
    const quotient = a / b
    ;[a, b] = [b, a - quotient * b]
    ;[x, y] = [y, x - quotient * y]
  }
  return ((x % modulus) + modulus) % modulus
}

/** EMSA-PSS with SHA-384 and a given salt, so that a signature depends on nothing but the seed. Source: RFC 8017, section 9.1.1. */
function encodePss(message: Uint8Array, salt: Uint8Array, length: number): Uint8Array {
  const hash = sha384(new Uint8Array(8), sha384(message), salt)
  const masked = length - HASH_BYTES - 1
  const block = new Uint8Array(masked)
  block[masked - SALT_BYTES - 1] = 1
  block.set(salt, masked - SALT_BYTES)
  const mask = generateMask(hash, masked)
  for (let at = 0; at < masked; at++) block[at] = (block[at] ?? 0) ^ (mask[at] ?? 0)
  block[0] = (block[0] ?? 0) & 0x7f
  return concatBytes(block, hash, Uint8Array.of(0xbc))
}

/** MGF1 with SHA-384. Source: RFC 8017, appendix B.2.1. */
function generateMask(seed: Uint8Array, length: number): Uint8Array {
  const blocks: Uint8Array[] = []
  for (let counter = 0; counter * HASH_BYTES < length; counter++) {
    blocks.push(sha384(seed, Uint8Array.of(0, 0, counter >> 8, counter)))
  }
  return concatBytes(...blocks).subarray(0, length)
}

function toNumber(bytes: Uint8Array): bigint {
  return BigInt(`0x${bytesToHex(bytes)}`)
}

function toBytes(value: bigint, length: number): Uint8Array {
  return unwrap(parseHex(value.toString(16).padStart(2 * length, '0')))
}
