import { blake2b } from '@noble/hashes/blake2.js'
import * as sr25519 from '@scure/sr25519'
import { concatBytes, encode, err, ok, str, u64, unwrap, type Result } from '@tacit/base'
import {
  isSeed,
  keypairFromSeed,
  sr25519Keypair,
  type AccountScheme,
  type Keypair,
} from './keypair.ts'

/**
 * Mini secret of Substrate's public development phrase (`bottom drive obey lake curtain smoke
 * basket hold race lonely fit walk`). Everybody knows it: keys under it are worth nothing.
 */
const DEV_SECRET = Uint8Array.from(
  'fac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e'.match(/../g) ?? [],
  (byte) => Number.parseInt(byte, 16),
)

export type DerivationError =
  /** The path is not a sequence of hard junctions (`//Alice//stash`), or empty. */
  | { readonly code: 'derivation_path_invalid' }
  /** The seed, or what it leads to, is not a secret of the scheme. */
  | { readonly code: 'seed_invalid' }

/**
 * The key pair of a path of hard junctions under a seed, as Substrate derives it: numbers as u64,
 * other names as SCALE text, hashed where longer than 32 bytes.
 * Source: sp_core::crypto::DeriveJunction and each scheme's Pair::derive.
 */
export function deriveKeypair(
  scheme: AccountScheme,
  seed: Uint8Array,
  path: string,
): Result<Keypair, DerivationError> {
  const names = path === '' ? [] : path.split('//').slice(1)
  const isHard =
    path === '' || (path.startsWith('//') && names.every((name) => /^[^/]+$/.test(name)))
  if (!isHard) return err({ code: 'derivation_path_invalid' })
  if (!isSeed(scheme, seed)) return err({ code: 'seed_invalid' })
  const junctions = names.map(chainCode)
  if (scheme === 'sr25519') {
    const secret = junctions.reduce(
      (one, junction) => sr25519.HDKD.secretHard(one, junction),
      sr25519.secretFromSeed(seed),
    )
    return ok(sr25519Keypair(secret))
  }
  const derived = deriveSeed(scheme, seed, junctions)
  return isSeed(scheme, derived)
    ? ok(keypairFromSeed(scheme, derived))
    : err({ code: 'seed_invalid' })
}

function deriveSeed(
  scheme: 'ed25519' | 'ecdsa',
  seed: Uint8Array,
  junctions: readonly Uint8Array[],
): Uint8Array {
  const label = encode(str, scheme === 'ed25519' ? 'Ed25519HDKD' : 'Secp256k1HDKD')
  return junctions.reduce(
    (one, junction) => blake2b(concatBytes(label, one, junction), { dkLen: 32 }),
    seed,
  )
}

/** A development account: `devKeypair('Alice')` is //Alice under the public phrase. The path is ours. */
export function devKeypair(name: string, scheme: AccountScheme = 'sr25519'): Keypair {
  const path = name.startsWith('//') ? name : `//${name}`
  return unwrap(deriveKeypair(scheme, DEV_SECRET, path), 'devKeypair')
}

/** The ed25519 seed of a development account, 32 bytes, for whoever signs by other means. */
export function devSeed(name: string): Uint8Array {
  return deriveSeed('ed25519', DEV_SECRET, [chainCode(name)])
}

/** What Rust reads as a u64 (an optional plus, any leading zeros) counts as a number. */
function chainCode(name: string): Uint8Array {
  const number = /^\+?\d+$/.test(name) ? BigInt(name.replace('+', '')) : MAX_U64 + 1n
  const encoded = number <= MAX_U64 ? encode(u64, number) : encode(str, name)
  if (encoded.length > 32) return blake2b(encoded, { dkLen: 32 })
  const code = new Uint8Array(32)
  code.set(encoded)
  return code
}

const MAX_U64 = 2n ** 64n - 1n
