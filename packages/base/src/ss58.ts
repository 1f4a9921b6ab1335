import { blake2b } from '@noble/hashes/blake2.js'
import { parseAccountId, type AccountId } from './brand.ts'
import { concatBytes, equalBytes, utf8 } from './bytes.ts'
import { err, ok, type Result } from './result.ts'

/** Tacit's address prefix, that of Phala in the SS58 registry. */
export const SS58_PREFIX = 30

/**
 * A text is not an address of this network: wrong characters or length, a checksum that does not
 * fit, or another network's prefix (given).
 */
export type AddressError =
  | { readonly code: 'address_malformed' }
  | { readonly code: 'address_checksum' }
  | { readonly code: 'address_prefix'; readonly prefix: number }

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
const CONTEXT = utf8('SS58PRE')
/** Prefix of two bytes, key of 32 bytes, checksum of two: at most 49 base-58 digits. */
const MAX_ADDRESS_LENGTH = 49

/**
 * The SS58 address of an account.
 * Spec: https://docs.polkadot.com/polkadot-protocol/basics/accounts/
 * @param prefix 0 to 16,383.
 */
export function accountIdToAddress(id: Uint8Array, prefix: number = SS58_PREFIX): string {
  const body = concatBytes(prefixBytes(prefix), id)
  return toBase58(concatBytes(body, checksum(body)))
}

/** Reads an address of the given network. */
export function parseAddress(
  text: string,
  prefix: number = SS58_PREFIX,
): Result<AccountId, AddressError> {
  const all = text.length <= MAX_ADDRESS_LENGTH ? fromBase58(text) : undefined
  const prefixLength = (all?.[0] ?? 0) < 64 ? 1 : 2
  if (all === undefined || all.length !== prefixLength + 34)
    return err({ code: 'address_malformed' })
  const body = all.subarray(0, -2)
  if (!equalBytes(checksum(body), all.subarray(-2))) return err({ code: 'address_checksum' })
  const found = readPrefix(body)
  if (found !== prefix) return err({ code: 'address_prefix', prefix: found })
  const id = parseAccountId(body.slice(prefixLength))
  return id.ok ? ok(id.value) : err({ code: 'address_malformed' })
}

function checksum(body: Uint8Array): Uint8Array {
  return blake2b(concatBytes(CONTEXT, body), { dkLen: 64 }).subarray(0, 2)
}

function prefixBytes(prefix: number): Uint8Array {
  if (prefix < 64) return Uint8Array.of(prefix)
  return Uint8Array.of(((prefix & 0xfc) >> 2) | 0x40, (prefix >> 8) | ((prefix & 3) << 6))
}

function readPrefix(body: Uint8Array): number {
  const first = body[0] ?? 0
  const second = body[1] ?? 0
  if (first < 64) return first
  return ((first & 0x3f) << 2) | (second >> 6) | ((second & 0x3f) << 8)
}

function toBase58(bytes: Uint8Array): string {
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  let text = ''
  for (; value > 0n; value /= 58n) text = ALPHABET.charAt(Number(value % 58n)) + text
  for (const byte of bytes) {
    if (byte !== 0) break
    text = `1${text}`
  }
  return text
}

function fromBase58(text: string): Uint8Array | undefined {
  let value = 0n
  for (const letter of text) {
    const digit = ALPHABET.indexOf(letter)
    if (digit < 0) return undefined
    value = value * 58n + BigInt(digit)
  }
  const bytes: number[] = []
  for (; value > 0n; value >>= 8n) bytes.unshift(Number(value & 0xffn))
  for (const letter of text) {
    if (letter !== '1') break
    bytes.unshift(0)
  }
  return Uint8Array.from(bytes)
}
